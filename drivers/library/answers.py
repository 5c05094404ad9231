"""SIP2 answers to the port's values: what was said, and the reason key behind a no. Pure.

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, "Messages"; sorting fields CL CR CS CT CV by 3M
SIP2 extensions 1.20 (2005). `ok` alone is never trusted where servers are known to differ.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from drivers.errors import Code, RemoteProtocolError
from drivers.fbs import lists
from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Circulation,
    Fee,
    Hold,
    HoldState,
    Item,
    LibraryStatus,
    Loan,
    Online,
    Outcome,
    Patron,
    RenewedAll,
    Returned,
    Secret,
    SignIn,
)
from drivers.sip2.dialect import Dialect, reason_of
from drivers.sip2.frames import DEVICE, clean, sendable
from drivers.sip2.messages import SUPPORTED_PLACES, Message
from drivers.sip2.moments import due_day, moment_of

LANGUAGES = {"001": "en", "003": "de", "009": "da", "016": "ar", "024": "en"}
"""The standard's language codes that the catalogue has words for; it has none for Ukrainian."""

_STATUSES = frozenset(each.value for each in Circulation)
_DENIED = frozenset(range(4))
"""Flags of a borrower who may not borrow, renew, recall or reserve."""
_NUMBER = re.compile(r"[^\W_]*\d[\w-]*")
_CURRENCY = re.compile(r"(?i)kr\.?|dkk")
_AMOUNT = re.compile(r"-?\d{1,9}(?:[.,]\d{1,2})?", re.ASCII)


def amount(text: str) -> int | None:
    """An amount of money in hundredths, from words with point or comma; None when it is none."""
    found = _AMOUNT.fullmatch(text.strip())
    return int(Decimal(found[0].replace(",", ".")) * 100) if found else None


def closed(status: Message) -> bool:
    """Whether a 98 says that the library system does not work: online=N, or timeout=000."""
    return status.part("online") != "Y" or status.part("timeout") == "000"


