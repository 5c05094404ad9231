"""What is kept of a payment beside its effects: how much, and the numbers by which others know it. Nobody's.

Two effects stand for each: PAY, the money, and TELL_PAID, that the library system knows of it. Their `item` is the
payment's reference, which the library system is told as its transaction (SIP2 BK).
"""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, update

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Booking, Txn

metadata = MetaData()

payments = Table(
    "payments",
    metadata,
    Column("reference", Text, primary_key=True, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("before", Integer),
    Column("receipt", Integer),
    Column("owed", Integer),
    sqlite_strict=True,
)


@dataclass(frozen=True, slots=True)
class Money:
    """One payment. Amounts are hundredths of the currency."""

    reference: str
    amount: int
    before: int | None
    """Number of the newest booking of the terminal when it was begun; None where it had none."""
    receipt: int | None = None
    """The terminal's number of this one, once it is booked."""
    owed: int | None = None
    """What the library system said is owed, right before it was told."""


def begin(txn: Txn, reference: str, amount: int, before: Booking | None) -> Money:
    """Money is about to be asked for."""
    money = Money(reference, amount, None if before is None else before.receipt)
    txn.connection.execute(
        insert(payments),
        {"reference": reference, "amount": amount, "before": money.before},
    )
    return money


def booked(txn: Txn, reference: str, booking: Booking) -> Money:
    """The terminal has taken it."""
    return _set(txn, reference, receipt=booking.receipt)


def about_to_tell(txn: Txn, reference: str, owed: int | None) -> Money:
    """What is owed, as the library system says right before it is told."""
    return _set(txn, reference, owed=owed)


def money(txn: Txn, reference: str) -> Money:
    """One payment. Raises LocalProtocolError when there is none of this reference."""
    row = txn.connection.execute(
        select(payments).where(payments.c.reference == reference)
    ).one_or_none()
    if row is None:
        raise LocalProtocolError("store", Code.BUG, "no payment of this reference")
    return Money(row.reference, row.amount, row.before, row.receipt, row.owed)


def _set(txn: Txn, reference: str, **values: int | None) -> Money:
    txn.connection.execute(
        update(payments).where(payments.c.reference == reference).values(**values)
    )
    return money(txn, reference)
