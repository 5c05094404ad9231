"""A small library: its borrowers, items, loans, holds and fees, and what a lending desk does with them.

Nothing here knows a wire. Every operation takes the time and leaves a line in `asked`, so that a proof can
say what was asked of the library and what it holds. Not modelled: opening days, fines by the day, recalls,
claims, loans of parts of a set, more than one library.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from hw_sim.ils.stock import (
    AVAILABLE,
    CHARGED,
    HOLD_SHELF,
    IN_TRANSIT,
    NOT_LENT,
    SOMEBODY,
    Asked,
    Fee,
    Held,
    Hold,
    Item,
    Lent,
    Loan,
    Patron,
    Rules,
    Taken,
)


class Library:
    """All that the library system holds, and the operations on it."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.items: dict[str, Item] = {}
        self.patrons: dict[str, Patron] = {}
        self.loans: dict[str, Loan] = {}
        self.holds: list[Hold] = []
        self.fees: list[Fee] = []
        self.payments: list[tuple[str, str, Decimal]] = []
        """(card, transaction id, amount), in order."""
        self.asked: list[Asked] = []
        self._returned: dict[str, Loan] = {}
        self._fees_made = 0

    @classmethod
    def from_scenario(cls, data: Mapping[str, Any]) -> "Library":
        """Build from a parsed scenario: `[library]`, `[[items]]`, `[[patrons]]`.

        Items may carry `reserved = true` (held for somebody), `reserved_for` (a card) with `pickup`, `shelf`,
        `hold_until` and `any_copy`, and `lent_to` (a card) with `due`; patrons may carry `fees`, amounts or tables
        of `amount` and `item`. What is the world's (format, cover) is passed over.

        Raises:
            ValueError: a loan or hold of an unknown borrower, a loan without a due date, a wrong amount.
        """
        library = cls(Rules(**_known(Rules, data.get("library", {}))))
        for row in data.get("patrons", ()):
            patron = Patron(**_known(Patron, row))
            patron.status_flags = frozenset(row.get("status_flags", ()))
            if "fee_limit" in row:
                patron.fee_limit = _amount(row["fee_limit"])
            library.patrons[patron.card] = patron
            for fee in row.get("fees", ()):
                told = fee if isinstance(fee, Mapping) else {"amount": fee}
                library._charge(patron, _amount(told["amount"]), str(told.get("item", "")))
        for row in data.get("items", ()):
            item = Item(**_known(Item, row))
            item.fee = _amount(row.get("fee", "0"))
            item.location = item.location or library.rules.location
            item.current = item.current or item.location
            library.items[item.id] = item
            library._reserve_and_lend(item, row)
        return library

    def _reserve_and_lend(self, item: Item, row: Mapping[str, Any]) -> None:
        held, lent = str(row.get("reserved_for", "")), str(row.get("lent_to", ""))
        for card in filter(None, (held, lent)):
            if card not in self.patrons:
                raise ValueError(f"item {item.id}: no patron has that card")
        if held or row.get("reserved"):
            until = str(row.get("hold_until", ""))
            self.holds.append(
                Hold(
                    item.id,
                    held or SOMEBODY,
                    str(row.get("pickup", self.rules.location)),
                    title=item.title if row.get("any_copy") else "",
                    expires=date.fromisoformat(until) if until else None,
                    shelf=str(row.get("shelf", "")),
                )
            )
        if lent:
            due = date.fromisoformat(str(row.get("due", "")))
            since = datetime.combine(due - timedelta(days=item.loan_days), datetime.min.time())
            self.loans[item.id] = Loan(item.id, lent, since, due)
            item.status = CHARGED

    # --- borrowers ----------------------------------------------------------------------------------

    def patron(self, identifier: str) -> Patron | None:
        """Find a borrower by card or CPR."""
        if found := self.patrons.get(identifier):
            return found
        return next((p for p in self.patrons.values() if p.cpr and p.cpr == identifier), None)

    def sign_in(self, message: str, identifier: str, pin: str, now: datetime) -> Patron | None:
        """Look a borrower up; a wrong PIN is noted, and judged with `pin_right`."""
        patron = self.patron(identifier)
        outcome = "patron.unknown"
        if patron:
            outcome = "done" if self.pin_right(patron, pin) else "patron.pin"
        self._note(now, message, "", outcome)
        return patron

    @staticmethod
    def pin_right(patron: Patron, pin: str) -> bool:
        return patron.pin in {"", pin}

    def loans_of(self, patron: Patron) -> list[Loan]:
        return [loan for loan in self.loans.values() if loan.card == patron.card]

    def holds_of(self, patron: Patron, *, ready: bool) -> list[Hold]:
        return [h for h in self.holds if h.card == patron.card and self.ready(h) is ready]

    def fees_of(self, patron: Patron) -> list[Fee]:
        return [fee for fee in self.fees if fee.card == patron.card]

    def owed(self, patron: Patron) -> Decimal:
        return sum((fee.amount for fee in self.fees_of(patron)), Decimal(0))

    def flags(self, patron: Patron) -> frozenset[int]:
        """Patron status places, with those that follow from loans (5) and fees (11)."""
        flags = set(patron.flags)
        limit = patron.charged_limit
        if limit is not None and len(self.loans_of(patron)) >= limit:
            flags.add(5)
        if patron.fee_limit is not None and self.owed(patron) > patron.fee_limit:
            flags.add(11)
        return frozenset(flags)

    def _charge(self, patron: Patron, amount: Decimal, item_id: str = "") -> None:
        self._fees_made += 1
        self.fees.append(Fee(f"F{self._fees_made}", patron.card, amount, item_id))

    def block(self, identifier: str, now: datetime) -> Patron | None:
        return self._set_blocked("01", identifier, True, now)

    def enable(self, identifier: str, now: datetime) -> Patron | None:
        """Let a blocked borrower in again (message 25, meant for tests of a system)."""
        return self._set_blocked("25", identifier, False, now)

    def _set_blocked(
        self, message: str, identifier: str, blocked: bool, now: datetime
    ) -> Patron | None:
        patron = self.patron(identifier)
        if patron:
            patron.blocked = blocked
        self._note(now, message, "", "done" if patron else "patron.unknown")
        return patron

    def end(self, identifier: str, now: datetime) -> bool:
        known = self.patron(identifier) is not None
        self._note(now, "35", "", "done" if known else "patron.unknown")
        return known

    # --- lending ------------------------------------------------------------------------------------

    def checkout(
        self,
        identifier: str,
        item_id: str,
        now: datetime,
        *,
        pin: str = "",
        no_block: bool = False,
        nb_due: date | None = None,
        fee_ok: bool = False,
        occurred: datetime | None = None,
    ) -> Lent:
        """Lend an item. `no_block` says it has happened already, so only unknown names are refused.

        An item that the borrower has already is renewed or refused, as `Rules.repeat_loan` says.
        """
        patron, item = self.patron(identifier), self.items.get(item_id)
        reason = self._unnamed(patron, item, pin)
        loan = self.loans.get(item_id)
        if patron and item and not reason:
            if loan and loan.card == patron.card:
                if self.rules.repeat_loan == "renew":
                    forced = nb_due if no_block else None
                    result = self._renew(patron, item, loan, now, no_block=no_block, nb_due=forced)
                else:
                    result = Lent("loan.repeated", item, loan.due)
                outcome = result.reason or "renewed"
                self._note(now, "11", item_id, outcome, occurred, no_block)
                return result
            reason = "" if no_block else self._may_lend(patron, item, loan, fee_ok)
        if reason or not patron or not item:
            self._note(now, "11", item_id, reason, occurred, no_block)
            fee = item.fee if item and reason == "fee.unagreed" else None
            return Lent(reason, item, fee=fee)
        due = nb_due if no_block and nb_due else now.date() + timedelta(days=item.loan_days)
        self.loans[item_id] = Loan(item_id, patron.card, now, due)
        self._returned.pop(item_id, None)
        self.holds = [h for h in self.holds if not (h.wants(item) and h.card == patron.card)]
        item.status = CHARGED
        if item.fee:
            self._charge(patron, item.fee, item_id)
        self._note(now, "11", item_id, "done", occurred, no_block)
        return Lent("", item, due)

    def undo_checkin(self, identifier: str, item_id: str, now: datetime) -> Lent:
        """Give the last loan back to its borrower (checkout with cancel set)."""
        patron, item = self.patron(identifier), self.items.get(item_id)
        loan = self._returned.get(item_id)
        reason = self._unnamed(patron, item, "")
        if not reason and not (patron and loan and loan.card == patron.card):
            reason = "loan.not_returned"
        self._note(now, "11", item_id, reason or "undone")
        if reason or not loan or not item:
            return Lent(reason, item)
        self.loans[item_id] = self._returned.pop(item_id)
        item.status = CHARGED
        return Lent("", item, loan.due)

    def renew(
        self,
        identifier: str,
        item_id: str,
        now: datetime,
        *,
        pin: str = "",
        title: str = "",
        no_block: bool = False,
        nb_due: date | None = None,
        occurred: datetime | None = None,
    ) -> Lent:
        """Renew one loan of the borrower, found by item or, without one, by title."""
        patron = self.patron(identifier)
        if not item_id and patron:
            lent = (loan.item for loan in self.loans_of(patron))
            item_id = next((i for i in lent if self.items[i].title == title), "")
        item, loan = self.items.get(item_id), self.loans.get(item_id)
        reason = self._unnamed(patron, item, pin)
        if not reason and not (patron and loan and loan.card == patron.card):
            reason = "renew.not_yours"
        if reason or not patron or not item or not loan:
            result = Lent(reason, item)
        else:
            forced = nb_due if no_block else None
            result = self._renew(patron, item, loan, now, no_block=no_block, nb_due=forced)
        self._note(now, "29", item_id, result.reason or "done", occurred, no_block)
        return result

    def renew_all(
        self, identifier: str, now: datetime, *, pin: str = ""
    ) -> tuple[str, list[str], dict[str, str]]:
        """Renew what can be renewed: (why nothing was tried, renewed, not renewed with the reason)."""
        patron = self.patron(identifier)
        reason = "patron.unknown"
        renewed, refused = [], {}
        if patron:
            reason = "" if not pin or self.pin_right(patron, pin) else "patron.pin"
        if patron and not reason:
            for loan in self.loans_of(patron):
                result = self._renew(patron, self.items[loan.item], loan, now)
                if result.reason:
                    refused[loan.item] = result.reason
                else:
                    renewed.append(loan.item)
        self._note(now, "65", " ".join(renewed), reason or "done")
        return reason, renewed, refused

    def _renew(
        self,
        patron: Patron,
        item: Item,
        loan: Loan,
        now: datetime,
        *,
        no_block: bool = False,
        nb_due: date | None = None,
    ) -> Lent:
        reason = "" if no_block else self._may_renew(patron, item, loan, now)
        if reason:
            return Lent(reason, item, loan.due)
        loan.due = nb_due or max(loan.due, now.date() + timedelta(days=item.loan_days))
        loan.renewals += 1
        return Lent("", item, loan.due, renewed=True)

    def checkin(
        self,
        item_id: str,
        now: datetime,
        *,
        place: str = "",
        no_block: bool = False,
        occurred: datetime | None = None,
    ) -> Taken:
        """Take an item back and say where it goes: hold shelf, another branch, or its own shelf."""
        item = self.items.get(item_id)
        if not item:
            self._note(now, "09", item_id, "item.unknown", occurred, no_block)
            return Taken("item.unknown", alert="99", sort_bin=self.rules.bins.get("reject", ""))
        loan = self.loans.pop(item_id, None)
        reason = "" if loan else "item.not_on_loan"
        if loan:
            self._returned[item_id] = loan
        taken = self._route(item, self.here(place))
        self._note(now, "09", item_id, reason or "done", occurred, no_block)
        if self.rules.return_unlent == "accept" and not no_block:
            reason = ""
        return Taken(reason, item, taken.alert, taken.destination, taken.sort_bin, taken.hold_for)

    def undo_checkout(self, item_id: str, now: datetime) -> Taken:
        """Take a loan away as if it had never been made (check-in with cancel set)."""
        item = self.items.get(item_id)
        loan = self.loans.pop(item_id, None)
        reason = "item.unknown" if not item else "" if loan else "item.not_on_loan"
        if item and loan:
            item.status = AVAILABLE
            self.fees = [f for f in self.fees if (f.card, f.item) != (loan.card, item_id)]
        self._note(now, "09", item_id, reason or "undone")
        return Taken(reason, item)

    def here(self, place: str) -> str:
        """The location that a place on the wire stands for."""
        if place in self.rules.branches:
            return self.rules.branches[place]
        known = {item.location for item in self.items.values()} | {self.rules.location}
        return place if place in known else self.rules.location

    def _route(self, item: Item, here: str) -> Taken:
        item.current = here or item.current
        hold = self.next_hold(item)
        if hold and (not here or hold.pickup in {"", here}):
            item.status, alert, destination, bin_key = HOLD_SHELF, "01", here, "hold"
        elif hold:
            item.status, alert, destination, bin_key = IN_TRANSIT, "02", hold.pickup, hold.pickup
        elif here and item.location not in {"", here} and not item.floats:
            item.status, alert, destination, bin_key = (
                IN_TRANSIT,
                "04",
                item.location,
                item.location,
            )
        else:
            item.status, alert, destination, bin_key = AVAILABLE, "", "", item.location
        waiting = self.patrons.get(hold.card) if hold else None
        bins = self.rules.bins
        sort_bin = item.sort_bin or bins.get(bin_key, bins.get("", ""))
        return Taken("", item, alert, destination, sort_bin, waiting)

    # --- holds --------------------------------------------------------------------------------------

    def next_hold(self, item: Item) -> Hold | None:
        return next((hold for hold in self.holds if hold.wants(item)), None)

    def ready(self, hold: Hold) -> bool:
        """Whether an item stands on the hold shelf for this hold."""
        return any(
            item.status == HOLD_SHELF and self.next_hold(item) is hold
            for item in self.items.values()
        )

    def queue(self, item: Item) -> list[Hold]:
        return [hold for hold in self.holds if hold.wants(item)]

    def hold(
        self,
        mode: str,
        identifier: str,
        item_id: str,
        now: datetime,
        *,
        pin: str = "",
        title: str = "",
        pickup: str = "",
        any_copy: bool = False,
        expires: date | None = None,
    ) -> Held:
        """Place (`+`), cancel (`-`) or change (`*`) a hold on an item or a title."""
        patron = self.patron(identifier)
        by_title = (i for i in self.items.values() if title and i.title == title)
        item = self.items.get(item_id) if item_id else next(by_title, None)
        result = self._hold(mode, patron, item, pin, pickup, any_copy or not item_id, expires)
        self._note(now, "15", item.id if item else item_id, result.reason or "done")
        return result

    def _hold(
        self,
        mode: str,
        patron: Patron | None,
        item: Item | None,
        pin: str,
        pickup: str,
        any_copy: bool,
        expires: date | None,
    ) -> Held:
        reason = self._unnamed(patron, item, pin)
        if reason or not patron or not item:
            return Held(reason, item)
        mine = next((h for h in self.queue(item) if h.card == patron.card), None)
        if mode == "+":
            limit = patron.hold_limit
            if mine:
                return Held("hold.exists", item)
            if 3 in self.flags(patron):
                return Held("patron.no_holds", item)
            if limit is not None and sum(h.card == patron.card for h in self.holds) >= limit:
                return Held("patron.too_many_holds", item)
            mine = Hold(item.id, patron.card, pickup, item.title if any_copy else "", expires)
            self.holds.append(mine)
        elif not mine:
            return Held("hold.unknown", item)
        elif mode == "-" and self.ready(mine) and not self.rules.cancel_ready:
            return Held("hold.on_shelf", item)
        elif mode == "-":
            self.holds.remove(mine)
            return Held("", item)
        else:
            mine.pickup, mine.expires = pickup or mine.pickup, expires or mine.expires
        place = next(i for i, h in enumerate(self.queue(item), 1) if h is mine)
        return Held("", item, place, self.ready(mine), mine.pickup, mine.expires)

    # --- fees, items --------------------------------------------------------------------------------

    def pay(
        self,
        identifier: str,
        amount: str,
        now: datetime,
        *,
        fee_id: str = "",
        transaction: str = "",
    ) -> str:
        """Take a payment, of one fee or of the oldest first; return why not, or nothing.

        The same payment sent twice is two payments, as on real systems.
        """
        patron, paid = self.patron(identifier), _money(amount)
        fees = [f for f in self.fees if patron and f.card == patron.card and fee_id in {"", f.id}]
        if not patron:
            reason = "patron.unknown"
        elif paid is None or paid <= 0 or paid > sum(f.amount for f in fees):
            reason = "fee.wrong_amount"
        else:
            reason = ""
            self.payments.append((patron.card, transaction, paid))
            for fee in fees:
                part = min(fee.amount, paid)
                fee.amount, paid = fee.amount - part, paid - part
            self.fees = [fee for fee in self.fees if fee.amount]
        self._note(now, "37", "", reason or "done")
        return reason

    def look_up(self, item_id: str, now: datetime) -> Item | None:
        item = self.items.get(item_id)
        self._note(now, "17", item_id, "done" if item else "item.unknown")
        return item

    def store_properties(self, item_id: str, properties: str, now: datetime) -> Item | None:
        item = self.items.get(item_id)
        if item:
            item.properties = properties
        self._note(now, "19", item_id, "done" if item else "item.unknown")
        return item

    # --- judgement ----------------------------------------------------------------------------------

    def _unnamed(self, patron: Patron | None, item: Item | None, pin: str) -> str:
        if not patron:
            return "patron.unknown"
        if pin and not self.pin_right(patron, pin):
            return "patron.pin"
        return "" if item else "item.unknown"

    def _may_lend(self, patron: Patron, item: Item, loan: Loan | None, fee_ok: bool) -> str:
        flags, hold = self.flags(patron), self.next_hold(item)
        checks = (
            (patron.blocked, "patron.blocked"),
            (4 in flags, "patron.card_lost"),
            (5 in flags, "patron.too_many"),
            (bool(flags & {10, 11}), "patron.fees"),
            (0 in flags, "patron.no_loans"),
            (item.not_for_loan, "item.not_for_loan"),
            (loan is not None, "item.on_loan"),
            (hold is not None and hold.card != patron.card, "item.reserved"),
            (item.status in NOT_LENT, "item.not_available"),
            (bool(item.fee) and not fee_ok, "fee.unagreed"),
        )
        return next((reason for wrong, reason in checks if wrong), "")

    def _may_renew(self, patron: Patron, item: Item, loan: Loan, now: datetime) -> str:
        window, limit = self.rules.renew_window_days, self.rules.max_renewals
        hold = self.next_hold(item)
        checks = (
            (patron.blocked, "patron.blocked"),
            (1 in self.flags(patron), "patron.no_renewals"),
            (hold is not None and hold.card != patron.card, "item.reserved"),
            (limit is not None and loan.renewals >= limit, "renew.limit"),
            (
                window is not None and (loan.due - now.date()).days > window,
                "renew.too_early",
            ),
        )
        return next((reason for wrong, reason in checks if wrong), "")

    def _note(
        self,
        now: datetime,
        message: str,
        item: str,
        outcome: str,
        occurred: datetime | None = None,
        no_block: bool = False,
    ) -> None:
        self.asked.append(Asked(now, message, item, outcome, occurred, no_block))


def _known(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in row.items() if name in names}


def _money(text: str) -> Decimal | None:
    """An amount as people and wires write it; None for what is none."""
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _amount(value: object) -> Decimal:
    amount = _money(str(value))
    if amount is None:
        raise ValueError(f"{value!r} is no amount")
    return amount
