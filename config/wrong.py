"""What is wrong with a value of a document, in our words: what it must be, and what to do. Pure.

The model's library has words of its own, for whoever knows the library; a technician does not.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

_NUMBER = "must be a number, without quotes"
_WHOLE = "must be a whole number, without quotes"
_TEXT = "must be text, in quotes"
_LIST = "must be a list: [ … ]"
_TABLE = "must be a table of keys and values"
_TRUTH = "must be true or false, without quotes"

_WORDS: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = {
    "missing": "is required and missing: add it",
    "extra_forbidden": "is no key that is known here: mend its spelling, move it to its table, or take it out",
    "greater_than_equal": lambda ctx: f"must be at least {_plain(ctx['ge'])}",
    "greater_than": lambda ctx: f"must be more than {_plain(ctx['gt'])}",
    "less_than_equal": lambda ctx: f"must be at most {_plain(ctx['le'])}",
    "less_than": lambda ctx: f"must be less than {_plain(ctx['lt'])}",
    "finite_number": _NUMBER,
    "literal_error": lambda ctx: f"must be one of {ctx['expected']}",
    "enum": lambda ctx: f"must be one of {ctx['expected']}",
    "union_tag_invalid": lambda ctx: f"must be one of {ctx['expected_tags']}",
    "union_tag_not_found": lambda ctx: (
        f"needs the key {ctx['discriminator']}, which says what it is"
    ),
    "string_pattern_mismatch": lambda ctx: f"must have the form {ctx['pattern']}",
    "string_too_short": lambda ctx: f"must have at least {_many(ctx['min_length'], 'letter')}",
    "string_too_long": lambda ctx: f"must have at most {_many(ctx['max_length'], 'letter')}",
    "too_short": lambda ctx: f"must have at least {_many(ctx['min_length'], 'entry', 'entries')}",
    "too_long": lambda ctx: f"must have at most {_many(ctx['max_length'], 'entry', 'entries')}",
    "none_required": "must be left out",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _TRUTH),
    **dict.fromkeys(("string_type", "string_sub_type"), _TEXT),
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "dataclass_type", "mapping_type"),
        _TABLE,
    ),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing"), "must be a day: 2026-12-24"
    ),
    **dict.fromkeys(("time_type", "time_parsing"), "must be a time of day: 18:30"),
}
_OURS = frozenset({"value_error", "assertion_error"})
"""Our own checks said it, in our words, behind a prefix of the library's."""


def words(fault: ErrorDetails) -> str:
    """What is wrong with one value, without its place. What has no words of ours keeps the library's."""
    if fault["type"] in _OURS:
        return fault["msg"].partition(", ")[2] or fault["msg"]
    known = _WORDS.get(fault["type"])
    if known is None:
        return fault["msg"]
    return known if isinstance(known, str) else known(fault.get("ctx", {}))


def _many(n: int, one: str, more: str = "") -> str:
    return f"{n} {one if n == 1 else more or f'{one}s'}"


def _plain(limit: object) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit)
