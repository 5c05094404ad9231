"""Staff screens for every page and role: built, spoken, one filled button, and nothing offered that may not be done."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from config.load import load_text
from config.texts import Catalogue
from drivers.errors import Code
from drivers.ports import Online, PrinterState
from drivers.service.cases import (
    PRIORITY,
    VERBS,
    Case,
    CaseKind,
    CaseState,
    CaseVerb,
    CloseReason,
    heading,
)
from drivers.service.roles import Act, Role, allowed
from drivers.service.view import RowsBody, Screen, Weight, actions_of
from kiosk import view
from kiosk.lending.state import Devices, Lending, Phase
from kiosk.staff.flow import VERB_ACT
from kiosk.staff.state import Cause, Note, Page, Service, Staff, Tab
from kiosk.view.rows import Words
from tests.simulation.rig import STATION

CONFIG = load_text(STATION).station
CATALOGUE = Catalogue.load()
WORDS = Words(CATALOGUE.keys(), ("da", "en", "ar"))
NOW = datetime(2026, 11, 3, 9, 42, 17, tzinfo=UTC)
WELL = Devices(pad=True, scanner=True, printer=PrinterState.READY, library=Online.ONLINE)


def case(kind: CaseKind, state: CaseState = CaseState.TAKEN) -> Case:
    closed = state is CaseState.CLOSED
    return Case(
        id=f"{kind.value}-{state.value}",
        kind=kind,
        subject="3846646425",
        priority=PRIORITY[kind],
        effect=None,
        trace="",
        state=state,
        seen=1,
        opened_at=NOW,
        taken_by="a",
        closed_by="a" if closed else None,
        closed_at=NOW if closed else None,
        reason=CloseReason.SOLVED if closed else None,
    )


def shown(staff: Staff, service: Service = Service()) -> Screen:
    state = Lending(phase=Phase.STAFF, devices=WELL, staff=staff, service=service)
    return view.screen(state, CONFIG, WORDS, NOW, 0.0)


def member(role: Role, page: Page, **more: object) -> Staff:
    cases = tuple(case(k, s) for k in CaseKind for s in (CaseState.OPEN, CaseState.TAKEN))
    closed = tuple(case(kind, CaseState.CLOSED) for kind in CaseKind)
    staff = Staff(page=page, member="a", role=role, cases=cases, closed=closed)
    return replace(staff, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", Page)
def test_a_screen_for_every_page_and_role(page: Page, role: Role) -> None:
    for tab in Tab:
        for cause in (None, *Cause):
            notes = (Note("pad", False, Code.PORT_GONE, NOW), Note("printer", True))
            screen = shown(
                Staff(page=page)
                if page in {Page.CARD, Page.PIN}
                else member(role, page, tab=tab, chosen="still_armed-taken"),
                Service(cause, NOW if cause else None, 3, notes),
            )
            assert screen.staff
            assert len(set(screen.focus)) == len(screen.focus)
            assert sum(a.weight is Weight.PRIMARY for a in actions_of(screen)) <= 1
            for said in screen.spoken:
                assert CATALOGUE.say(said, "da")


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("role", Role)
def test_a_case_offers_what_its_kind_can_and_the_role_may(kind: CaseKind, role: Role) -> None:
    screen = shown(member(role, Page.CASE, chosen=f"{kind.value}-taken"))
    offered = {a.id.removeprefix("staff.verb.") for a in screen.actions if ".verb." in a.id}
    wanted = {verb for verb in VERBS.get(kind, ()) if allowed(role, VERB_ACT[verb])}
    assert offered == {verb.value for verb in wanted}
    closes = any(a.id == "staff.reason" for a in screen.actions)
    assert closes == allowed(role, Act.CLOSE_CASE), "a case without a remedy can still be closed"
    assert CATALOGUE.say(heading(kind), "da")


def test_every_verb_needs_a_right_and_has_words() -> None:
    assert set(VERB_ACT) == set(CaseVerb)
    for verb in CaseVerb:
        assert f"staff.verb.{verb.value}" in CATALOGUE


def test_the_most_urgent_stands_first_and_is_the_filled_one() -> None:
    screen = shown(
        Staff(
            page=Page.CASES,
            member="a",
            role=Role.STAFF,
            cases=(
                case(CaseKind.STILL_ARMED, CaseState.OPEN),
                case(CaseKind.PAPER_OUT, CaseState.OPEN),
            ),
        )
    )
    assert isinstance(screen.body, RowsBody)
    first, second = screen.body.rows
    assert (first.mark.value, second.mark.value) == ("now", "today")
    assert [row.actions[0].weight for row in (first, second)] == [
        Weight.PRIMARY,
        Weight.SECONDARY,
    ]
