"""What the library system is told of the bin that an item really lies in."""

from sorter.belt.line import Line
from sorter.ims.site import Site


def place_told(site: Site, words: str, line: Line, number: int) -> str:
    """What the plan says of the bin, else the station's words with {bin}, {number}, {name} and {chute} put in.

    A bin that the plan has no more has its number for a name; one without a chute, or without a name for people, its name.
    """
    plan = line.decide.plan
    bin = next((name for name, one in plan.bins.items() if one.number == number), "")
    known = plan.bins.get(bin)
    if known is not None and known.told_as:
        return known.told_as
    called = bin or str(number)
    chute = site.chute_of(bin)
    return words.format(
        bin=called,
        number=number,
        name=known.name if known is not None and known.name else called,
        chute=chute.label if chute is not None else called,
    )
