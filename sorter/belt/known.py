"""What is known of one item when it is decided about: by its tags and the belt first, and by the library system's answer."""

from dataclasses import replace

from sorter.belt.items import SeenTag, Tracked
from sorter.plan.facts import CIRCULATION, Facts, Tags


def seen(item: Tracked, verdict: Tags, branch: str) -> Facts:
    """What tags and belt say. Of a set the first part that was read, and how many there should be."""
    first = min(item.tags, key=lambda tag: tag.part, default=None)
    facts = Facts(tags=verdict, branch=branch, length_mm=item.length)
    if first is None:
        return facts
    owner, usage = item.tags[0].owner, _usage(item.tags)
    return replace(facts, owner_isil=owner, part=first.part, parts=first.parts, usage=usage)


def _usage(tags: tuple[SeenTag, ...]) -> str:
    """Of a set that of the part which is for something else than lending, if there is one."""
    found = [tag.usage for tag in sorted(tags, key=lambda tag: tag.part) if tag.usage]
    return next((usage for usage in found if usage != CIRCULATION), found[0] if found else "")


def answered(facts: Facts, said: Facts) -> Facts:
    """The same once the library system has answered: what tags and belt said stands."""
    return replace(
        said,
        tags=facts.tags,
        armed=facts.armed,
        branch=facts.branch,
        owner_isil=facts.owner_isil,
        part=facts.part,
        parts=facts.parts,
        usage=facts.usage,
        length_mm=facts.length_mm,
    )
