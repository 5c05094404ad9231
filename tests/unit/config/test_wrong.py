"""A technician reads our words for what is wrong, never those of the library that finds it."""

import pytest

from config.load import ConfigInvalid, document, load_text
from sorter.plan.plan import Plan
from tests.simulation.rig import STATION

LIBRARY_WORDS = ("Input should", "Field required", "Extra inputs", "Value error", "unable to")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('id = "test-1"\n', "", "station.id: is required and missing: add it"),
        ("baud = 38400", 'baud = "x"', "devices.printer.baud: must be a whole number"),
        ("[mail]", "[lending]\nidle_s = -3\n[mail]", "lending.idle_s: must be at least 5 (got -3)"),
        ("[mail]", '[lending]\nidle_s = "x"\n[mail]', "lending.idle_s: must be a number"),
        ("[mail]", "[lending]\nidel_s = 3\n[mail]", "lending.idel_s: is no key that is known here"),
        (
            "[mail]",
            '[lending]\nwithout_pad = "x"\n[mail]',
            "lending.without_pad: must be one of 'gate_may_sound', 'staff_disarms' or 'closed'",
        ),
        ("[mail]", "[returns]\nplaces = 3\n[mail]", "returns.places: must be a list"),
        ("[mail]", "[screen]\nwidth = true\n[mail]", "screen.width: must be"),
        (
            "[mail]",
            "[screen]\nwidth = 768\nheight = 1024\npx_per_mm = 3.4\n[mail]",
            "an upright screen 226 mm wide",
        ),
        ("[mail]", "[help]\ncounter = 3\n[mail]", "help.counter: must be text, in quotes"),
        ("schema_version = 1", "schema_version = 9", "schema_version: must be one of 1 (got 9)"),
    ],
)
def test_each_fault_says_where_what_and_what_to_do(before: str, after: str, words: str) -> None:
    assert before in STATION
    with pytest.raises(ConfigInvalid) as raised:
        load_text(STATION.replace(before, after, 1))
    said = str(raised.value)
    assert words in said, said
    assert said.startswith("station.toml:")
    assert not [theirs for theirs in LIBRARY_WORDS if theirs in said], said


def test_a_sort_plan_is_told_in_the_same_words() -> None:
    with pytest.raises(ConfigInvalid) as raised:
        document("schema_version = 1\n[[rules]]\n", "plan.toml", Plan)
    said = str(raised.value)
    assert "is required and missing: add it" in said
    assert not [theirs for theirs in LIBRARY_WORDS if theirs in said], said
