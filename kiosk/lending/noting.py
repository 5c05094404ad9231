"""What is written down of a visit, and counted in the same transaction: its begin, its end, its receipt."""

from datetime import datetime

from drivers.ports import PrintOutcome, Secret, Txn
from drivers.service.records import count
from drivers.service.statistics import end_of, of_receipt, of_refusal, of_visit
from drivers.store import journal
from drivers.store.pledge import pledge
from kiosk.lending import acts


def receipt_asked(txn: Txn, job: str, visit: str, form: str, rows: int) -> None:
    """A receipt of so many items was asked for, on paper or otherwise."""
    journal.append(
        txn,
        "receipt.asked",
        entity=job,
        trace=visit,
        payload={"form": form, "rows": rows},
    )


def paper_ended(txn: Txn, job: str, visit: str, outcome: PrintOutcome, at: datetime) -> None:
    """The printer's word on it."""
    journal.append(
        txn,
        "receipt.ended",
        entity=job,
        trace=visit,
        payload={"form": "paper", "outcome": outcome.value},
    )
    count(txn, *of_receipt(at, "paper" if outcome.printed else "paper_failed"))


def visit_ended(txn: Txn, visit: str, effect: acts.EndVisit, at: datetime, seconds: float) -> None:
    """A visit is over, after so many seconds."""
    journal.append(
        txn,
        "visit.ended",
        entity=visit,
        trace=visit,
        payload={
            "reason": "timed_out" if effect.timed_out else "finished",
            "borrowed": effect.done,
            "returned": effect.returned,
            "renewed": effect.renewed,
        },
    )
    done = effect.done + effect.returned + effect.renewed
    count(txn, *of_visit(at, end_of(done=done, timed_out=effect.timed_out), seconds))


def sign_in_refused(txn: Txn, visit: str, at: datetime) -> None:
    """Card or PIN was wrong; which of them is not said."""
    journal.append(txn, "sign_in.refused", trace=visit, payload={"reason": "card_or_pin"})
    count(txn, *of_refusal("sign_in", at, "card_or_pin"))


def visit_started(txn: Txn, visit: str, card: Secret) -> None:
    """Somebody has signed in; who, only by a pledge of the day."""
    journal.append(
        txn,
        "visit.started",
        entity=visit,
        trace=visit,
        payload={"patron": pledge(txn, card), "means": "card"},
    )
