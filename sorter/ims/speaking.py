"""The language of a plant, kept for whoever reads its database while it does not run."""

from config.texts import LANGUAGES
from drivers.ports import Txn
from drivers.store import journal

KIND = "station.language"


def speak(txn: Txn, language: str) -> None:
    """Write down what the plant speaks, where it spoke another language last."""
    if _kept(txn) != language:
        journal.append(txn, KIND, payload={"language": language})


def spoken(txn: Txn) -> str:
    """What it spoke last; Danish where nobody has written it down."""
    kept = _kept(txn)
    return kept if kept in LANGUAGES else "da"


def _kept(txn: Txn) -> str:
    row = journal.last(txn, KIND)
    return "" if row is None else str(row.payload.get("language", ""))
