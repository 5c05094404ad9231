"""Routes between branches: direct or by the sorting branch, sorted once or twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.ims.routes import Branch, Exchange, Network, Sort, Stop

NAMES = ("Borgernes Hus", "Bolbro", "Dalum", "Tarup")
BRANCHES = {name: Branch(name, plant=name in {"Borgernes Hus", "Tarup"}) for name in NAMES}
DIRECT = Network(BRANCHES)
CENTRAL = Network(BRANCHES, Exchange.CENTRAL, "Borgernes Hus")


@pytest.mark.parametrize(
    ("network", "here", "to", "stops"),
    [
        (DIRECT, "Bolbro", "Dalum", (Stop("Dalum", Sort.NONE),)),
        (DIRECT, "Bolbro", "Tarup", (Stop("Tarup", Sort.SECONDARY),)),
        (CENTRAL, "Bolbro", "Dalum", (Stop("Borgernes Hus", Sort.SECONDARY), Stop("Dalum", Sort.NONE))),
        (CENTRAL, "Bolbro", "Tarup", (Stop("Borgernes Hus", Sort.PRIMARY), Stop("Tarup", Sort.SECONDARY))),
        (CENTRAL, "Bolbro", "Borgernes Hus", (Stop("Borgernes Hus", Sort.SECONDARY),)),
        (CENTRAL, "Borgernes Hus", "Dalum", (Stop("Dalum", Sort.NONE),)),
        (CENTRAL, "Dalum", "Dalum", ()),
    ],
)  # fmt: skip
def test_a_route_names_each_stop_and_how_finely_it_sorts(
    network: Network, here: str, to: str, stops: tuple[Stop, ...]
) -> None:
    assert network.route(here, to) == stops
    assert network.next_stop(here, to) == (stops[0].branch if stops else "")


@given(st.sampled_from([DIRECT, CENTRAL]), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_every_route_arrives_and_passes_no_branch_twice(
    network: Network, here: str, to: str
) -> None:
    way = [here, *(stop.branch for stop in network.route(here, to))]
    assert way[-1] == to
    assert len(way) == len(set(way))


@pytest.mark.parametrize("central", ["", "Dalum", "Nyborg"])
def test_a_sorting_branch_must_be_one_and_have_a_plant(central: str) -> None:
    with pytest.raises(ValueError, match="the sorting branch"):
        Network(BRANCHES, Exchange.CENTRAL, central)


def test_an_unknown_branch_is_named() -> None:
    with pytest.raises(KeyError, match="Nyborg"):
        DIRECT.route("Dalum", "Nyborg")
