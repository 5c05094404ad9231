"""The editions of the sort plan that a plant has run by, and each decision that was made by them. No borrower in them."""

import hashlib
import json
from dataclasses import fields, replace

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, select, text
from sqlalchemy.dialects.sqlite import insert

from drivers.ports import Txn
from drivers.store import journal
from drivers.store.kinds import Field, JsonScalar
from sorter.plan.decide import Decision
from sorter.plan.edition import Edition, Judged, judge
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts

metadata = MetaData()

plans = Table(
    "sorter_plans",
    metadata,
    Column("fingerprint", Text, primary_key=True, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("toml", Text, nullable=False),
    Index("sorter_plans_seq", "seq", unique=True),
    sqlite_strict=True,
)
"""`seq` is the number of the journal row that says when it was last taken into use: the highest is the last."""

decisions = Table(
    "sorter_decisions",
    metadata,
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bin", Text),
    Column("rule", Text, nullable=False),
    Column("reach", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("plan", Text, nullable=False, server_default=text("''")),
    sqlite_strict=True,
)
"""Each decision with all that it looked at, under the number of its journal row, which holds the hash of the facts."""


# --- editions ---------------------------------------------------------------------------------------


def take(txn: Txn, edition: Edition, before: str) -> None:
    """From here on is decided by this edition."""
    seq = journal.append(
        txn,
        "plan.taken",
        payload={
            "plan": edition.fingerprint,
            "before": before or None,
            "rules": len(edition.plan.rules),
            "bins": len(edition.plan.bins),
        },
    )
    row = {
        "fingerprint": edition.fingerprint,
        "seq": seq,
        "file": edition.file,
        "toml": edition.toml,
    }
    fresh = insert(plans).values(row)
    again = {"seq": seq, "file": edition.file}
    txn.connection.execute(fresh.on_conflict_do_update([plans.c.fingerprint], set_=again))


def refuse(txn: Txn, judged: Judged) -> None:
    """What stands in the file now is not run."""
    journal.append(
        txn,
        "plan.refused",
        payload={
            "plan": judged.fingerprint or None,
            "why": "" if judged.wrong is None else judged.wrong.value,
            "line": judged.problems[0].place.line if judged.problems else None,
            "problems": len(judged.problems),
        },
    )


def last(txn: Txn) -> Judged | None:
    """The edition that was taken into use last, judged as it stands; None where there never was one."""
    row = txn.connection.execute(select(plans).order_by(plans.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else _judged(row.toml, row.file, row.fingerprint)


def edition_of(txn: Txn, fingerprint: str) -> Edition | None:
    """The edition of that fingerprint; None for one that was never run."""
    row = txn.connection.execute(
        select(plans).where(plans.c.fingerprint == fingerprint)
    ).one_or_none()
    return None if row is None else _judged(row.toml, row.file, row.fingerprint).edition


def _judged(toml: str, file: str, fingerprint: str) -> Judged:
    """Its own fingerprint stands: a byte order mark of the file is not kept."""
    found = judge(toml.encode(), file)
    edition = found.edition and replace(found.edition, fingerprint=fingerprint)
    return replace(found, fingerprint=fingerprint, edition=edition)


# --- decisions --------------------------------------------------------------------------------------


def tell(txn: Txn, number: int, trace: str, decision: Decision, reach: int, facts: Facts) -> None:
    """A decision with all that it looked at, so that it can be made again without a library system.

    `reach`: bins that the item could still go into, bit n for bin n.
    """
    looked_at = json.dumps(facts_to_json(facts), ensure_ascii=False, sort_keys=True)
    told = {"number": number, "bin": decision.bin, "rule": decision.rule}
    proof = hashlib.sha256(looked_at.encode()).hexdigest()
    payload = {**told, "plan": decision.plan or None, "facts": proof}
    seq = journal.append(txn, "item.decided", trace=trace, payload=payload)
    row = {"seq": seq, **told, "reach": reach, "facts": looked_at, "plan": decision.plan}
    txn.connection.execute(insert(decisions), row)


def facts_at(txn: Txn, seq: int) -> Facts | None:
    """What a decision looked at, by the number of its journal row."""
    found = txn.connection.execute(select(decisions.c.facts).where(decisions.c.seq == seq)).scalar()
    return facts_of(json.loads(found)) if found else None


def facts_to_json(facts: Facts) -> dict[str, JsonScalar]:
    """Facts as they are kept: without the library system's words, which may be about a person."""
    told: dict[str, JsonScalar] = {}
    for field in fields(Facts):
        value = getattr(facts, field.name)
        if field.name == "text":
            continue
        if not isinstance(value, str):
            told[field.name] = value
        elif field.name in {"tags", "library"}:
            told[field.name] = str(value)
        elif field.name == "alert":
            told[field.name] = token(value)
        else:
            told[field.name] = _words(value)
    return told


def token(word: str) -> str:
    """A word of another system as the journal takes it."""
    return word if Field.TOKEN.value.fullmatch(word) else "other"


def _words(value: str) -> str:
    """Words of another system without what cannot be printed, and no longer than the journal takes."""
    return "".join(c for c in value if c >= " ")[:60]
