"""The screen of what a person owes: the sum first, then what it is for, then how it is paid."""

from dataclasses import replace

from config.station import Station
from config.texts import Money, Text, text, verbatim
from drivers.ports import Fee
from drivers.service.view import (
    Action,
    Link,
    Mark,
    Row,
    RowsBody,
    Screen,
    TimeClass,
    Weight,
)
from kiosk.lending import paying
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, finish, finish_caption, secondary, tabs
from kiosk.view.top import greeting, visit_banner


def fees(state: Lending, station: Station) -> Screen:
    visit = state.visit
    ending = visit.choice is not None
    link: Link | None = None
    lead: Text | None = None
    rows: tuple[Row, ...] = ()
    if visit.fetching and not visit.listed:
        title = text("account.waiting")
    elif visit.notice:
        title, lead = text("tab.fees"), text(visit.notice)
    elif not visit.owed:
        title = text("fees.none")
    else:
        title = text("fees.total", sum=Money(visit.owed))
        rows = fee_rows(visit.fees, visit.owed)
        address = station.lending.payment_url
        if not visit.untold:
            link = Link(address, text("fees.online", site=site(address)))
    if visit.untold and not visit.fetching:
        title, lead = text("pay.held"), text("pay.held.line")
    rows += _paid(visit.paid, visit.untold)
    ways = finish(state, station, finishing=ending, anything=bool(rows))
    pays = station.devices.terminal is not None and paying.may_pay(state) and paying.works(state)
    return Screen(
        "fees",
        title,
        RowsBody(rows=rows, link=link),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        corner=greeting(state),
        banner=visit_banner(state, station),
        caption=text("pay.caption") if pays else finish_caption(state),
        tabs=tabs(state, station),
        actions=_with_payment(state, station, ways),
        assist=assist(state),
    )


def _with_payment(state: Lending, station: Station, ways: tuple[Action, ...]) -> tuple[Action, ...]:
    """Paying comes first and is the one filled button; where it cannot be, it says why."""
    if station.devices.terminal is None or not paying.may_pay(state):
        return ways
    if not paying.works(state):
        short = secondary("pay.begin", "pay.begin.short", "payments")
        return (*ways, replace(short, reason=text("pay.down.short")))
    label = text("pay.begin", sum=Money(state.visit.owed))
    # one receipt and none: more would not leave each its size
    left = dict.fromkeys((ways[0], ways[-1]))
    others = tuple(replace(way, weight=Weight.SECONDARY) for way in left)
    return (Action("pay.begin", label, Weight.PRIMARY, "payments"), *others)


def _paid(paid: int, untold: int) -> tuple[Row, ...]:
    """What has been paid at this machine; it stands here before it stands in the library's books."""
    rows: tuple[Row, ...] = ()
    if paid - untold > 0:
        amount = text("fees.amount", sum=Money(paid - untold))
        rows += (Row("paid", Mark.DONE, text("fees.paid"), amount),)
    if untold:
        amount = text("fees.amount", sum=Money(untold))
        later = text("fees.untold")
        rows += (Row("untold", Mark.LATER, text("fees.paid"), amount, detail=later),)
    return rows


def fee_rows(fees: tuple[Fee, ...], owed: int) -> tuple[Row, ...]:
    """Every line, and what the sum holds beyond them, so that lines and sum always agree."""
    rows = [
        Row(
            f"f{n}",
            Mark.NONE,
            verbatim(fee.title) if fee.title else text("fees.unnamed"),
            text("fees.amount", sum=Money(fee.amount)),
        )
        for n, fee in enumerate(fees, 1)
    ]
    rest = owed - sum(fee.amount for fee in fees)
    if rest > 0 and rows:
        rows.append(Row("f0", Mark.NONE, text("fees.rest"), text("fees.amount", sum=Money(rest))))
    return tuple(rows)


def site(address: str) -> str:
    """A web address as people say it: its host."""
    return address.partition("://")[2].partition("/")[0].removeprefix("www.")
