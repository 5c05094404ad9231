"""What the flow is told when carrying an effect out failed: it must never wait for ever. Pure."""

from collections.abc import Callable

from drivers.errors import Code, DeviceError
from drivers.ports import Account, Answer, Borrowed, Outcome, PrintOutcome, Returned, SignIn
from drivers.runtime.flow import Effect, Event
from kiosk.lending import acts, pay_acts
from kiosk.lending.slips import Failed


def event_of(effect: Effect, error: Exception, doubt: Callable[[str], Outcome]) -> Event | None:
    """The event for an effect whose handler raised. `doubt`: what may have become of the command of a row."""
    code = error.code if isinstance(error, DeviceError) else Code.BUG
    match effect:
        case acts.Borrow(row=row, item=item):
            return acts.Loaned(row, Borrowed(doubt(row), "ils.offline", item=item))
        case acts.TakeBack(row=row):
            return acts.Cancelled(row, None if doubt(row) is Outcome.UNKNOWN else False)
        case acts.SetSecurity(row=row, uid=uid, afi=afi):
            return acts.TagNotWritten(row, uid, afi, code)
        case acts.ReadTag(uid=uid):
            return acts.TagUnread(uid, code)
        case acts.PayDebt(uid=uid, tries=tries):
            return acts.DebtWaits(uid, tries + 1)
        case acts.AskSignIn():
            return acts.SignedIn(SignIn(Outcome.OFFLINE, "ils.offline"))
        case acts.PrintSlip(slip=slip, to=to):
            return acts.Printed(PrintOutcome.ERROR, Failed(slip, to))
        case acts.MailSlip(slip=slip, to=to):
            return acts.Mailed(Failed(slip, to, mailed=True))
        case acts.AskAccount(patron=patron):
            return acts.AccountKnown(Account(Outcome.OFFLINE, "ils.offline"), of=patron.card)
        case acts.Renew(row=row, item=item):
            return acts.Renewed(row, Borrowed(doubt(row), "ils.offline", item=item))
        case acts.CancelHold(row=row):
            return acts.HoldCancelled(row, Answer(doubt(row), "ils.offline"))
        case acts.PlaceHold(row=row):
            return acts.HoldPlaced(row, Answer(doubt(row), "ils.offline"))
        case pay_acts.Pay(row=row):
            unknown = doubt(row) is Outcome.UNKNOWN
            return pay_acts.PayEnded(
                row, pay_acts.PayEnd.UNKNOWN if unknown else pay_acts.PayEnd.GONE
            )
        case acts.AskStatus(row=row):
            return acts.StatusKnown(row, None)
        case acts.AskNumber(number=number):
            return acts.NumberKnown(number, None)
        case acts.GiveBack(row=row, item=item):
            return acts.GaveBack(row, Returned(doubt(row), "ils.offline", item=item))
        case _:
            return None
