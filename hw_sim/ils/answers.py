"""What the library system answers to each SIP2 command: one message in, one out, the library changed.

Source: 3M Standard Interchange Protocol 2.00, revision 2.12. The sorting fields CL CR CS CT CV CY DA follow
3M's extensions as Koha and Evergreen send them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from hw_sim.ils.codec import Message, moment, stamp
from hw_sim.ils.manner import COMMANDS, Manner
from hw_sim.ils.model import Library
from hw_sim.ils.stock import Fee, Item, Lent, Patron, Taken

_TEXTS = {
    "patron.unknown": ("Låneren kendes ikke", "The borrower is not known"),
    "patron.pin": ("Forkert pinkode", "Wrong PIN"),
    "patron.blocked": ("Kortet er spærret", "The card is blocked"),
    "patron.card_lost": ("Kortet er meldt tabt", "The card is reported lost"),
    "patron.too_many": ("Du har lånt så meget, du kan", "You have borrowed all you may"),
    "patron.too_many_holds": ("Du har for mange reserveringer", "You have too many holds"),
    "patron.fees": ("Du skylder for meget", "You owe too much"),
    "patron.no_loans": ("Du kan ikke låne", "You may not borrow"),
    "patron.no_renewals": ("Du kan ikke forny", "You may not renew"),
    "patron.no_holds": ("Du kan ikke reservere", "You may not place holds"),
    "item.unknown": ("Materialet kendes ikke", "The item is not known"),
    "item.not_for_loan": ("Materialet udlånes ikke", "The item is not for loan"),
    "item.not_available": ("Materialet kan ikke udlånes nu", "The item cannot be lent now"),
    "item.on_loan": ("Materialet er udlånt", "The item is on loan"),
    "item.not_on_loan": ("Materialet er ikke udlånt", "The item is not on loan"),
    "item.reserved": ("Reserveret", "Reserved"),
    "fee.unagreed": ("Lånet koster et gebyr", "There is a fee for this loan"),
    "fee.wrong_amount": ("Beløbet passer ikke", "The amount does not fit"),
    "loan.repeated": ("Du har allerede lånt materialet", "You have this item already"),
    "loan.not_returned": ("Intet at fortryde", "Nothing to undo"),
    "renew.not_yours": ("Lånet er ikke dit", "The loan is not yours"),
    "renew.limit": ("Kan ikke fornyes flere gange", "No renewals are left"),
    "renew.too_early": ("Det er for tidligt at forny", "It is too early to renew"),
    "hold.exists": ("Du har allerede reserveret", "You have a hold already"),
    "hold.unknown": ("Reserveringen findes ikke", "There is no such hold"),
    "hold.on_shelf": ("Materialet står klar til dig", "The item is ready for you"),
    "sent": ("Sendes til {place}", "Sent to {place}"),
}

_LISTS = ("AS", "AT", "AU", "AV", "BU", "CD")
"""Lists of a borrower in the order of the summary and of the counts in 64."""
_TAPES = frozenset({"004", "005", "007", "008", "010"})
_ENGLISH = frozenset({"001", "024"})


@dataclass(slots=True)
class Session:
    """What one connection has said of itself."""

    place: str = ""
    """Location code of the login (CP)."""
    language: str = "000"


class Answers:
    """The answer to each command, by its id."""

    def __init__(self, library: Library, manner: Manner, now: Callable[[], datetime]) -> None:
        self.library = library
        self._manner = manner
        self._now = now
        self._table = {
            "99": self._status,
            "23": self._patron_status,
            "63": self._patron_information,
            "11": self._checkout,
            "09": self._checkin,
            "29": self._renew,
            "65": self._renew_all,
            "17": self._item_information,
            "15": self._hold,
            "37": self._fee_paid,
            "35": self._end,
            "25": self._enable,
            "19": self._item_status,
            "01": self._block,
        }

    def answer(self, asked: Message, session: Session) -> Message:
        """Do what the command says and answer it. Login and resend are the connection's own affair."""
        if "language" in asked.block:
            session.language = asked.block["language"]
        return self._table[asked.id](asked, session)

    # --- the connection -----------------------------------------------------------------------------

    def _status(self, asked: Message, session: Session) -> Message:
        return self.status(asked, session, online=True)

    def status(self, asked: Message, session: Session, *, online: bool) -> Message:
        """98: what the library system says of itself."""
        manner = self._manner
        yes = "Y" if online else "N"
        offline_ok = "Y" if manner.offline_ok else "N"
        supported = "".join("N" if c in manner.unsupported else "Y" for c in COMMANDS)
        fields = [("AO", self._institution(asked)), ("BX", supported)]
        fields += _filled(AM=manner.name, AN=session.place)
        block = {
            "online": yes,
            "checkin_ok": yes,
            "checkout_ok": yes,
            "renewal_policy": yes,
            "status_update_ok": yes,
            "offline_ok": offline_ok,
            "timeout": manner.number(manner.timeout_tenths if online else 0, 3),
            "retries": manner.number(manner.retries, 3),
            "date": stamp(self._now()),
            "version": "2.00",
        }
        return Message("98", block, tuple(fields))

    def _end(self, asked: Message, session: Session) -> Message:
        session.language = "000"
        ended = self.library.end(asked.get("AA"), self._now())
        return self._say("36", asked, {"ended": _yes(ended)})

    # --- borrowers ----------------------------------------------------------------------------------

    def _patron_status(self, asked: Message, session: Session) -> Message:
        patron = self.library.sign_in("23", asked.get("AA"), asked.get("AD"), self._now())
        return self._patron("24", asked, session, patron, money=True)

    def _block(self, asked: Message, session: Session) -> Message:
        patron = self.library.block(asked.get("AA"), self._now())
        return self._patron("24", asked, session, patron, money=True, pin_asked=False)

    def _enable(self, asked: Message, session: Session) -> Message:
        patron = self.library.enable(asked.get("AA"), self._now())
        return self._patron("26", asked, session, patron, money=False)

    def _patron_information(self, asked: Message, session: Session) -> Message:
        library = self.library
        patron = library.sign_in("63", asked.get("AA"), asked.get("AD"), self._now())
        answer = self._patron("64", asked, session, patron, money=True)
        lists: dict[str, list[str]] = {name: [] for name in _LISTS}
        more: list[tuple[str, str]] = []
        if patron and library.pin_right(patron, asked.get("AD")):
            loans, today = library.loans_of(patron), self._now().date()
            lists["AS"] = [hold.item for hold in library.holds_of(patron, ready=True)]
            lists["AT"] = [loan.item for loan in loans if loan.due < today]
            lists["AU"] = [loan.item for loan in loans]
            lists["AV"] = [self._fine(fee) for fee in library.fees_of(patron)]
            lists["CD"] = [hold.item for hold in library.holds_of(patron, ready=False)]
            more = self._limits(patron) + self._chosen(asked, lists)
            more += _filled(BD=patron.address, BE=patron.email, BF=patron.phone)
        counts = dict(
            zip(
                ("holds", "overdue", "charged", "fines", "recalls", "unavailable_holds"),
                (self._manner.number(len(entries), 4) for entries in lists.values()),
                strict=True,
            )
        )
        return Message("64", {**answer.block, **counts}, (*answer.fields, *more))

    def _fine(self, fee: Fee) -> str:
        item = self.library.items.get(fee.item)
        return " ".join(filter(None, (fee.id, item.title if item else "", f"{fee.amount:.2f}")))

    def _limits(self, patron: Patron) -> list[tuple[str, str]]:
        number = self._manner.number
        holds, charged, fee = patron.hold_limit, patron.charged_limit, patron.fee_limit
        return _filled(
            BZ="" if holds is None else number(holds, 4),
            CB="" if charged is None else number(charged, 4),
            CC="" if fee is None else str(fee),
        )

    def _chosen(self, asked: Message, lists: dict[str, list[str]]) -> list[tuple[str, str]]:
        """The list that is asked for (the first of several), cut to entries BP to BQ."""
        wanted = [name for place, name in enumerate(lists) if asked.block["summary"][place] == "Y"]
        first, last = _count(asked.get("BP"), 1), _count(asked.get("BQ"), None)
        chosen = []
        for name in wanted if self._manner.many_lists else wanted[:1]:
            entries = lists[name]
            if self._manner.doubled_lists:
                entries = [entry for entry in entries for _ in range(2)]
                entries += [""] * (min(last or 0, 50) - len(entries))
            chosen += [(name, entry) for entry in entries[max(first or 1, 1) - 1 : last]]
        return chosen

    def _patron(
        self,
        message_id: str,
        asked: Message,
        session: Session,
        patron: Patron | None,
        *,
        money: bool,
        pin_asked: bool = True,
    ) -> Message:
        flags = self.library.flags(patron) if patron else frozenset()
        right = patron is not None and (
            not pin_asked or self.library.pin_right(patron, asked.get("AD"))
        )
        block = {
            "patron_status": "".join("Y" if place in flags else " " for place in range(14)),
            "language": session.language,
        }
        fields = [("AE", patron.name if patron else ""), ("BL", _yes(patron is not None))]
        if pin_asked:
            fields.append(("CQ", _yes(right)))
        if not patron and self._manner.bare_refusals:
            fields = [("BL", "N")]
        owed = self.library.owed(patron) if patron and right and money else None
        if owed:
            fields += [("BH", self.library.rules.currency), ("BV", str(owed))]
        reason = "" if right else "patron.pin" if patron else "patron.unknown"
        return self._say(message_id, asked, block, fields, self._words(reason, session))

    # --- lending ------------------------------------------------------------------------------------

    def _checkout(self, asked: Message, session: Session) -> Message:
        now, library = self._now(), self.library
        if asked.get("BI") == "Y":
            lent = library.undo_checkin(asked.get("AA"), asked.get("AB"), now)
        else:
            lent = library.checkout(
                asked.get("AA"),
                asked.get("AB"),
                now,
                pin=asked.get("AD"),
                no_block=asked.block["no_block"] == "Y",
                nb_due=self._day(asked.block["nb_due"]),
                fee_ok=asked.get("BO") == "Y",
                occurred=moment(asked.block["date"], now),
            )
        return self._lent("12", asked, session, lent)

    def _renew(self, asked: Message, session: Session) -> Message:
        now = self._now()
        lent = self.library.renew(
            asked.get("AA"),
            asked.get("AB"),
            now,
            pin=asked.get("AD"),
            title=asked.get("AJ"),
            no_block=asked.block["no_block"] == "Y",
            nb_due=self._day(asked.block["nb_due"]),
            occurred=moment(asked.block["date"], now),
        )
        return self._lent("30", asked, session, lent)

    def _lent(self, message_id: str, asked: Message, session: Session, lent: Lent) -> Message:
        ok, item = not lent.reason, lent.item
        block = {
            "ok": "1" if ok else "0",
            "renewal_ok": _yes(lent.renewed),
            "magnetic": _yes(item.media in _TAPES) if ok and item else "U",
            "desensitize": _yes(ok and item is not None and not item.stay_armed),
        }
        bare = self._manner.bare_refusals and not ok
        fields = [
            ("AB", asked.get("AB") or (item.id if item else "")),
            ("AJ", item.title if item and not bare else ""),
            ("AH", _end_of(lent.due) if lent.due and not bare else ""),
        ]
        if lent.fee is not None:
            fields += [("BT", "06"), ("BH", self.library.rules.currency), ("BV", str(lent.fee))]
        if item and not bare:
            fields += _filled(CI="Y" if ok and item.stay_armed else "", CK=item.media)
        return self._say(message_id, asked, block, fields, self._words(lent.reason, session))

    def _renew_all(self, asked: Message, session: Session) -> Message:
        reason, renewed, refused = self.library.renew_all(
            asked.get("AA"), self._now(), pin=asked.get("AD")
        )
        number = self._manner.number
        block = {
            "ok": "0" if reason else "1",
            "renewed": number(len(renewed), 4),
            "unrenewed": number(len(refused), 4),
        }
        fields = [*(("BM", item) for item in renewed), *(("BN", item) for item in refused)]
        answer = self._say("66", asked, block, fields, self._words(reason, session))
        return Message("66", answer.block, tuple(f for f in answer.fields if f[0] != "AA"))

    def _checkin(self, asked: Message, session: Session) -> Message:
        now, library = self._now(), self.library
        if asked.get("BI") == "Y":
            taken = library.undo_checkout(asked.get("AB"), now)
        else:
            taken = library.checkin(
                asked.get("AB"),
                now,
                place=asked.get("AP") or session.place,
                no_block=asked.block["no_block"] == "Y",
                occurred=moment(asked.block["return_date"], now)
                or moment(asked.block["date"], now),
            )
        item = taken.item
        block = {
            "ok": "0" if taken.reason else "1",
            "resensitize": _yes(item is not None),
            "magnetic": _yes(item.media in _TAPES) if item else "U",
            "alert": _yes(self._alerts(taken)),
        }
        fields = [("AB", asked.get("AB"))]
        if item:
            fields += [("AQ", item.location), ("AJ", item.title)]
        elif not self._manner.bare_refusals:
            fields.append(("AQ", ""))
        fields += self._sorting(taken)
        answer = self._say("10", asked, block, fields, self._routed(taken, session))
        return Message("10", answer.block, tuple(f for f in answer.fields if f[0] != "AA"))

    def _alerts(self, taken: Taken) -> bool:
        refused = self._manner.alerts == "refused" and bool(taken.reason)
        return self._manner.alerts != "never" and (bool(taken.alert) or refused)

    def _sorting(self, taken: Taken) -> list[tuple[str, str]]:
        item = taken.item or Item("", "", media="")
        named = taken.hold_for if self._manner.hold_names else None
        return _filled(
            CL=taken.sort_bin,
            CK=item.media,
            CH=item.properties,
            CR=item.collection,
            CS=item.call_number,
            CT=taken.destination if taken.alert in {"02", "04"} else "",
            CV=taken.alert,
            CY=named.card if named else "",
            DA=named.name if named else "",
        )

    def _routed(self, taken: Taken, session: Session) -> list[str]:
        if taken.alert == "01":
            return self._words("item.reserved", session)
        if taken.alert in {"02", "04"}:
            return [text.format(place=taken.destination) for text in self._words("sent", session)]
        return self._words(taken.reason, session)

    # --- holds, fees, items -------------------------------------------------------------------------

    def _hold(self, asked: Message, session: Session) -> Message:
        held = self.library.hold(
            asked.block["mode"],
            asked.get("AA"),
            asked.get("AB"),
            self._now(),
            pin=asked.get("AD"),
            title=asked.get("AJ"),
            pickup=asked.get("BS"),
            any_copy=asked.get("BY") in {"2", "4"},
            expires=self._day(asked.get("BW")),
        )
        fields = _filled(
            BW=_end_of(held.expires) if held.expires else "",
            BR=str(held.place) if held.place else "",
            BS=held.pickup,
            AB=held.item.id if held.item else asked.get("AB"),
            AJ=held.item.title if held.item else "",
        )
        block = {"ok": "0" if held.reason else "1", "available": _yes(held.ready)}
        return self._say("16", asked, block, fields, self._words(held.reason, session))

    def _fee_paid(self, asked: Message, session: Session) -> Message:
        transaction = asked.get("BK")
        reason = self.library.pay(
            asked.get("AA"),
            asked.get("BV"),
            self._now(),
            fee_id=asked.get("CG"),
            transaction=transaction,
        )
        fields, words = _filled(BK=transaction), self._words(reason, session)
        return self._say("38", asked, {"accepted": _yes(not reason)}, fields, words)

    def _item_information(self, asked: Message, session: Session) -> Message:
        item = self.library.look_up(asked.get("AB"), self._now())
        block = {"circulation": "01", "security": "00", "fee_type": "01"}
        fields = [("AB", asked.get("AB"))]
        words = []
        if item:
            loan, waiting = self.library.loans.get(item.id), len(self.library.queue(item))
            held = self.library.next_hold(item)
            shelved = held is not None and self.library.ready(held)
            block["circulation"] = item.status
            fields.append(("AJ", item.title))
            fields += _filled(
                CF=str(waiting) if waiting else "",
                AH=_end_of(loan.due) if loan else "",
                CM=_end_of(held.expires) if held and held.expires and shelved else "",
                BG=item.owner,
                CK=item.media,
                AQ=item.location,
                AP=item.current,
                CH=item.properties,
            )
            if item.fee:
                block["fee_type"] = "06"
                fields += [("BH", self.library.rules.currency), ("BV", str(item.fee))]
        else:
            words = self._words("item.unknown", session)
            if not self._manner.bare_refusals:
                fields.append(("AJ", ""))
        return self._without_patron("18", asked, block, fields, words)

    def _item_status(self, asked: Message, session: Session) -> Message:
        item = self.library.store_properties(
            asked.get("AB"), asked.get(self._manner.chute_field), self._now()
        )
        fields = [("AB", asked.get("AB"))]
        fields += _filled(AJ=item.title, CH=item.properties) if item else []
        words = [] if item else self._words("item.unknown", session)
        return self._without_patron("20", asked, {"stored": "1" if item else "0"}, fields, words)

    # --- parts of answers ---------------------------------------------------------------------------

    def _say(
        self,
        message_id: str,
        asked: Message,
        block: dict[str, str],
        fields: list[tuple[str, str]] | None = None,
        words: list[str] | None = None,
    ) -> Message:
        """An answer with institution and borrower in front and texts at the end."""
        front = [("AO", self._institution(asked)), ("AA", asked.get("AA"))]
        texts = [("AF", text) for text in words or ()]
        whole = (*front, *(fields or ()), *texts)
        return Message(message_id, {**block, "date": stamp(self._now())}, whole)

    def _without_patron(
        self,
        message_id: str,
        asked: Message,
        block: dict[str, str],
        fields: list[tuple[str, str]],
        words: list[str],
    ) -> Message:
        answer = self._say(message_id, asked, block, fields, words)
        return Message(message_id, answer.block, answer.fields[2:])

    def _institution(self, asked: Message) -> str:
        return self._manner.institution or asked.get("AO")

    def _words(self, reason: str, session: Session) -> list[str]:
        return [_TEXTS[reason][session.language in _ENGLISH]] if reason else []

    def _day(self, text: str) -> date | None:
        at = moment(text, self._now())
        return at.date() if at else None


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _filled(**fields: str) -> list[tuple[str, str]]:
    """Optional fields: an empty one is left out, as the standard wants."""
    return [(name, value) for name, value in fields.items() if value]


def _end_of(day: date) -> str:
    return f"{day:%Y%m%d}    235959"


def _count(text: str, default: int | None) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else default