@dataclass(frozen=True, slots=True)
class Answers:
    """Reads the answers of one backend."""

    dialect: Dialect
    zone: ZoneInfo

    def about(self, answer: Message, item: str) -> Message:
        """The same answer, when it is about this item. Raises RemoteProtocolError: library.other_item."""
        named = self.plain_id(answer.get("AB"))
        if named and named != sendable(item):
            raise RemoteProtocolError(DEVICE, Code.LIBRARY_OTHER_ITEM, f"in a {answer.kind.id}")
        return answer

    def plain_id(self, value: str) -> str:
        """An id without this backend's prefix."""
        return self.dialect.id_prefix.sub("", value.strip(), count=1)

    def sign_in(self, said: Message, card: Secret, pin: Secret) -> SignIn:
        """64 or 24, judged by BL and CQ: flags say what a known borrower may do, not who it is."""
        valid = said.get("BL") == "Y" if said.has("BL") else bool(said.get("AE").strip())
        text = self._text(said)
        if not valid:
            return SignIn(Outcome.REFUSED, "login.unknown_card", text)
        if said.get("CQ") != "Y":
            return SignIn(Outcome.REFUSED, "login.wrong_pin", text)
        language = said.part("language")
        return SignIn(
            Outcome.DONE,
            text=text,
            patron=Patron(card, pin, Secret(clean(said.get("AE"))), Secret(said.get("BE").strip())),
            flags=self._flags(said),
            loans=frozenset(self.entries(said, "AU")),
            language="" if language == self.dialect.language else LANGUAGES.get(language, ""),
        )

    def item(self, said: Message, item: str) -> Item:
        """18. An item without title and status is not known."""
        status = said.part("circulation")
        known = status in _STATUSES and (status != Circulation.OTHER or said.get("AJ") != "")
        reason = "" if known else self._reason(said, "item.unknown")
        return Item(
            Outcome.DONE if known else Outcome.REFUSED,
            reason,
            self._text(said),
            item=item,
            title=self._title(said),
            circulation=Circulation(status) if known else Circulation.OTHER,
            due=self._due(said.get("AH")),
            media=said.get("CK"),
            permanent_location=self._places(said)[0],
            current_location=clean(said.get("AP")),
            collect_by=self._day(said.get("CM")),
            waiting=int(queue) if (queue := said.get("CF").strip()).isdecimal() else None,
        )

    def borrowed(self, said: Message, item: str, *, fee_ok: bool) -> Borrowed:
        """12. A loan that turned out to be the borrower's own already counts as done."""
        fee = amount(said.get("BV"))
        reason = ""
        if said.part("ok") == "1":
            again = said.part("renewal_ok") == "Y"
            outcome = Outcome.ALREADY_DONE if again else Outcome.DONE
        else:
            asks = "lend.fee" if fee and not fee_ok else "lend.refused"
            reason = self._reason(said, asks)
            outcome = Outcome.REFUSED
            if reason == "lend.already_yours":
                outcome, reason = Outcome.ALREADY_DONE, ""
        disarm = said.get("CI") != "Y" and (
            said.part("ok") != "1" or said.part("desensitize") != "N"
        )
        return self._loan(said, item, outcome, reason, fee, desensitize=disarm)

    def renewed(self, said: Message, item: str) -> Borrowed:
        """30."""
        done = said.part("ok") == "1" and not (
            self.dialect.renewal_flag and said.part("renewal_ok") != "Y"
        )
        reason = "" if done else self._reason(said, "renew.refused")
        outcome = Outcome.DONE if done else Outcome.REFUSED
        return self._loan(said, item, outcome, reason, amount(said.get("BV")))

    def returned(self, said: Message, item: str) -> Returned:
        """10, with all that routes the item. A known item has its fields also when ok is 0."""
        ok = said.part("ok") == "1"
        texts = tuple(text for text in map(clean, said.all("AF")) if text)
        unknown = not said.get("AJ") and not said.get("AQ")
        reason = self._reason(said, "item.unknown" if unknown else "return.not_on_loan")
        alert_type, destination = said.get("CV"), clean(said.get("CT"))
        routed = False
        for route in self.dialect.routing:
            found = next((m for m in map(route.pattern.search, texts) if m), None)
            if found is not None and not alert_type:
                alert_type, routed = route.alert_type, True
                destination = destination or (found[1] if found.re.groups else "")
        alert = said.part("alert") == "Y" and not (self.dialect.alert_by_ok and not alert_type)
        branch, *shelf = self._places(said)
        return Returned(
            Outcome.DONE if ok else Outcome.REFUSED,
            "" if ok else reason,
            " ".join(texts),
            item=item,
            title=self._title(said),
            alert=alert or routed,
            alert_type=alert_type,
            destination=destination,
            sort_bin=said.get("CL"),
            permanent_location=branch,
            shelf=tuple(shelf),
            collection=clean(said.get("CR")),
            call_number=clean(said.get("CS")) or clean(self._described(said).dk5),
            media=said.get("CK"),
            texts=texts,
            resensitize=said.part("resensitize") != "N",
        )

    def renewed_all(self, said: Message) -> RenewedAll:
        """66. Its ok says that it was tried; the counts say what came of it."""
        renewed, unrenewed = said.part("renewed").strip(), said.part("unrenewed").strip()
        done = said.part("ok") == "1" and not (renewed.strip("0") == "" and unrenewed.strip("0"))
        return RenewedAll(
            Outcome.DONE if done else Outcome.REFUSED,
            "" if done else self._reason(said, "renew.refused"),
            self._text(said),
            renewed=self.entries(said, "BM"),
            unrenewed=self.entries(said, "BN"),
        )

    def plain(self, said: Message, done: bool, otherwise: str) -> Answer:
        """16, 24 after 01, 36, 38: yes, or no with a reason."""
        return Answer(
            Outcome.DONE if done else Outcome.REFUSED,
            "" if done else self._reason(said, otherwise),
            self._text(said),
        )

    def status(self, said: Message, online: Online) -> LibraryStatus:
        """98."""
        return LibraryStatus(
            Outcome.REFUSED if closed(said) else Outcome.DONE,
            "ils.offline" if closed(said) else "",
            self._text(said),
            online=online,
            institution=said.get("AO"),
            library=clean(said.get("AM")),
            offline_ok=said.part("offline_ok") == "Y",
            supported=frozenset(
                id_
                for id_, yes in zip(SUPPORTED_PLACES, said.get("BX"), strict=False)
                if yes == "Y"
            ),
            clock=moment_of(said.part("date"), self.zone),
        )

    def entries(self, said: Message, id_: str) -> tuple[str, ...]:
        """Ids of one list in a 64 or 66, each once, in order: empties fill some servers' lists."""
        values = said.all(id_)
        if self.dialect.parted:
            values = tuple(value.partition("%")[0] for value in values)
        return tuple(dict.fromkeys(each for each in map(self.plain_id, values) if each))

    def whole_account(self, said: Message, today: date) -> Account:
        """64 with all lists, whose entries tell titles and due dates. AU holds every loan, AT those overdue."""
        return Account(
            Outcome.DONE,
            text=self._text(said),
            loans=self._loans(said),
            overdue=frozenset(self.entries(said, "AT")),
            holds=self._holds(said, today),
            fees=self.fees(said),
            owed=amount(said.get("BV")),
            currency=said.get("BH"),
        )

    def fees(self, said: Message) -> tuple[Fee, ...]:
        """AV, whose form is free: words, and the last amount among them; in parts, the title it is about."""
        found: list[Fee] = []
        if self.dialect.parted:
            for fine in (lists.entry(value, lists.FINE) for value in dict.fromkeys(said.all("AV"))):
                if (fee := amount(fine.head[3])) is not None:
                    found.append(Fee(clean(fine.title), fee, fine.head[1]))
            return tuple(found)
        for entry in dict.fromkeys(said.all("AV")):
            words = clean(entry).split()
            sums = [(n, fee) for n, fee in enumerate(map(amount, words)) if fee is not None]
            if sums:
                place, fee = sums[-1]
                found.append(Fee(_readable(words[:place] + words[place + 1 :]), fee))
        return tuple(found)

    def _loan(
        self,
        said: Message,
        item: str,
        outcome: Outcome,
        reason: str,
        fee: int | None,
        *,
        desensitize: bool = True,
    ) -> Borrowed:
        return Borrowed(
            outcome,
            reason,
            self._text(said),
            item=item,
            title=self._title(said),
            due=self._due(said.get("AH")),
            media=said.get("CK"),
            desensitize=desensitize,
            transaction=said.get("BK"),
            fee=fee,
            currency=said.get("BH"),
        )

    def _flags(self, said: Message) -> frozenset[int]:
        flags = frozenset(n for n, c in enumerate(said.part("patron_status")) if c == "Y")
        if self.dialect.denied_together and not flags >= _DENIED:
            return flags - _DENIED
        return flags

    def _described(self, said: Message) -> lists.Entry:
        return lists.entry(said.get("CH") if self.dialect.parted else "", lists.PROPERTIES)

    def _title(self, said: Message) -> str:
        return clean(self._described(said).title if self.dialect.parted else said.get("AJ"))

    def _places(self, said: Message) -> tuple[str, ...]:
        """AQ, in its parts if it has any."""
        value = said.get("AQ")
        return tuple(map(clean, lists.places(value))) if self.dialect.parted else (clean(value),)

    def _loans(self, said: Message) -> tuple[Loan, ...]:
        found: dict[str, Loan] = {}
        for each in (lists.entry(value, lists.LOAN) for value in said.all("AU")):
            item, due = each.head
            if item:
                found.setdefault(item, Loan(item, clean(each.title), self._due(due)))
        return tuple(found.values())

    def _holds(self, said: Message, today: date) -> tuple[Hold, ...]:
        """AS and CD. A branch stands after the institution, "DK-746100 - Dalum"."""
        found: dict[str, Hold] = {}
        for each in (lists.entry(value, lists.READY) for value in said.all("AS")):
            record, item, shelf, day, branch = each.head
            until = self._day(day)
            state = collected_by(until, today)
            place = clean(branch).partition(" - ")[2] or clean(branch)
            title = clean(each.title)
            hold = Hold(item, title, state, record, clean(shelf), place, until)
            found.setdefault(hold.key, hold)
        for each in (lists.entry(value, lists.WAITING) for value in said.all("CD")):
            record, item, day = each.head
            hold = Hold(item, clean(each.title), HoldState.WAITING, record, until=self._day(day))
            found.setdefault(hold.key, hold)
        return tuple(hold for key, hold in found.items() if key)

    def _text(self, said: Message) -> str:
        return " ".join(text for text in map(clean, said.all("AF")) if text)

    def _reason(self, said: Message, otherwise: str) -> str:
        texts = tuple(map(clean, said.all("AF")))
        return reason_of(self.dialect, said.kind.id, texts) or otherwise

    def _day(self, text: str) -> date | None:
        """A day of a hold; nobody's due date."""
        return due_day(text, self.zone, self.dialect)

    def _due(self, text: str) -> date | None:
        return due_day(text, self.zone, self.dialect)


def _readable(words: list[str]) -> str:
    """A fee's own words without the number before and the currency after them; nothing where none says anything."""
    kept = words[1:] if words and _NUMBER.fullmatch(words[0]) else words
    while kept and _CURRENCY.fullmatch(kept[-1]):
        kept = kept[:-1]
    return " ".join(kept) if any(sum(map(str.isalpha, word)) > 1 for word in kept) else ""


def collected_by(until: date | None, today: date) -> HoldState:
    """A hold on its shelf is ready up to its last day."""
    return HoldState.EXPIRED if until is not None and until < today else HoldState.READY


def with_details(loan: Loan, item: Item) -> Loan:
    """A line of the account, with what the item itself says."""
    return Loan(loan.item, item.title or loan.title, item.due or loan.due)


def hold_with_details(hold: Hold, item: Item, today: date) -> Hold:
    """A hold of which a list told no more than the item, with what the item itself says."""
    ready = hold.state is not HoldState.WAITING
    return replace(
        hold,
        title=item.title or hold.title,
        state=collected_by(item.collect_by, today) if ready else hold.state,
        branch=item.current_location if ready else "",
        until=item.collect_by if ready else None,
        waiting=None if ready else item.waiting,
    )
