"""Verbs to SIP2 commands: which message, which fields, in this dialect. Pure.

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, "Messages". Order and empties follow what strict
servers demand: AC always in 09, 11, 23 and 29; a real date wherever a date stands; `|` after the last field.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Hold, Patron, Secret
from drivers.sip2.dialect import Dialect
from drivers.sip2.frames import DEVICE, sendable
from drivers.sip2.messages import Message, message
from drivers.sip2.moments import stamp

_LAST_MINUTE = time(23, 59, 59)
"""Until when an item may come back on its day."""
LISTS = ("holds", "overdue", "charged", "fines", "recalls", "unavailable_holds")
"""Places 0 to 5 of the summary in 63, and the counts in 64."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The station's side of every message: who we are and how this backend wants it."""

    dialect: Dialect
    institution: str
    location: str
    zone: ZoneInfo

    def status(self) -> Message:
        return message("99", status="0", print_width=self.dialect.print_width, version="2.00")

    def sign_in(self, card: Secret, pin: Secret, now: datetime) -> Message:
        """63 with the list of loans, or the 23 of a backend whose 64 tells more than a sign-in needs."""
        if self.dialect.sign_in_by == "63":
            return self.patron(card, pin, now, "charged")
        return self._message(
            "23",
            *self._whose(card),
            "AC",
            f"AD{sendable(pin.reveal())}",
            language=self.dialect.language,
            date=self._at(now),
        )

    def patron(
        self, card: Secret, pin: Secret, now: datetime, wanted: str = "", first: int = 1
    ) -> Message:
        """63: who this is, and one list of the account, entries from `first` on, or all lists at once."""
        summary = "".join("Y" if name == wanted else " " for name in LISTS).ljust(10)
        if self.dialect.parted:
            summary = "YYYYYYYYY "
        fields = [*self._whose(card), "AC", f"AD{sendable(pin.reveal())}"]
        if wanted:
            fields += [f"BP{first}", f"BQ{first + self.dialect.summary_page - 1}"]
        return self._message(
            "63", *fields, language=self.dialect.language, date=self._at(now), summary=summary
        )

    def item(self, item: str, now: datetime) -> Message:
        """17."""
        return self._message("17", *self._what(item), "AC", date=self._at(now))

    def borrow(
        self,
        patron: Patron,
        item: str,
        occurred: datetime,
        *,
        fee_ok: bool,
        cancel: bool,
        no_block: bool = False,
        nb_due: date | None = None,
    ) -> Message:
        """11. Policy N: a loan must not become a renewal behind our back.

        `no_block` says that it has happened already, at `occurred`, and that `nb_due` was promised.
        """
        return self._message(
            "11",
            *self._whose(patron.card),
            *self._what(item)[1:],
            "AC",
            f"AD{sendable(patron.pin.reveal())}",
            f"BO{_yes(fee_ok)}",
            f"BI{_yes(cancel)}",
            renewal_policy="N",
            no_block=_yes(no_block),
            date=self._at(occurred),
            nb_due=self._nb_due(occurred, nb_due),
        )

    def give_back(
        self, item: str, now: datetime, occurred: datetime, *, cancel: bool, no_block: bool
    ) -> Message:
        """09, with the moment of return, which a repetition keeps; one that happened offline has no other."""
        return self._message(
            "09",
            f"AP{sendable(self.location)}",
            *self._what(item),
            "AC",
            f"BI{_yes(cancel)}",
            no_block=_yes(no_block),
            date=self._at(occurred if no_block else now),
            return_date=self._at(occurred),
        )

    def renew(self, patron: Patron, item: str, occurred: datetime) -> Message:
        """29."""
        return self._message(
            "29",
            *self._whose(patron.card),
            f"AD{sendable(patron.pin.reveal())}",
            *self._what(item)[1:],
            "AC",
            "BON",
            third_party="N",
            no_block="N",
            date=self._at(occurred),
            nb_due=self._nb_due(occurred),
        )

    def renew_all(self, patron: Patron, occurred: datetime) -> Message:
        """65."""
        return self._message("65", *self._signed(patron), "BON", date=self._at(occurred))

    def hold(self, patron: Patron, item: str, occurred: datetime, *, pickup: str) -> Message:
        """15 with `+`: a hold on any copy."""
        fields = [*self._whose(patron.card), *self._what(item)[1:]]
        if pickup:
            fields.append(f"BS{sendable(pickup)}")
        fields += ["BY2", f"AD{sendable(patron.pin.reveal())}", "AC", "BON"]
        return self._message("15", *fields, mode="+", date=self._at(occurred))

    def cancel(self, patron: Patron, hold: Hold, occurred: datetime) -> Message:
        """15 with `-`: named by its item (AB), or by its title (AJ) where any copy would do."""
        if hold.item:
            what = self._what(hold.item)[1]
        elif title := sendable(hold.record or hold.title):
            what = f"AJ{title}"
        else:
            raise LocalProtocolError(DEVICE, Code.WIRE_GARBLED, "a hold on nothing")
        fields = [*self._whose(patron.card), what]
        fields += [f"AD{sendable(patron.pin.reveal())}", "AC", "BON"]
        return self._message("15", *fields, mode="-", date=self._at(occurred))

    def pay(self, patron: Patron, amount: int, transaction: str, occurred: datetime) -> Message:
        """37: paid by card, fee of no particular kind; BK lets staff find it again."""
        return self._message(
            "37",
            f"BV{amount // 100}.{amount % 100:02}",
            *self._signed(patron),
            f"BK{sendable(transaction)}",
            date=self._at(occurred),
            fee_type="01",
            payment_type="02",
            currency=self.dialect.currency,
        )

    def block_card(self, card: Secret, reason: str, occurred: datetime) -> Message:
        """01, the card not retained. The reason is cut to what a field holds."""
        return self._message(
            "01",
            f"AO{self.institution}",
            f"AL{sendable(reason)[:80]}",
            f"AA{sendable(card.reveal())}",
            "AC",
            card_retained="N",
            date=self._at(occurred),
        )

    def placed(self, item: str, place: str, field: str, now: datetime) -> Message:
        """19, with the place in a field: the item's properties (CH), which the message must have, or one beside them."""
        told = f"{field}{sendable(place)}"
        fields = (told, "AC") if field == "CH" else ("CH", "AC", told)
        return self._message("19", *self._what(item), *fields, date=self._at(now))

    def end(self, patron: Patron, now: datetime) -> Message:
        """35."""
        return self._message("35", *self._signed(patron), date=self._at(now))

    def _message(self, id_: str, *fields: str, **fixed: str) -> Message:
        if layout := self.dialect.layouts.get(id_):
            given = {each[:2]: each for each in fields}
            # what the borrower agreed to is said, also where no layout was seen with it
            agreed = tuple(each for each in fields if each == "BOY")
            fields = (*(given.get(name, name) for name in layout), *agreed)
        elif never := self.dialect.never:
            fields = tuple(each for each in fields if each[:2] not in never)
        return message(id_, *fields, **fixed)

    def _whose(self, card: Secret) -> tuple[str, str]:
        return f"AO{self.institution}", f"AA{sendable(card.reveal())}"

    def _what(self, item: str) -> tuple[str, str]:
        """Raises LocalProtocolError when nothing of the item's number can be sent."""
        number = sendable(item)
        if not number:
            raise LocalProtocolError(DEVICE, Code.WIRE_GARBLED, "no item number")
        return f"AO{self.institution}", f"AB{number}"

    def _signed(self, patron: Patron) -> tuple[str, ...]:
        return (*self._whose(patron.card), f"AD{sendable(patron.pin.reveal())}", "AC")

    def _at(self, moment: datetime) -> str:
        return stamp(moment, self.zone, self.dialect.clock)

    def _nb_due(self, occurred: datetime, promised: date | None = None) -> str:
        if promised is not None:
            return self._at(datetime.combine(promised, _LAST_MINUTE, self.zone))
        return self._at(occurred + timedelta(days=self.dialect.nb_due_days))


def _yes(value: bool) -> str:
    return "Y" if value else "N"
