"""What FBS answers to each SIP2 command: one message in, one out, the library changed.

Source: answers recorded in public code bibboxen/bibbox, test/fixtures/fbs.js (98 24 64 12 10 30 66). The
shapes of 18, 16, 38, 36 and of a renewal that succeeds, the fee in 12 and the agreement to it in 11, and the codes beyond the two that
were recorded, are assumed. Not modelled: cancelling (BI), recalls, the day on which a fine was made: it bears today's.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from hw_sim.ils.codec import Message, moment, stamp
from hw_sim.ils.fbs_manner import FbsManner
from hw_sim.ils.manner import COMMANDS
from hw_sim.ils.model import Library
from hw_sim.ils.stock import Fee, Hold, Item, Lent, Loan, Patron

Fields = list[tuple[str, str]]

UNSUPPORTED = frozenset({"19", "25", "93", "97"})
"""19 and 25 are N in BX; 93 and 97 have no meaning where there is no connection, though BX says Y."""

_NOT_IN_BX = frozenset({"19", "25"})
_LISTS = ("AS", "AT", "AU", "AV", "BU", "CD")
"""Lists of a borrower in the order of the counts in 64."""
_UNLIMITED, _FEE_LIMIT = "9999", "220.00"
_HOLD_DAYS, _INTEREST_DAYS = 7, 180
"""How long a hold waits on its shelf, and how long one in the queue stands, where nothing else is said."""

_CODES = {
    "item.unknown": "MATERIAL_NOT_FOUND",
    "loan.repeated": "BEFORE_RENEW_PERIOD",
    "renew.too_early": "BEFORE_RENEW_PERIOD",
    "renew.limit": "MAX_RENEWALS_REACHED",
    "renew.not_yours": "MATERIAL_NOT_FOUND",
    "patron.unknown": "LOANER_NOT_FOUND",
    "patron.blocked": "LOANER_IS_BLOCKED",
    "item.not_for_loan": "MATERIAL_IS_NOT_LOANABLE",
}
_OTHER_CODE = "OTHER_REASON"
_RESERVED, _SENT = "Reserveret", "Sendes til {}"

_KINDS = {"005": ("m", "th"), "006": ("s", "xc"), "007": ("r", "xe")}
"""Media type -> general and special material designation (GMB, SMB); a book is `a`, `xx`."""


class FbsAnswers:
    """The answer to each command, by its id. Transaction dates come back as they were given."""

    def __init__(
        self,
        library: Library,
        manner: FbsManner,
        now: Callable[[], datetime],
        rng: random.Random,
    ) -> None:
        """`now` is the library's own clock; `rng` makes transaction ids (BK)."""
        self.library = library
        self._manner = manner
        self._now = now
        self._rng = rng
        self._table = {
            "99": self._status,
            "23": self._patron_status,
            "63": self._patron_information,
            "01": self._block,
            "11": self._checkout,
            "29": self._renew,
            "65": self._renew_all,
            "09": self._checkin,
            "17": self._item_information,
            "15": self._hold,
            "37": self._fee_paid,
            "35": self._end,
        }

    def answer(self, asked: Message) -> Message:
        """Do what the command says and answer it. Raises KeyError for one that FBS does not know."""
        return self._table[asked.id](asked)

    # --- the library system ---------------------------------------------------------------------------

    def _status(self, asked: Message) -> Message:
        return self.status(online=True)

    def status(self, *, online: bool) -> Message:
        """98: the only answer that bears FBS's own time."""
        yes = "Y" if online else "N"
        supported = "".join("N" if command in _NOT_IN_BX else "Y" for command in COMMANDS)
        block = {
            "online": yes,
            "checkin_ok": yes,
            "checkout_ok": yes,
            "renewal_policy": yes,
            "status_update_ok": yes,
            "offline_ok": "Y",
            "timeout": "600" if online else "000",
            "retries": "999",
            "date": stamp(self._now()),
            "version": "2.00",
        }
        manner = self._manner
        fields = [("AO", manner.institution), ("AM", manner.name), ("BX", supported)]
        return Message("98", block, _clean(manner, fields))

    def _end(self, asked: Message) -> Message:
        ended = self.library.end(asked.get("AA"), self._now())
        return self._say("36", asked, {"ended": _yes(ended)}, [("AA", asked.get("AA"))])

    # --- borrowers ------------------------------------------------------------------------------------

    def _patron_status(self, asked: Message) -> Message:
        patron = self.library.sign_in("23", asked.get("AA"), asked.get("AD"), self._now())
        known, right = self._known(patron, asked)
        return self._say("24", asked, self._patron_block(known), self._patron(known, asked, right))

    def _block(self, asked: Message) -> Message:
        patron = self.library.block(asked.get("AA"), self._now())
        fields = self._patron(patron, asked, patron is not None)
        return self._say("24", asked, self._patron_block(patron), fields)

    def _known(self, patron: Patron | None, asked: Message) -> tuple[Patron | None, bool]:
        """The borrower as far as FBS admits to one, and whether the PIN was right."""
        right = patron is not None and self.library.pin_right(patron, asked.get("AD"))
        hidden = not right and self._manner.wrong_pin == "unknown"
        return None if hidden else patron, right

    def _patron_block(self, patron: Patron | None) -> dict[str, str]:
        flags = self.library.flags(patron) if patron else frozenset()
        return {"patron_status": "".join("Y" if place in flags else " " for place in range(14))}

    def _patron(
        self, patron: Patron | None, asked: Message, right: bool, limits: Fields | None = None
    ) -> Fields:
        if patron is None:
            return [("AA", f"ANY:{asked.get('AA')}"), ("BL", "N"), ("CQ", "N")]
        name = [("AA", f"LN:{patron.card}"), ("AE", patron.name)]
        return [*name, *(limits or ()), ("BL", "Y"), ("CQ", _yes(right))]

    def _patron_information(self, asked: Message) -> Message:
        found = self.library.sign_in("63", asked.get("AA"), asked.get("AD"), self._now())
        patron, right = self._known(found, asked)
        lists: dict[str, list[str]] = {name: [] for name in _LISTS}
        limits: Fields = []
        more: Fields = []
        if patron and right:
            lists, limits = self._lists(patron), self._limits(patron)
            more = [*self._money(patron), *_listed(lists), *self._person(patron)]
        counts = dict(
            zip(
                ("holds", "overdue", "charged", "fines", "recalls", "unavailable_holds"),
                (f"{min(len(entries), 9999):04}" for entries in lists.values()),
                strict=True,
            )
        )
        fields = [*self._patron(patron, asked, right, limits), *more]
        return self._say("64", asked, {**self._patron_block(patron), **counts}, fields)

    def _lists(self, patron: Patron) -> dict[str, list[str]]:
        """The six lists, in the order of the counts. Overdue loans stand in AT, in AU and in BU."""
        library, today = self.library, self._now().date()
        loans = library.loans_of(patron)
        overdue = [self._loan(loan) for loan in loans if loan.due < today]
        entries = (
            [self._ready(hold) for hold in library.holds_of(patron, ready=True)],
            overdue,
            [self._loan(loan) for loan in loans],
            [self._fine(fee) for fee in library.fees_of(patron)],
            overdue,
            [self._queued(hold) for hold in library.holds_of(patron, ready=False)],
        )
        return dict(zip(_LISTS, entries, strict=True))

    def _limits(self, patron: Patron) -> Fields:
        hold, charged = (
            _UNLIMITED if limit is None else f"{limit:04}"
            for limit in (patron.hold_limit, patron.charged_limit)
        )
        return [("BZ", hold), ("CA", _UNLIMITED), ("CB", charged)]

    def _money(self, patron: Patron) -> Fields:
        limit = _FEE_LIMIT if patron.fee_limit is None else f"{patron.fee_limit:.2f}"
        owed = f"{self.library.owed(patron):.2f}"
        return [("BH", self.library.rules.currency), ("BV", owed), ("CC", limit)]

    def _person(self, patron: Patron) -> Fields:
        text = self._manner.text
        pairs = (("BD", text(patron.address)), ("BE", patron.email), ("PB", patron.born))
        return [(name, value) for name, value in pairs if value]

    # --- entries of lists, parted by % ----------------------------------------------------------------

    def _loan(self, loan: Loan) -> str:
        return f"{loan.item}%{loan.due:%Y%m%d}%{self._about(loan.item)}"

    def _ready(self, hold: Hold) -> str:
        shelf = hold.shelf or self.library.holds.index(hold) + 1
        until = hold.expires or self._now().date() + timedelta(days=_HOLD_DAYS)
        place = f"{self._manner.institution} - {hold.pickup}"
        about = self._about(hold.item)
        return f"{self._faust(hold.item)}%{hold.item}%{shelf}%{until:%Y%m%d}%{place}%{about}"

    def _queued(self, hold: Hold) -> str:
        until = hold.expires or self._now().date() + timedelta(days=_INTEREST_DAYS)
        item = "" if hold.title else hold.item
        return f"{self._faust(hold.item)}%{item}%{until:%Y%m%d}%{self._about(hold.item)}"

    def _fine(self, fee: Fee) -> str:
        about = self._about(fee.item) if fee.item else "%%%%"
        return f"{fee.item}%{fee.id}%{self._now():%Y%m%d}%{fee.amount:.2f}%{about}"

    def _about(self, item_id: str) -> str:
        """Title % author % GMB % SMB % DK5. A `%` in a title is sent as it is."""
        item = self.library.items[item_id]
        general, special = _KINDS.get(item.media, ("a", "xx"))
        text = self._manner.text
        return f"{text(item.title)}%{text(item.author)}%{general}%{special}%{item.call_number}"

    def _faust(self, item_id: str) -> str:
        return self.library.items[item_id].faust or item_id[-8:].zfill(8)

    # --- lending --------------------------------------------------------------------------------------

    def _checkout(self, asked: Message) -> Message:
        now = self._now()
        lent = self.library.checkout(
            asked.get("AA"),
            asked.get("AB"),
            now,
            pin=asked.get("AD"),
            no_block=asked.block["no_block"] == "Y",
            nb_due=self._day(asked.block["nb_due"]),
            fee_ok=asked.get("BO") == "Y",
            occurred=moment(asked.block["date"], now),
        )
        return self._lent("12", asked, lent)

    def _renew(self, asked: Message) -> Message:
        now = self._now()
        lent = self.library.renew(
            asked.get("AA"),
            asked.get("AB"),
            now,
            pin=asked.get("AD"),
            no_block=asked.block["no_block"] == "Y",
            nb_due=self._day(asked.block["nb_due"]),
            occurred=moment(asked.block["date"], now),
        )
        return self._lent("30", asked, lent)

    def _lent(self, message_id: str, asked: Message, lent: Lent) -> Message:
        ok, item = not lent.reason, lent.item
        block = {
            "ok": "1" if ok else "0",
            "renewal_ok": _yes(lent.renewed),
            "magnetic": "U",
            "desensitize": _yes(ok and item is not None and not item.stay_armed),
        }
        fields = [("AA", asked.get("AA")), ("AB", asked.get("AB"))]
        if item:
            fields.append(("AJ", self._faust(item.id)))
            fields.append(("AH", _day_of(lent.due) if lent.due else ""))
            fields.append(("CH", self._about(item.id)))
        if lent.fee is not None:
            fields += [("BT", "06"), ("BH", self.library.rules.currency)]
            fields.append(("BV", f"{lent.fee:.2f}"))
        fields.append(("BK", str(UUID(int=self._rng.getrandbits(128), version=4))))
        return self._say(message_id, asked, block, [*fields, *self._why(lent.reason)])

    def _renew_all(self, asked: Message) -> Message:
        reason, renewed, refused = self.library.renew_all(
            asked.get("AA"), self._now(), pin=asked.get("AD")
        )
        block = {
            "ok": "0" if reason else "1",
            "renewed": f"{len(renewed):04}",
            "unrenewed": f"{len(refused):04}",
        }
        loans = self.library.loans
        fields = [("BM", self._loan(loans[item])) for item in renewed]
        for item in refused:
            due = f"{loans[item].due:%Y%m%d}"
            fields.append(("BN", f"{item}%UNSUCCESSFUL%{due}%{self._about(item)}"))
        return self._say("66", asked, block, [*fields, *self._why(reason)])

    def _checkin(self, asked: Message) -> Message:
        now, library, item_id = self._now(), self.library, asked.get("AB")
        before = library.loans.get(item_id)
        taken = library.checkin(
            item_id,
            now,
            place=asked.get("AP"),
            no_block=asked.block["no_block"] == "Y",
            occurred=moment(asked.block["return_date"], now) or moment(asked.block["date"], now),
        )
        item = taken.item
        block = {
            "ok": "0" if taken.reason else "1",
            "resensitize": _yes(item is not None),
            "magnetic": "U",
            "alert": "N",
        }
        fields = [("AB", item_id)]
        if item:
            fields += [("AQ", _place(item)), ("AJ", self._faust(item_id))]
            fields += [("AA", f"LN:{before.card}")] if before else []
            fields += [("CH", self._about(item_id))]
        if taken.sort_bin:
            fields.append(("CL", taken.sort_bin))
        if taken.alert == "01":
            fields.append(("AF", _RESERVED))
        elif taken.alert in {"02", "04"}:
            fields.append(("AF", self._manner.text(_SENT.format(taken.destination))))
        else:
            fields += self._why(taken.reason)
        return self._say("10", asked, block, fields)

    # --- holds, fees, items ---------------------------------------------------------------------------

    def _hold(self, asked: Message) -> Message:
        title = next(
            (i.title for i in self.library.items.values() if self._faust(i.id) == asked.get("AJ")),
            "",
        )
        held = self.library.hold(
            asked.block["mode"],
            asked.get("AA"),
            asked.get("AB"),
            self._now(),
            pin=asked.get("AD"),
            title=title,
            pickup=self.library.here(asked.get("BS")),
            any_copy=asked.get("BY") in {"2", "4"},
            expires=self._day(asked.get("BW")),
        )
        fields = [("AA", asked.get("AA"))]
        if held.item:
            fields += [("AB", held.item.id), ("AJ", self._faust(held.item.id))]
        if held.place:
            fields += [("BR", str(held.place)), ("BS", held.pickup)]
        block = {"ok": "0" if held.reason else "1", "available": _yes(held.ready)}
        return self._say("16", asked, block, [*fields, *self._why(held.reason)])

    def _fee_paid(self, asked: Message) -> Message:
        transaction = asked.get("BK")
        reason = self.library.pay(
            asked.get("AA"),
            asked.get("BV"),
            self._now(),
            fee_id=asked.get("CG"),
            transaction=transaction,
        )
        fields = [("AA", asked.get("AA")), ("BK", transaction), *self._why(reason)]
        return self._say("38", asked, {"accepted": _yes(not reason)}, fields)

    def _item_information(self, asked: Message) -> Message:
        item_id = asked.get("AB")
        item = self.library.look_up(item_id, self._now())
        block = {"circulation": "01", "security": "00", "fee_type": "01"}
        fields = [("AB", item_id)]
        if item:
            block["circulation"] = item.status
            loan = self.library.loans.get(item_id)
            fields.append(("AJ", self._faust(item_id)))
            fields += [("AH", _day_of(loan.due))] if loan else []
            fields += [("AQ", _place(item)), ("CH", self._about(item_id))]
        else:
            fields += [("AJ", ""), *self._why("item.unknown")]
        return self._say("18", asked, block, fields)

    # --- parts of answers -----------------------------------------------------------------------------

    def _say(
        self, message_id: str, asked: Message, block: dict[str, str], fields: Fields
    ) -> Message:
        institution = self._manner.institution or asked.get("AO")
        shared = {"language": asked.block.get("language", "009"), "date": asked.block["date"]}
        whole = _clean(self._manner, [("AO", institution), *fields])
        return Message(message_id, {**shared, **block}, whole)

    def _why(self, reason: str) -> Fields:
        if not reason:
            return []
        if reason == "item.reserved":
            return [("AF", _RESERVED)]
        return [("AF", self._manner.code(_CODES.get(reason, _OTHER_CODE)))]

    def _day(self, text: str) -> date | None:
        at = moment(text, self._now())
        return at.date() if at else None


def _clean(manner: FbsManner, fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, manner.value(value)) for name, value in fields)


def _listed(lists: dict[str, list[str]]) -> Fields:
    """Every entry as a field of its own; an empty list as an empty field."""
    return [(name, entry) for name, entries in lists.items() for entry in entries or [""]]


def _place(item: Item) -> str:
    """Branch % department % location % sublocation; the last may be empty."""
    return "%".join([item.location, *item.collection.split("%"), "", "", ""][:4])


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _day_of(day: date) -> str:
    return f"{day:%Y%m%d}    000000"
