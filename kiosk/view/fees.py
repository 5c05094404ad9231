"""The screen of what a person owes: the sum first, then what it is for, then how it is paid."""

from config.station import Station
from config.texts import Money, Text, text, verbatim
from drivers.ports import Fee
from drivers.service.view import Link, Mark, Row, RowsBody, Screen, TimeClass
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, finish, finish_caption, tabs
from kiosk.view.top import greeting, visit_banner


def fees(state: Lending, station: Station) -> Screen:
    visit = state.visit
    ending = visit.choice is not None
    link: Link | None = None
    lead: Text | None = None
    rows: tuple[Row, ...] = ()
    if visit.fetching:
        title = text("account.waiting")
    elif visit.notice:
        title, lead = text("tab.fees"), text(visit.notice)
    elif not visit.owed:
        title = text("fees.none")
    else:
        title = text("fees.total", sum=Money(visit.owed))
        rows = fee_rows(visit.fees, visit.owed)
        address = station.lending.payment_url
        link = Link(address, text("fees.online", site=site(address)))
    return Screen(
        "fees",
        title,
        RowsBody(rows=rows, link=link),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        corner=greeting(state),
        banner=visit_banner(state, station),
        caption=finish_caption(state),
        tabs=tabs(state),
        actions=finish(state, station, finishing=ending, anything=bool(rows)),
        assist=assist(state),
    )


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
