"""The account at the window: what stands there by role and name, and a code that a telephone reads."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible

from config.load import load_text
from config.texts import Catalogue
from drivers.ports import Fee, Hold, HoldState, Online, Patron, PrinterState, Secret
from drivers.service.view import Screen
from kiosk import view
from kiosk.lending.helds import Held
from kiosk.lending.state import Devices, Lending, Phase, Visit
from kiosk.view.rows import Words
from tests.conftest import tool
from tests.simulation.rig import STATION

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

KAREN = Patron(Secret("1234567890"), Secret("1234"), Secret("Karen Testesen"))
HOLDS = (
    Held(
        "h1",
        Hold("1", "Lykke-Per", HoldState.READY, shelf="7", until=date(2026, 11, 10)),
    ),
    Held("h2", Hold("2", "Havets hus", HoldState.READY, branch="Dalum")),
    Held("h3", Hold("", "Skak for begyndere", HoldState.WAITING, "06850537", waiting=3)),
)


def shown(phase: Phase) -> Screen:
    catalogue = Catalogue.load()
    state = Lending(
        phase=phase,
        visit=Visit(patron=KAREN, fresh=True, fees=(Fee("Lykke-Per", 1250),), owed=3250),
        helds=HOLDS,
        devices=Devices(pad=True, scanner=True, printer=PrinterState.READY, library=Online.ONLINE),
    )
    station = load_text(STATION).station
    words = Words(catalogue.keys(), ("da", "en", "de", "uk", "ar"))
    return view.screen(state, station, words, datetime(2026, 11, 3, tzinfo=UTC), 0.0)


def test_parts_of_the_account_are_chosen_by_name_and_the_shown_one_says_so(stage: "Stage") -> None:
    stage.show(shown(Phase.HOLDS))
    radio = QAccessible.Role.RadioButton
    for name in ("Lån", "Mine lån", "Gebyrer"):
        stage.reader.press(name, radio)
    assert stage.pressed() == ["show.borrow", "show.loans", "show.fees"]
    assert stage.reader.find("Reserveret", radio).checked


def test_a_hold_tells_where_it_stands_and_is_cancelled_by_name(stage: "Stage") -> None:
    stage.show(shown(Phase.HOLDS))
    lines = " ".join(stage.reader.texts())
    for words in ("Nummer 7 på hylden", "Klar på Dalum", "3 venter på den", "1 klar til dig"):
        assert words in lines
    stage.reader.press("Annullér reserveringen af Skak for begyndere")
    assert stage.pressed() == ["cancel.h3"]


def test_lines_and_sum_of_the_fees_agree(stage: "Stage") -> None:
    stage.show(shown(Phase.FEES))
    texts = stage.reader.texts()
    assert "Du skylder 32,50 kr." in [text.translate({0x2066: "", 0x2069: ""}) for text in texts]
    assert any("Lykke-Per. 12,50 kr." in text for text in texts)
    assert any("Andre gebyrer. 20,00 kr." in text for text in texts)


@pytest.mark.parametrize("theme", ["light", "high_contrast"])
def test_the_way_to_pay_can_be_scanned(stage: "Stage", theme: str, tmp_path: Path) -> None:
    """What a telephone sees of the window."""
    zbarimg = tool("zbarimg")
    stage.show(shown(Phase.FEES), theme=theme)
    picture = tmp_path / "window.png"
    stage.grab(picture)
    read = subprocess.run(
        [zbarimg, "--quiet", "--raw", str(picture)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert read.stdout.strip() == "https://odensebib.dk/user/me/fees"
