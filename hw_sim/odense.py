"""A made-up Odense: a main library with seven branches, what is handed in there on a day, and who borrowed it.

Shares are plausible, not counted: materials by type, children's and adults', the branch where an item is at home, items
that float, holds with a place to be picked up, loans between libraries. Nobody and nothing in it is real.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
Row = dict[str, Any]

MAIN = "Borgernes Hus"
BRANCHES = ("Bolbro", "Dalum", "Højby", "Korup", "Musikbiblioteket", "Tarup", "Vollsmose")
"""As the sort plan's routes name them."""

MATERIALS = (
    ("book", 81, "001"),
    ("music", 7, "006"),
    ("film", 5, "006"),
    ("serial", 4, "002"),
    ("audio book", 2, "010"),
    ("multimedia", 1, "007"),
)
"""Material, share in percent, media type on the wire."""

AT_MAIN, FLOATING, HELD, HELD_ELSEWHERE, FOREIGN, UNTAGGED, SETS = (
    0.55,
    0.35,
    0.12,
    0.4,
    0.01,
    0.01,
    0.3,
)
"""Shares: at home in the main library; that float; held; of these, for another branch; another library's; with a dead
tag; of multimedia, in several parts."""

BINS = {"fiction": "101", "nonfiction": "102", "children": "103", "media": "104"}
"""The library system's own sort bins, by where an item stands."""

PATRONS = 40
OWNER, FOREIGN_OWNER = "DK746100", "DK761500"

_NOUNS = ("Havet", "Byen", "Skoven", "Broen", "Huset", "Vejen", "Åen", "Øen", "Natten", "Haven")
_WHAT = ("bag bakken", "om vinteren", "i Prøveby", "uden navn", "på hovedet", "før middag")
_FIRST = ("Alma", "Bo", "Clara", "Dagny", "Emil", "Frode", "Gerda", "Holger", "Inger", "Jens")
_COVERS = ("#8FB8A3", "#E7C1AC", "#CFE0D4", "#F7BF42", "#1F4F3A", "#0B57D0", "#B3152B")


def handed_in(count: int, seed: int, today: date) -> list[Row]:
    """So many items on their way back, as rows of a scenario: always the same for the same seed."""
    rng = random.Random(f"odense items {seed}")
    return [_item(n, rng, today) for n in range(count)]


def patrons(seed: int) -> list[Row]:
    """Those who borrowed them."""
    rng = random.Random(f"odense patrons {seed}")
    return [
        {
            "card": _card(n),
            "cpr": f"3002{rng.randrange(100):02}{n:04}",
            "pin": f"{rng.randrange(10_000):04}",
            "name": f"{rng.choice(_FIRST)} Prøvesen",
        }
        for n in range(PATRONS)
    ]


def _item(n: int, rng: random.Random, today: date) -> Row:
    material, media = _chosen([((name, code), share) for name, share, code in MATERIALS], rng)
    home = MAIN if rng.random() < AT_MAIN else rng.choice(BRANCHES)
    if material == "music" and rng.random() < 0.5:
        home = "Musikbiblioteket"
    shelf, call_number, collection = _place(material, rng)
    row: Row = {
        "id": f"38{_number(n)}",
        "title": f"{rng.choice(_NOUNS)} {rng.choice(_WHAT)} {n + 1}",
        "author": f"{rng.choice(_FIRST)} Prøve",
        "cover": rng.choice(_COVERS),
        "media": media,
        "location": home,
        "owner": OWNER,
        "call_number": call_number,
        "collection": collection,
        "sort_bin": BINS[shelf],
        "floats": rng.random() < FLOATING,
        "lent_to": _card(rng.randrange(PATRONS)),
        "due": (today + timedelta(days=rng.randrange(-5, 25))).isoformat(),
        "afi": 0xC2,
    }
    if material == "multimedia" and rng.random() < SETS:
        row["parts"] = rng.randrange(2, 4)
    if rng.random() < HELD:
        row["reserved"] = True
        row["pickup"] = rng.choice(BRANCHES) if rng.random() < HELD_ELSEWHERE else MAIN
    if rng.random() < FOREIGN:
        row["owner"] = FOREIGN_OWNER
    if rng.random() < UNTAGGED:
        row["readable"] = False
    return row


def _number(n: int) -> str:
    """Eight digits that name the nth item."""
    return f"{46_700_000 + 7 * n}"


def _place(material: str, rng: random.Random) -> tuple[str, str, str]:
    """Shelf, call number, department."""
    if material in {"music", "film", "multimedia"}:
        number = {"music": "78.79", "film": "77.7", "multimedia": "79.41"}[material]
        return "media", number, "Voksen"
    if rng.random() < 0.38:
        return (
            "children",
            "sk" if rng.random() < 0.7 else f"{rng.randrange(10, 100)}.{rng.randrange(10)}",
            "Børn",
        )
    if rng.random() < 0.48:
        return "fiction", f"{rng.randrange(82, 89)}", "Voksen"
    return "nonfiction", f"{rng.randrange(0, 82):02}.{rng.randrange(100):02}", "Voksen"


def _chosen(shares: Sequence[tuple[T, int]], rng: random.Random) -> T:
    return rng.choices([what for what, _ in shares], [share for _, share in shares])[0]


def _card(n: int) -> str:
    return f"{1_900_000_000 + 13 * n}"
