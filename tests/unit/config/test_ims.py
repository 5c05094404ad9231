"""Branch, chutes and shared database in a station file: what cannot be is named with its line."""

import pytest

from config.load import ConfigInvalid, load_text
from config.texts import Catalogue
from drivers.runtime.clock import SeededRng, SystemClock
from drivers.store.engine import InlineStore
from sorter.build import build
from tests.simulation.plant import CRATES, KEY

DATABASE = '[ims.database]\nurl = "postgresql://ims@db.example.dk:5432/ims"\n'


def test_chutes_and_database_are_read() -> None:
    ims = load_text(CRATES + DATABASE).station.ims
    assert ims is not None
    assert ims.chutes["A-06"].destination == "Dalum"
    assert ims.database is not None
    assert ims.database.tls


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("chutes.A-01", "chutes.B-01", "chute B-01 fits no pattern"),
        ("chutes.A-01", "chutes.K-0001", "chute K-0001 fits crate_pattern"),
        ("chutes.A-01", "chutes.a-01", "must have the form"),
        ('bin = "children"', 'bin = "adults"', "two chutes are one bin: adults"),
        ("chutes.A-06", "chutes.A01", "chutes A-01 and A01 are one label"),
        ('branch = "Borgernes Hus"', 'branch = ""', "at least 1 letter"),
        ("postgresql://ims@", "postgresql://ims:canary@", "must hold no password"),
        ("postgresql://ims@", "postgresql://ims:canary/@x@", "must hold no password"),
        ("postgresql://ims@", "mysql://ims@", "must have the form"),
        ("[ims.database]\n", '[ims.database]\nsecret = "x"\n', "secret"),
    ],
)
def test_what_cannot_be_is_named(old: str, new: str, what: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        load_text((CRATES + DATABASE).replace(old, new))
    assert what in str(wrong.value)
    assert "canary" not in str(wrong.value)


async def test_a_chute_of_a_bin_that_the_plan_has_not_is_refused_at_the_start() -> None:
    clock, rng = SystemClock(), SeededRng(1)
    store = InlineStore(clock=clock, rng=rng, key=KEY)
    station = load_text(CRATES.replace('bin = "adults"', 'bin = "adluts"')).station
    with pytest.raises(ConfigInvalid, match="the plan has no bin 'adluts'"):
        build(station, catalogue=Catalogue.load(), clock=clock, rng=rng, store=store)
    await store.close()
