"""What makes a document with the form of a plan no plan: names that lead nowhere, rules that ask what cannot be."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from config.load import KeyPath
from config.texts import Text, text
from sorter.plan.facts import CHOICES, FLAGS, NUMBERS, TEXTS
from sorter.plan.names import wrong_with
from sorter.plan.plan import Compare, Condition, ExchangeTable, Plan, Rule

LONGEST, MANY = 80, 200
"""Names that are compared with one that is not there: no longer ones, and not among more."""

Fault = tuple[KeyPath, str]
"""The key that is wrong, and what is wrong with it in words that name the rule."""


def said_of(plan: Plan, path: KeyPath) -> Text | None:
    """The same by key, for whoever reads no English; None for what is to be said in general."""
    match path:
        case ("rules", int(n), "to") if not plan.rules[n].to.startswith("$"):
            return text("plan.fault.no_bin", rule=plan.rules[n].id, bin=plan.rules[n].to)
        case ("rules", int(n), "else"):
            lacking = next(bin for bin in plan.rules[n].else_ if bin not in plan.bins)
            return text("plan.fault.no_bin", rule=plan.rules[n].id, bin=lacking)
        case ("rules", int(n), "when", str(field)):
            return text("plan.fault.condition", rule=plan.rules[n].id, field=field)
        case ("rules", int(n), "id"):
            return text("plan.fault.id", rule=plan.rules[n].id)
        case ("rules",) | ("rules", int()):
            return text("plan.fault.last")
        case ("bins", str(name)):
            return text("plan.fault.bin", bin=name)
        case ("exception" | "overflow" as use,):
            return text(f"plan.fault.{use}_bin", bin=getattr(plan, use))
        case ("maps", str(name), str(key)):
            return text("plan.fault.map", map=name, word=key, bin=plan.maps[name][key])
        case ("exchange", *_):
            return text("plan.fault.exchange")
        case _:
            return None


def faults(plan: Plan) -> Iterator[Fault]:
    """Everything, in the order of the document's parts."""
    by_number: dict[int, str] = {}
    for name, bin in plan.bins.items():
        if wrong := wrong_with(name):
            people = f"; for people, give it name = {name!r}" if name and not bin.name else ""
            yield ("bins", name), f"bin {name!r}: {wrong}{people}"
        if bin.number in by_number:
            what = f"two bins have one number: {by_number[bin.number]} and {name} are both {bin.number}"
            yield ("bins", name), what
        by_number[bin.number] = name
    for use, named in (("exception", plan.exception), ("overflow", plan.overflow)):
        if named is not None and named not in plan.bins:
            yield (use,), f"{use}: {_no_bin(plan, named)}"
    for name, table in plan.maps.items():
        for key, to in table.items():
            if to not in plan.bins:
                yield ("maps", name, key), f"map {name}: {_no_bin(plan, to)}"
    if plan.exchange is not None:
        yield from _of_exchange(plan.exchange)
    seen: set[str] = set()
    for n, rule in enumerate(plan.rules):
        if rule.id in seen:
            yield ("rules", n, "id"), f"rule {rule.id}: its id stands twice"
        seen.add(rule.id)
        if wrong := wrong_with(rule.id):
            yield ("rules", n, "id"), f"rule {rule.id}: {wrong}"
        for path, what in _of_rule(plan, rule):
            yield ("rules", n, *path), f"rule {rule.id}: {what}"
    if not plan.rules or plan.rules[-1].when:
        what = "the last rule must ask nothing, so that every item has a bin"
        yield ("rules", len(plan.rules) - 1) if plan.rules else ("rules",), what


def _of_exchange(exchange: ExchangeTable) -> Iterator[Fault]:
    if exchange.here not in exchange.branches:
        what = f"exchange: here is {exchange.here!r}, which is no branch of it"
        yield ("exchange", "here"), what + _meant(exchange.here, exchange.branches)
    elif not exchange.branches[exchange.here].plant:
        what = f"exchange: {exchange.here!r} has this plant, and says plant = false"
        yield ("exchange", "branches", exchange.here), what
    try:
        exchange.network  # noqa: B018 - it says what is wrong with it
    except ValueError as error:
        yield ("exchange",), f"exchange: {error}"
    seen: set[str] = set()
    told: set[str] = set()
    for name, table in exchange.branches.items():
        for called in (name, *table.codes):
            if called in seen and called not in told:
                told.add(called)
                yield (
                    ("exchange", "branches", name),
                    f"exchange: two branches are called {called!r}",
                )
            seen.add(called)


def _of_rule(plan: Plan, rule: Rule) -> Iterator[Fault]:
    for field, condition in rule.when.items():
        for what in _of_condition(plan, field, condition):
            yield ("when", field), what
    if rule.to.startswith("$"):
        of = rule.when.get(rule.to[1:])
        if not (isinstance(of, Compare) and of.in_map):
            what = f"{rule.to[1:]} has no in_map in this rule"
            yield ("to",), f"to {rule.to!r}: {what}"
    elif rule.to not in plan.bins:
        yield ("to",), _no_bin(plan, rule.to)
    for bin in rule.else_:
        if bin not in plan.bins:
            yield ("else",), f"else: {_no_bin(plan, bin)}"


def _of_condition(plan: Plan, field: str, condition: Condition) -> list[str]:
    if field in FLAGS:
        return [] if isinstance(condition, bool) else [f"{field} is true or false, without quotes"]
    if field in NUMBERS:
        orders = isinstance(condition, Compare) and set(condition.given) <= {"lt", "le", "gt", "ge"}
        number = isinstance(condition, int) and not isinstance(condition, bool)
        return [] if number or orders else [f"{field} is a number, or lt, le, gt, ge of one"]
    if field not in TEXTS:
        every = sorted(TEXTS | FLAGS | NUMBERS)
        return [f"there is no {field!r}{_meant(field, every)}; there are: {', '.join(every)}"]
    if isinstance(condition, bool | int):
        return [f"{field} is a text, in quotes"]
    if isinstance(condition, Compare):
        wrong = []
        if condition.in_map is not None and condition.in_map not in plan.maps:
            wrong.append(
                f"{field}: no map {condition.in_map!r}{_meant(condition.in_map, plan.maps)}"
            )
        for operand in (condition.eq, condition.ne):
            if operand and operand.startswith("$") and operand[1:] not in TEXTS:
                wrong.append(f"{field}: there is no {operand[1:]!r} to compare with")
        return wrong + _of_choice(field, (condition.in_ or ()) + (condition.not_in or ()))
    return _of_choice(field, (condition,) if isinstance(condition, str) else condition)


def _of_choice(field: str, values: tuple[str, ...]) -> list[str]:
    words = CHOICES.get(field)
    if words is None:
        return []
    return [
        f"{field} is never {v!r}; it is {', '.join(sorted(words))}"
        for v in values
        if v not in words
    ]


def _no_bin(plan: Plan, name: str) -> str:
    return f"no bin {name!r}{_meant(name, plan.bins)}"


def _meant(name: str, known: Iterable[str]) -> str:
    """The known name that somebody may have meant."""
    names = [one for one in known if len(one) <= LONGEST]
    if len(name) > LONGEST or len(names) > MANY:
        return ""  # to compare them takes time by their number and by the square of their length
    near = get_close_matches(name, names, 1, 0.75)
    return f", did you mean {near[0]!r}?" if near else ""
