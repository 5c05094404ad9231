"""Why an item goes where it goes: each rule down to the one that holds, with the first condition that does not."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sorter.plan.decide import tests_of
from sorter.plan.facts import CHOICES, FLAGS, NUMBERS, TEXTS, Facts, Library, Tags
from sorter.plan.plan import Compare, Condition, Plan, Rule
from sorter.plan.routed import routed


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule and what stood in its way; `because` is empty for the rule that holds."""

    rule: str
    because: str

    @property
    def holds(self) -> bool:
        return not self.because


def explain(plan: Plan, facts: Facts) -> tuple[Tried, ...]:
    """The rules in order, up to the first that holds."""
    tried: list[Tried] = []
    facts = routed(plan, facts)
    for rule in plan.rules:
        because = _first_no(plan, rule, facts)
        tried.append(Tried(rule.id, because))
        if not because:
            break
    return tuple(tried)


def _first_no(plan: Plan, rule: Rule, facts: Facts) -> str:
    for field, condition in rule.when.items():
        one = Rule(id="x", when={field: condition}, to=plan.exception)
        if not all(test(facts) for test in tests_of(plan, one)):
            value = getattr(facts, field)
            return f"{field} is {_said(value)}, asked for is {in_words(condition)}"
    return ""


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(str(value)) if isinstance(value, str) else str(value)


def in_words(condition: Condition) -> str:
    """A condition as a planner reads it."""
    match condition:
        case Compare():
            words = {"in_": "one of", "not_in": "none of", "eq": "=", "ne": "not", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "prefix": "begins with", "contains": "contains", "in_map": "in map"}  # fmt: skip
            parts = []
            for name, value in condition.given.items():
                said = ", ".join(map(repr, value)) if isinstance(value, tuple) else _said(value)
                parts.append(f"{words[name]} {said}")
            return " and ".join(parts)
        case tuple():
            return "one of " + ", ".join(map(repr, condition))
        case _:
            return _said(condition)


def facts_of(data: Mapping[str, Any]) -> Facts:
    """Facts from a JSON object with the fields of `Facts`.

    Raises:
        ValueError: a field that there is not, or a value that it cannot have, named.
    """
    known = {f.name for f in fields(Facts)}
    for name, value in data.items():
        if name not in known:
            raise ValueError(f"there is no {name!r}; there are: {', '.join(sorted(known))}")
        if name in FLAGS and not isinstance(value, bool):
            raise ValueError(f"{name} is true or false, not {value!r}")
        if name in NUMBERS and (not isinstance(value, int) or isinstance(value, bool)):
            raise ValueError(f"{name} is a whole number, not {value!r}")
        if name in TEXTS and not isinstance(value, str):
            raise ValueError(f"{name} is a text, not {value!r}")
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(sorted(CHOICES[name]))}, not {value!r}")
    given = dict(data)
    if "tags" in given:
        given["tags"] = Tags(given["tags"])
    if "library" in given:
        given["library"] = Library(given["library"])
    return replace(Facts(), **given)
