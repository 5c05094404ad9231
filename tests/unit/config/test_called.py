"""Names that the house gives its own things, in Danish or by language."""

import pytest

from config.called import lacking
from config.load import ConfigInvalid, load_text
from config.texts import LANGUAGES, Catalogue, Named, Text, text, verbatim
from drivers.service.spoken import private
from tests.simulation.rig import STATION

WORDS = Catalogue.load()
STAIRS = '{ da = "Ved trappen", en = "By the stairs" }'


def test_a_name_is_said_in_its_own_language_and_in_danish_where_it_lacks() -> None:
    stairs = Named.of({"da": "Ved trappen", "en": "By the stairs"})
    said = {language: WORDS.say(verbatim(stairs), language) for language in LANGUAGES}
    assert "By the stairs" in said["en"]
    assert all("Ved trappen" in said[language] for language in ("da", "de", "uk", "ar"))
    assert stairs.lacks() == ("de", "uk", "ar")


def test_words_alone_are_danish() -> None:
    assert Named.of("Ved trappen") == Named.of({"da": "Ved trappen"})
    assert Named.of("Ved trappen").lacks() == ("en", "de", "uk", "ar")
    assert not Named.of("")
    assert Named.of("").lacks() == ()


def test_a_name_goes_over_the_wire_and_comes_back() -> None:
    said = text("staff.where.line", where=Named.of({"da": "Skranken", "ar": "المكتب"}))
    assert Text.from_json(said.to_json()) == said


def test_what_the_house_calls_its_own_is_no_secret() -> None:
    assert not private(text("staff.where.line", where=Named.of("Skranken")))
    assert private(text("staff.where.line", where="Lykke-Per"))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ('{ en = "By the stairs" }', "da"),
        ('{ da = "Ved trappen", sv = "Vid trappan" }', "sv"),
        ('{ da = "Ved trappen", en = "" }', "text"),
        ('{ da = "Ved trappen", en = 7 }', "text"),
        ("7", "must be text, in quotes"),
    ],
)
def test_another_shape_is_refused_by_name(given: str, what: str) -> None:
    station = STATION.replace('landmark = "Ved trappen"', f"landmark = {given}")
    with pytest.raises(ConfigInvalid) as refused:
        load_text(station)
    (problem,) = refused.value.problems
    assert problem.key.startswith("nearest.landmark")
    assert what in problem.what


def test_a_name_has_its_bounds_in_every_language() -> None:
    name = '{ da = "Bøger", de = "' + "x" * 31 + '" }'
    with pytest.raises(ConfigInvalid) as refused:
        load_text(
            STATION
            + f'[returns]\nplaces = [{{id="1", kind="box", name={name}}}]\nrules = [{{place="1"}}]'
        )
    assert "returns.places.0.name" in {problem.key for problem in refused.value.problems}


def test_the_packaged_names_are_in_every_language_and_what_lacks_is_listed() -> None:
    assert dict(lacking(load_text(STATION).station)) == {
        "nearest.landmark": ("en", "de", "uk", "ar")
    }
    by_language = STATION.replace('landmark = "Ved trappen"', f"landmark = {STAIRS}")
    assert dict(lacking(load_text(by_language).station)) == {"nearest.landmark": ("de", "uk", "ar")}
