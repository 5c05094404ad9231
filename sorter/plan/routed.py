"""Where an item goes next, and how finely it is sorted here: what the plan's exchange makes of its destination."""

from dataclasses import replace

from sorter.plan.facts import Facts
from sorter.plan.plan import Plan


def routed(plan: Plan, facts: Facts) -> Facts:
    """The same facts with `next_stop` and `sort`; as they were where the plan has no exchange.

    Without a destination it stays here. A destination that is none of the branches has no next stop.
    """
    exchange = plan.exchange
    if exchange is None:
        return facts
    to = exchange.branch_of(facts.destination) if facts.destination else exchange.here
    if not to:
        return replace(facts, next_stop="", sort="")
    network = exchange.network
    stop = network.next_stop(exchange.here, to)
    return replace(facts, next_stop=stop, sort=network.sort_at(exchange.here, to).value)
