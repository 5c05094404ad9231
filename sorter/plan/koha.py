"""Koha's sort bin lines as rules (C4/SIP/ILS/Transaction/Checkin.pm; several conditions since bug 34737).

A line is `branch:field:comparison:value[:field:comparison:value …]:bin`; the first that holds wins. `eq` and `ne` (also `=`
and `!=`) compare text, `<` `>` `<=` `>=` numbers; a value `$field` is that field of the item. Blank lines and lines that
begin with `#` are skipped. Koha knows an item's record; a belt knows what the library system and the tag say of it,
so a field that neither says makes its line unusable, and that is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS: Mapping[str, str] = {
    "homebranch": "location",
    "holdingbranch": "branch",
    "effective_itemtype": "media",
    "itype": "media",
    "itemcallnumber": "call_number",
    "ccode": "collection",
}
"""Koha's field to ours."""
_TEXT = {"eq": "eq", "=": "eq", "ne": "ne", "!=": "ne"}
_NUMBER = {"<": "lt", ">": "gt", "<=": "le", ">=": "ge"}


@dataclass(frozen=True, slots=True)
class Imported:
    """Rules as a plan's TOML holds them, the bins they name, and what could not be taken over."""

    rules: tuple[dict[str, Any], ...]
    bins: tuple[str, ...]
    warnings: tuple[str, ...]


def import_lines(text: str) -> Imported:
    """Read lines that end in LF, CRLF or CR, also mixed. Never raises: a bad line is a warning with its number."""
    rules: list[dict[str, Any]] = []
    bins: dict[str, None] = {}
    warnings: list[str] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            rule, bin = _rule(line, number)
        except ValueError as error:
            warnings.append(f"line {number}: {error}: {line}")
            continue
        rules.append(rule)
        bins.setdefault(bin)
    return Imported(tuple(rules), tuple(bins), tuple(warnings))


def bin_name(bin: str) -> str:
    """The name of Koha's bin in a plan."""
    return "koha-" + (re.sub(r"[^a-z0-9]+", "-", bin.lower()).strip("-") or "bin")


def _rule(line: str, number: int) -> tuple[dict[str, Any], str]:
    parts = [part.strip() for part in line.split(":")]
    if len(parts) < 5 or len(parts) % 3 != 2 or not parts[0] or not parts[-1]:
        raise ValueError("not branch:field:comparison:value:bin")
    branch, *conditions, bin = parts
    when: dict[str, Any] = {"branch": branch}
    for field, compare, value in zip(*[iter(conditions)] * 3, strict=True):
        ours = FIELDS.get(field)
        if ours is None:
            raise ValueError(f"{field} is not told to a belt")
        name, operand = _comparison(compare, value)
        told = when.setdefault(ours, {})
        if not isinstance(told, dict) or name in told:
            raise ValueError(f"{field} is compared twice in one way")
        told[name] = operand
    return {"id": f"koha-{number}", "when": when, "to": bin_name(bin)}, bin


def _comparison(compare: str, value: str) -> tuple[str, Any]:
    if compare in _TEXT:
        if value.startswith("$"):
            other = FIELDS.get(value[1:])
            if other is None:
                raise ValueError(f"{value[1:]} is not told to a belt")
            return _TEXT[compare], f"${other}"
        return _TEXT[compare], value
    if compare in _NUMBER:
        try:
            return _NUMBER[compare], float(value)
        except ValueError:
            raise ValueError(f"{value!r} is no number") from None
    raise ValueError(f"{compare!r} is no comparison")
