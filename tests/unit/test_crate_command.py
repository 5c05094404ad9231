"""`ims crate` at a branch over a real PostgreSQL, and at a plant through its database: answers, and errors that say what to do."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ui.cli
from drivers.ports import Secret
from drivers.runtime.clock import SystemClock
from drivers.store.shared import SharedDatabase, SharedTxn
from sorter.ims import records
from sorter.ims.happened import Happened, What
from sorter.ims.points import Point, PointChute, network_told, point_told
from sorter.ims.records import Row
from sorter.ims.routes import Branch as Library
from sorter.ims.routes import Exchange, Network
from tests.postgres import Cluster, cluster
from ui.commands.crate_words import Words

__all__ = ["cluster"]
BOOK, OTHER, STRAY = "3846646425", "3846646433", "3846646441"
AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
HERE = "Borgernes Hus"
NETWORK = Network(
    {HERE: Library(HERE, plant=True), **{name: Library(name) for name in ("Dalum", "Tarup")}},
    Exchange.CENTRAL,
    HERE,
)
STATION = """
schema_version = 1
[station]
id = "{id}"
kind = "kiosk"
place = "{branch}"
language = "{language}"
name = "Automat 1"
[library]
url = "sip2://127.0.0.1:1"
institution = "DK-746100"
[ims]
branch = "{branch}"
[ims.database]
url = "{url}"
tls = false
answer_s = 5.0
password = {{ file = "{word}" }}
"""


def happenings() -> list[Happened]:
    """A crate that was filled for Dalum and closed, and the next one at its chute."""
    why = json.dumps({"alert": "04", "destination": "Dalum"})
    return [
        Happened(What.DOCKED, AT, HERE, "K-0001", "A-06", "Dalum", bin="transit", fresh=True),
        Happened(
            What.FELL, AT, HERE, "K-0001", "A-06", "Dalum", BOOK, 7, "transit", "branch", "none",
            why=why,
        ),
        Happened(What.FELL, AT, HERE, "K-0001", "A-06", "Tarup", OTHER, 8, "transit", "branch"),
        Happened(What.CLOSED, AT, HERE, "K-0001", "A-06", bin="transit"),
        Happened(What.DOCKED, AT, HERE, "K-0002", "A-06", "Dalum", bin="transit", fresh=True),
        point_told(Point("bh-sorter", HERE, "Sortering", (PointChute("A-06", "transit", 6, "Dalum"),)), AT),
        network_told(NETWORK, HERE, AT),
    ]  # fmt: skip


@dataclass
class Branch:
    """A branch's station file, and what its commands answer."""

    file: Path
    word: Path

    def ims(self, *words: str, scanned: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(
            ui.cli.app, ["crate", *words, "--station", str(self.file)], input=scanned
        )
        assert done.exit_code == code, done.output
        return done.output

    def told(self, *words: str, scanned: str = "", code: int = 0) -> dict[str, Any]:
        output = self.ims(*words, "--json", scanned=scanned, code=code)
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
        return found


@pytest.fixture
async def branch(cluster: Cluster, tmp_path: Path) -> Callable[[str], Branch]:
    database = cluster.database()
    word = tmp_path / "database.word"
    word.write_text(cluster.password + "\n", encoding="utf-8")
    word.chmod(0o400)
    shared = SharedDatabase(cluster.config(database), Secret(cluster.password), clock=SystemClock())

    def fill(txn: SharedTxn) -> None:
        rows = [
            Row("bh-sorter", "first", n, replace(one, at=AT + n * timedelta(minutes=1)))
            for n, one in enumerate(happenings(), 1)
        ]
        assert records.take(txn.connection, rows) == len(rows)
        assert records.take(txn.connection, rows) == 0

    await shared.write(fill)
    await shared.close()

    def at(name: str, language: str = "en") -> Branch:
        file = tmp_path / f"{name}.toml"
        url = cluster.config(database).url
        id = name.lower().replace(" ", "-")
        text = STATION.format(id=id, branch=name, url=url, word=word, language=language)
        file.write_text(text, encoding="utf-8")
        return Branch(file, word)

    return at


At = Callable[..., Branch]


def test_a_crate_is_shown_with_its_items(branch: At) -> None:
    dalum = branch("Dalum")
    shown = dalum.told("show", "k-0001")
    assert (shown["state"], shown["branch"], shown["destination"]) == ("closed", HERE, "Dalum")
    assert [one["item"] for one in shown["items"]] == [BOOK, OTHER]
    words = dalum.ims("show", "K-0001")
    assert re.search(r"K-0001 is closed at Borgernes Hus, for Dalum, since \d{4}", words)
    assert f"{OTHER}" in words
    assert "for Tarup" in words


def test_find_says_where_and_why_in_one_step(branch: At) -> None:
    dalum = branch("Dalum")
    found = dalum.told("find", BOOK)
    assert (found["where"]["crate"], found["why"]["rule"]) == ("K-0001", "branch")
    assert found["why"]["facts"] == {"alert": "04", "destination": "Dalum"}
    assert [one["what"] for one in found["history"]] == ["fell", "closed"]
    words = dalum.ims("find", BOOK)
    assert "lies in crate K-0001 (closed) at Borgernes Hus" in words
    assert "Rule branch, which looked at:" in words
    assert "alert = 04" in words
    assert "Borgernes Hus: crate K-0001 was taken from A-06" in words


def test_a_whole_crate_is_received_at_its_branch_and_only_once(branch: At) -> None:
    dalum = branch("Dalum")
    assert f"{OTHER} goes on to Tarup" in dalum.ims("receive", "K-0001")
    assert dalum.told("find", BOOK)["where"]["branch"] == "Dalum"
    again = dalum.told("receive", "K-0001", code=1)["error"]
    assert (again["code"], again["where"]) == ("crate.received_twice", "K-0001")
    assert "Dalum" in again["what"]
    assert dalum.told("empty", "K-0001")["done"]
    assert dalum.told("show", "K-0001")["items"] == []


def test_scanned_item_by_item_it_says_what_is_missing_and_what_should_not_be_there(
    branch: At,
) -> None:
    dalum = branch("Dalum")
    canary = "hello 0101011234"
    scanned = f"{BOOK}\n{canary}\n{STRAY}\n\n{OTHER}\n"
    output = dalum.ims("receive", "K-0001", "--scan", scanned=scanned)
    assert f"{OTHER}  MISSING" in output
    assert f"{STRAY}  SURPLUS" in output
    assert "line 2: this is no item number" in output
    assert canary not in output
    assert dalum.told("find", OTHER)["why"]["cause"] == "missing"
    assert dalum.told("find", STRAY)["where"]["crate"] == "K-0001"


def test_a_crate_for_another_branch_says_so_and_is_not_received(branch: At) -> None:
    output = branch("Tarup").ims("receive", "K-0001", code=1)
    assert "K-0001 is for Dalum, not for Tarup. Send it on by Borgernes Hus. Items: 2." in output
    shown = branch("Dalum").told("show", "K-0001")
    assert (shown["state"], shown["branch"]) == ("sent", "Tarup")
    assert branch("Dalum").told("receive", "K-0001")["items"] == [BOOK, OTHER]


@pytest.mark.parametrize(
    ("words", "code", "error", "do"),
    [
        (("show", "K-0099"), 1, "crate.unknown", "Check the label"),
        (("receive", "K-0099"), 1, "crate.unknown", "return the items one by one"),
        (("receive", "K-0002"), 1, "crate.stands_at_chute", "Swap it there first"),
        (("empty", "K-0002"), 1, "crate.stands_at_chute", "Swap it there first"),
        (("find", "1111111111"), 1, "item.unknown", "Check the number"),
        (("find", "K-0001"), 2, "label.other", "Give an item number"),
        (("show", BOOK), 2, "label.other", "Give a crate's label"),
        (("receive", "A-06"), 2, "label.other", "Give a crate's label"),
    ],
)
def test_bad_input_names_what_where_and_what_to_do(
    branch: At, words: tuple[str, ...], code: int, error: str, do: str
) -> None:
    fault = branch("Dalum").told(*words, code=code)["error"]
    assert fault["code"] == error
    assert do in fault["do"]
    assert fault["where"]


def test_one_that_is_on_its_way_is_received_before_it_is_emptied(branch: At) -> None:
    branch(HERE).ims("send", "K-0001")
    fault = branch("Dalum").told("empty", "K-0001", code=1)["error"]
    assert (fault["code"], fault["do"]) == ("crate.not_here", "Receive it first.")


def test_it_answers_in_danish_where_the_station_does(branch: At) -> None:
    dalum = branch("Dalum", "da")
    words = dalum.ims("show", "K-0001")
    assert "K-0001: lukket, Borgernes Hus, til Dalum, siden" in words
    assert f"{OTHER} skal videre til Tarup" in dalum.ims("receive", "K-0001")
    again = dalum.told("receive", "K-0001", code=1)["error"]
    assert again["what"].startswith("Den er allerede modtaget på Dalum")
    found = dalum.ims("find", BOOK)
    assert "ligger i kasse K-0001 (modtaget), Dalum, afkast transit, til Dalum" in found
    assert "Regel branch, som så på:" in found
    assert "Bibliotekerne udveksler alt over Borgernes Hus" in dalum.ims("points")
    assert dalum.ims("empty", "K-0001").startswith("K-0001 er tom og fri, på Dalum.")


@pytest.mark.parametrize(("answer", "received"), [("yes\n", True), ("\n", False), ("", False)])
def test_nothing_scanned_is_asked_about(branch: At, answer: str, *, received: bool) -> None:
    dalum = branch("Dalum")
    output = dalum.ims(
        "receive", "K-0001", "--scan", scanned="\n" + answer, code=0 if received else 1
    )
    assert "Receive it as it is written?" in output
    assert ("is received at Dalum" in output) is received
    assert dalum.told("show", "K-0001")["state"] == ("received" if received else "closed")
    assert dalum.told("find", BOOK)["why"]["cause"] == "none"


def test_what_is_scanned_too_many_says_where_it_goes_and_by_hand_nothing_is(branch: At) -> None:
    dalum = branch("Dalum")
    dalum.ims("receive", "K-0001", "--scan", scanned=f"{BOOK}\n")
    dalum.ims("empty", "K-0001")
    output = dalum.ims("receive", "K-0001", "--scan", scanned=f"{OTHER}\n{STRAY}\n")
    assert "packed by hand. Items scanned: 2." in output
    assert "SURPLUS" not in output
    assert f"{OTHER} goes on to Tarup by Borgernes Hus" in output


@pytest.mark.parametrize(
    ("before", "words", "said", "do"),
    [
        (("receive",), ("Tarup", "send"), "It stands at Dalum", "receive it here first"),
        (("receive",), ("Tarup", "empty"), "It stands at Dalum", "say it at Dalum"),
        (("receive", "empty"), ("Dalum", "send"), "It is empty, at Dalum.", "--scan"),
    ],
)
def test_where_a_crate_is_not_it_is_neither_sent_nor_emptied(
    branch: At, before: tuple[str, ...], words: tuple[str, str], said: str, do: str
) -> None:
    for verb in before:
        branch("Dalum").ims(verb, "K-0001")
    shown = branch("Dalum").told("show", "K-0001")
    fault = branch(words[0]).told(words[1], "K-0001", code=1)["error"]
    assert said in fault["what"]
    assert do in fault["do"]
    assert branch("Dalum").told("show", "K-0001") == shown


def test_a_wrong_password_and_an_open_file_are_told_without_saying_it(branch: At) -> None:
    dalum = branch("Dalum")
    dalum.word.chmod(0o600)
    dalum.word.write_text("canary-5d1f", encoding="utf-8")
    output = dalum.ims("show", "K-0001", code=3)
    assert "refuses this station" in output
    assert "canary" not in output
    dalum.word.chmod(0o644)
    output = dalum.ims("show", "K-0001", code=2)
    assert "others may read it" in output


def test_a_password_in_the_url_is_refused_and_not_said(branch: At) -> None:
    dalum = branch("Dalum")
    text = dalum.file.read_text(encoding="utf-8").replace("ims@", "ims:canary-5d1f@")
    dalum.file.write_text(text, encoding="utf-8")
    output = dalum.ims("show", "K-0001", code=2)
    assert "must hold no password" in output
    assert "canary" not in output


def test_a_station_without_a_shared_database_says_what_to_add(branch: At, tmp_path: Path) -> None:
    dalum = branch("Dalum")
    text = dalum.file.read_text(encoding="utf-8").partition("[ims.database]")[0]
    dalum.file.write_text(text, encoding="utf-8")
    assert "Add [ims.database]" in dalum.ims("show", "K-0001", code=2)


def test_where_no_plant_is_it_says_so(tmp_path: Path) -> None:
    for words in (("show", "K-0001"), ("receive", "K-0001")):
        done = CliRunner().invoke(ui.cli.app, ["crate", *words, "--state", str(tmp_path)])
        assert done.exit_code == 3, done.output
        assert str(tmp_path) in done.output


async def test_sorting_points_are_told_at_any_branch(branch: Callable[[str], Branch]) -> None:
    words = branch("Dalum").ims("points")
    assert "Sortering at Borgernes Hus" in words
    assert "A-06  bin 6 transit, for Dalum: K-0002" in words
    assert "exchange all by Borgernes Hus: Borgernes Hus (plant), Dalum, Tarup" in words
    found = branch("Dalum").told("points")
    (point,) = found["points"]
    assert (point["point"], point["station"]) == ("Sortering", "bh-sorter")
    assert branch("Dalum").told("show", "K-0002")["point"] == "Sortering"
    assert "chute A-06 of Sortering" in branch("Dalum").ims("show", "K-0002")


async def test_what_goes_on_is_told_with_the_branch_that_it_goes_by(
    branch: Callable[[str], Branch],
) -> None:
    wrong = branch("Tarup").told("receive", "K-0001", code=1)
    assert (wrong["for"], wrong["by"]) == ("Dalum", HERE)
    here = branch("Dalum").told("receive", "K-0001")
    assert here["onward"] == [{"item": OTHER, "destination": "Tarup", "by": HERE}]


def test_what_fell_beside_its_bin_is_told_to_lie_on_the_floor() -> None:
    where = {"branch": HERE, "bin": "", "beside": "adults", "bin_name": "Voksne", "crate": ""}
    told: dict[str, object] = {
        "item": BOOK,
        "on_belt": None,
        "where": where | {"destination": "", "since": AT.isoformat()},
        "why": {"rule": "", "cause": "no_crate", "facts": {}},
        "history": [
            {"at": AT.isoformat(), "what": "gone", "branch": HERE, "bin": "adults"}
            | dict.fromkeys(("crate", "chute", "destination"), "")
        ],
    }
    words = Words("da").item(told)
    assert f"{BOOK} ligger på {HERE} på gulvet ved afkast adults (Voksne), siden" in words
    assert "Årsag: Faldt, hvor ingen kasse stod." in words
    assert f"{HERE}: faldt ved adults, hvor ingen kasse stod" in words


def test_what_lies_on_the_belt_is_told_in_words_and_with_its_bin() -> None:
    words = Words("da")
    told: dict[str, object] = {"item": BOOK, "where": None, "why": None, "history": []}
    bound = {"state": "sent", "bin": "adults", "bin_name": "Voksne", "rule": "adults"}
    open_ = {"state": "asked", "bin": None, "bin_name": "", "rule": None}
    assert (
        words.item(told | {"on_belt": bound})
        == f"{BOOK}: Ligger på båndet nu. Skal i kassen “Voksne”."
    )
    assert (
        words.item(told | {"on_belt": open_})
        == f"{BOOK}: Ligger på båndet nu. Kassen er ikke valgt endnu."
    )
