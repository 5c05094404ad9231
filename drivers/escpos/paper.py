"""Words on a strip of paper: what may be printed at all, and where a line breaks.

Nothing of Unicode's Cc (control) and Cf (format) reaches a printer: a title that holds `1B 70 00 19 FA`
would open a drawer, one that holds `10 14 01 00 05` would too, even in the middle of an image.
"""

import unicodedata

from config.texts import words

WHOLE = frozenset((words.LRI, words.RLI))
"""Isolates round a date, a time or a number: never broken inside."""
ISOLATES = WHOLE | {words.FSI, words.PDI}
_SPACES = frozenset(("Zs", "Zl", "Zp", "Cc"))
_NEVER = frozenset(("Cf", "Cs", "Cn"))
_HYPHENS = {"\u2010": "-", "\u2011": "-"}


def isolated(text: str) -> str:
    """`text` in NFC, every kind of space a plain one, no control or format character but our isolates."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if char in ISOLATES:
            kept.append(char)
            continue
        category = unicodedata.category(char)
        if category in _SPACES:
            kept.append(" ")
        elif category not in _NEVER:
            kept.append(_HYPHENS.get(char, char))
    return " ".join("".join(kept).split())


def plain(text: str) -> str:
    """As `isolated`, without the isolates: what a printer's own letters can say."""
    return "".join(char for char in isolated(text) if char not in ISOLATES)


def width_of(text: str) -> int:
    """Columns of a monospaced line: two for East Asian wide letters, none for combining marks."""
    return sum(
        0
        if unicodedata.combining(char) or char in ISOLATES
        else 2
        if unicodedata.east_asian_width(char) in {"W", "F"}
        else 1
        for char in text
    )


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces; what stands in LRI..PDI or RLI..PDI (a date, a time) is never cut.

    A single word longer than the line is cut at the edge, because there is no other way.
    """
    lines: list[str] = []
    line = ""
    for word in _words(isolated(text)):
        joined = f"{line} {word}" if line else word
        if width_of(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, columns)
        lines += full
    return [*lines, line] if line or not lines else lines


def _words(text: str) -> list[str]:
    """Split at spaces, but not inside a date; the isolates themselves fall away."""
    found: list[str] = []
    word = ""
    inside: list[bool] = []
    for char in text:
        if char in WHOLE or char == words.FSI:
            inside.append(char in WHOLE)
        elif char == words.PDI:
            if inside:
                inside.pop()
        elif char == " " and not any(inside):
            if word:
                found.append(word)
            word = ""
        else:
            word += char
    return [*found, word] if word else found


def _cut(word: str, columns: int) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for char in word:
        if piece and width_of(piece + char) > columns:
            pieces.append(piece)
            piece = ""
        piece += char
    return [*pieces, piece]


def in_cp1252(text: str) -> bool:
    """Whether the printer's CP1252 letters can say all of `text`."""
    try:
        plain(text).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
