"""What bins and rules may be called: names go into the journal with each decision, so they are of its letters. Pure."""

import re
import unicodedata

from drivers.store.kinds import Field

SPELLED = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
"""As Danish and German write their letters where they have only a to z."""
LONGEST = 40


def wrong_with(name: str) -> str:
    """What keeps the journal from taking a name, and what to call it instead; empty for nothing."""
    if name and Field.TOKEN.value.fullmatch(name):
        return ""
    better = spelled(name)
    return (
        "a name is of a to z, A to Z, digits and _ . : / + -, 1 to 80 of them, never ten digits in a row"
        + (f": call it {better!r}" if better else "")
    )


def spelled(words: str) -> str:
    """A name of small letters a to z, digits and - for somebody's words; empty where nothing of them is left."""
    plain = unicodedata.normalize("NFKD", words.lower().translate(SPELLED))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"(\d{9})(?=\d)", r"\1-", re.sub(r"[^a-z0-9]+", "-", plain))
    return plain[:LONGEST].strip("-")
