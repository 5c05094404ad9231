"""The account of somebody who has signed in: loans, holds and fees, one sign-in for all of them.

It is fetched when a part of it is first looked at, and again once a loan of this visit has changed it. What
was done to a line in this visit stays on that line.
"""

from dataclasses import replace
from datetime import date

from drivers.ports import Account, Secret
from kiosk.lending import items
from kiosk.lending.acts import AskAccount
from kiosk.lending.helds import Held, HeldState, in_order, is_here
from kiosk.lending.lents import Lent
from kiosk.lending.state import LISTS, Lending, Phase
from kiosk.lending.turn import Turn

SHOWN = {"loans": Phase.LOANS, "holds": Phase.HOLDS, "fees": Phase.FEES}
"""By the end of the action's id, what it shows; `borrow` is the pad."""
_ACCOUNT = LISTS | {Phase.BORROW, Phase.BLOCKED}


def pressed(turn: Turn, which: str) -> None:
    """Turn to another part of the account, or to the pad."""
    visit = turn.state.visit
    if turn.state.phase not in _ACCOUNT or visit.patron is None or visit.choice is not None:
        return
    if which == "borrow":
        items.to_the_pad(turn)
    elif which in SHOWN and reachable(turn.state):
        show(turn, SHOWN[which])


def reachable(state: Lending) -> bool:
    """The account can be looked at: it is known, or there is somebody to ask who has checked who she is."""
    patron = state.visit.patron
    if patron is None or patron.unchecked:
        return False
    return state.visit.fresh or not state.devices.away


def show(turn: Turn, phase: Phase) -> None:
    """Show one part; ask for the account where it is not known."""
    visit = turn.state.visit
    turn.set(phase=phase)
    if visit.patron is not None and not visit.fresh and not visit.fetching:
        turn.visit(fetching=True)
        turn.do(AskAccount(visit.patron))


def is_hers(turn: Turn, card: Secret | None) -> bool:
    """Whether an account is that of whoever is here now."""
    patron = turn.state.visit.patron
    return card is None or (patron is not None and patron.card == card)


def listed(turn: Turn, account: Account) -> None:
    """What is owed is shown as soon as it is known; the rest is still asked for."""
    if turn.state.visit.fetching:
        turn.visit(listed=True, owed=account.owed or _sum(account), fees=account.fees)


def account_known(turn: Turn, account: Account, untold: int | None = None) -> None:
    """The account came, or did not. `untold` was paid here and is not in its books; None: as it was."""
    if not turn.state.visit.fetching:
        return
    if untold is not None:
        turn.visit(untold=untold)
    turn.visit(fetching=False, listed=False, fresh=account.done)
    if not account.done:
        turn.visit(notice="account.unknown")
        return
    turn.visit(notice="", owed=account.owed or _sum(account), fees=account.fees)
    _put_loans(turn, account)
    _put_holds(turn, account)


def _sum(account: Account) -> int:
    return sum(fee.amount for fee in account.fees)


def _put_loans(turn: Turn, account: Account) -> None:
    done = {lent.item: lent for lent in turn.state.lents if lent.asked}
    loans = sorted(account.loans, key=lambda loan: (loan.due or date.max, loan.title))
    told = {loan.item for loan in loans}
    today = turn.now.wall.date()
    lents = [lent for item, lent in done.items() if item not in told]
    for loan in loans:
        if (old := done.get(loan.item)) is not None:
            lents.append(replace(old, due=loan.due or old.due))
        else:
            late = loan.due is not None and loan.due < today
            overdue = late or loan.item in account.overdue
            lents.append(Lent(_id(turn, "l"), loan.item, loan.title, loan.due, overdue=overdue))
    turn.set(lents=tuple(lents))


def _put_holds(turn: Turn, account: Account) -> None:
    done = {held.hold.key: held for held in turn.state.helds if held.state is not HeldState.LISTED}
    holds = in_order(account.holds, lambda hold: is_here(hold, turn.branches))
    told = {hold.key for hold in holds}
    helds = [done[hold.key] if hold.key in done else Held(_id(turn, "h"), hold) for hold in holds]
    gone = [held for key, held in done.items() if key not in told]
    turn.set(helds=(*helds, *gone))


def _id(turn: Turn, kind: str) -> str:
    """Never used twice: the late answer of an earlier visit must find no line of this one."""
    number = turn.state.next_row
    turn.set(next_row=number + 1)
    return f"{kind}{number}"
