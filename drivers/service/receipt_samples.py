"""Receipts to look at: for `ims printer receipt`, for pictures and for tests. Nobody's, and never of today."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from drivers.service.receipt import Kind, LineState, Receipt, ReceiptLine, receipt

AT = datetime(2026, 11, 3, 10, 44, tzinfo=ZoneInfo("Europe/Copenhagen"))
ACCOUNT = "https://odensebib.dk/user/me"

_LOANS = (
    ReceiptLine("Frøken Frosts sidste rejse", due=date(2026, 12, 1)),
    ReceiptLine("Lykke-Per", due=date(2026, 12, 1)),
    ReceiptLine("Nordens fugle i felten", due=date(2026, 12, 1)),
    ReceiptLine("Rødgrød på Ærø", due=date(2026, 12, 1)),
    ReceiptLine("Skak for begyndere", due=date(2026, 12, 1), parts=3),
    ReceiptLine("Havets hus", due=date(2026, 11, 10)),
)
_REFUSED = ReceiptLine("Danmarks historie i 50 kort", LineState.REFUSED, "item.reserved")


def _loan(*lines: ReceiptLine) -> Receipt:
    return receipt(Kind.LOAN, "Borgernes Hus", "Automat 2", AT, lines, account_link=ACCOUNT)


SAMPLES: dict[str, Receipt] = {
    "loan": _loan(*_LOANS),
    "refused": _loan(*_LOANS, _REFUSED),
    "arabic": replace(_loan(*_LOANS, _REFUSED), language="ar"),
    "long": _loan(
        *(
            ReceiptLine(
                f"Bind {n}: En meget lang titel – om “alt” det, der ikke kan stå på én linje … og mere",
                due=date(2026, 12, n),
            )
            for n in range(1, 21)
        )
    ),
}
"""By name."""


def letters_page(at: datetime, library: str, machine: str) -> Receipt:
    """What a technician prints: the letters that go wrong when the code page is not the right one."""
    lines = (
        ReceiptLine("æøå ÆØÅ éÉ äöüß €"),
        ReceiptLine("– — “ ” „ ‘ ’ … • « »"),
        ReceiptLine("0123456789 " * 4),
    )
    return receipt(Kind.TEST, library, machine, at, lines, account_link=ACCOUNT)
