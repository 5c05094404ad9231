"""Configuration: every error at once with its place, layers, explanations and secrets by reference."""

from pathlib import Path

import pytest

from config.load import ConfigInvalid, Loaded, load, load_text, sites
from config.secret_ref import SecretRef
from config.secrets import SecretUnreadable, resolve

GOOD = """\
schema_version = 1

[station]
id = "hb-2"
kind = "kiosk"
place = "Borgernes Hus"
name = "Automat 2"

[devices.pad]
driver = "feig"
url = "/dev/ims/pad"

[library]
url = "sip2://fbs.example:6001"
user = "kiosk"
password = { credential = "sip2.password" }
institution = "DK-746100"
"""


def problems(toml: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as found:
        load_text(toml, "site.toml")
    return [str(problem) for problem in found.value.problems]


def test_a_station_file_that_is_right() -> None:
    loaded = load_text(GOOD)
    assert loaded.station.station.id == "hb-2"
    assert loaded.station.lending.idle_s == 60
    with pytest.raises(Exception, match="frozen"):
        loaded.station.lending.idle_s = 1  # type: ignore[misc]


def test_all_errors_come_at_once_in_order_of_place() -> None:
    wrong = (
        GOOD.replace("schema_version = 1\n", "schema_version = 1\n\n[lending]\npin_length = 3\n", 1)
        .replace('url = "/dev/ims/pad"', 'url = "/dev/ims/pad"\nbaud = "fast"\ncolour = "red"')
        .replace('institution = "DK-746100"', "answer_s = -1")
    )
    found = problems(wrong)
    places = [line.split(": ")[0] for line in found]
    assert len(found) >= 5, found
    assert places == sorted(places, key=lambda p: tuple(map(int, p.split(":")[1:])))
    assert any(
        line.startswith("site.toml:4:1: lending.pin_length: ") and "got 3" in line for line in found
    )
    assert any(line.startswith("site.toml:15:1: devices.pad.baud: ") for line in found)
    assert any(line.startswith("site.toml:16:1: devices.pad.colour: is no key") for line in found)
    assert any("library.answer_s" in line for line in found)
    assert any("library.institution" in line and "required" in line for line in found)


def test_a_syntax_error_says_where() -> None:
    (only,) = problems("schema_version = 1\n[station\nid = 2\n")
    assert only.startswith("site.toml:2:")


def test_an_unknown_kind_of_station_names_what_there_is() -> None:
    found = problems(GOOD.replace('kind = "kiosk"', 'kind = "spaceship"'))
    assert any("station.kind" in line and "'kiosk'" in line for line in found)


def test_two_devices_on_one_port_are_refused() -> None:
    found = problems(GOOD + '[devices.scanner]\ndriver = "barcode"\nurl = "/dev/ims/pad"\n')
    assert any("/dev/ims/pad" in line for line in found), found


@pytest.mark.parametrize(
    ("driver", "url", "wrong"),
    [
        ("sip2", "sip2://fbs.example:6001", ""),
        ("fbs", "https://fbs.example", ""),
        ("fbs", "https://fbs.example:8443/rest/sip2/DK-746100", ""),
        ("aleph", "aleph://elsewhere", ""),
        ("sip2", "https://fbs.example", "driver sip2 needs a url of the form sip2://HOST:PORT"),
        ("fbs", "sip2://fbs.example:6001", "driver fbs needs a url of the form https://HOST"),
        ("fbs", "http://fbs.example", "driver fbs needs a url of the form https://HOST"),
        ("fbs", "https://kiosk@fbs.example", "driver fbs needs a url"),
        ("aleph", "elsewhere", "driver aleph needs a url of the form SCHEME://"),
    ],
)
def test_a_library_systems_url_is_that_of_its_driver(driver: str, url: str, wrong: str) -> None:
    table = f'driver = "{driver}"\nurl = "{url}"'
    text = GOOD.replace('url = "sip2://fbs.example:6001"', table)
    if not wrong:
        assert load_text(text).station.library.url == url
    else:
        (only,) = problems(text)
        assert "library.url" in only
        assert wrong in only


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    station = tmp_path / "station.toml"
    station.write_text(GOOD, encoding="utf-8-sig")
    assert load(station, {}).station == load_text(GOOD).station


def test_a_password_is_never_quoted() -> None:
    found = problems(GOOD.replace('{ credential = "sip2.password" }', '"hunter2"'))
    assert any("library.password" in line for line in found)
    assert "hunter2" not in " ".join(found)


def test_explain_says_value_and_place() -> None:
    loaded = load_text(GOOD, "station.toml")
    value, place = loaded.explain("library.url")
    assert (value, str(place)) == ("sip2://fbs.example:6001", "station.toml:14:1")
    value, place = loaded.explain("lending.pin_tries")
    assert value == 5
    assert place is None or place.file == "config/defaults.toml"
    for wrong in ("library.nothing", "nothing", "library.url.more"):
        with pytest.raises(KeyError):
            loaded.explain(wrong)


def loaded_with_site(tmp_path: Path, environment: dict[str, str]) -> Loaded:
    (tmp_path / "house.toml").write_text("[lending]\nidle_s = 40\nend_s = 9\n", encoding="utf-8")
    station = tmp_path / "station.toml"
    station.write_text(f'site = "house.toml"\n{GOOD}[lending]\nidle_s = 50\n', encoding="utf-8")
    return load(station, environment)


def test_the_station_wins_over_its_site_and_the_site_over_the_defaults(tmp_path: Path) -> None:
    loaded = loaded_with_site(tmp_path, {})
    assert loaded.station.lending.idle_s == 50
    assert loaded.station.lending.end_s == 9
    _, place = loaded.explain("lending.end_s")
    assert str(place) == f"{tmp_path}/house.toml:3:1"


def test_the_environment_counts_in_ci_alone(tmp_path: Path) -> None:
    there = {"IMS__lending__idle_s": "77"}
    assert loaded_with_site(tmp_path, there).station.lending.idle_s == 50
    loaded = loaded_with_site(tmp_path, {"CI": "true", **there})
    assert loaded.station.lending.idle_s == 77
    assert str(loaded.explain("lending.idle_s")[1]).startswith("$IMS__lending__idle_s")


def test_a_site_that_is_not_there_names_those_that_are() -> None:
    (only,) = problems(f'site = "nowhere"\n{GOOD}')
    assert only.startswith("site.toml:1:1: site: ")
    assert sites()
    assert sites()[0] in only


def test_a_file_that_is_not_there_or_not_text_is_a_problem_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="No such file"):
        load(tmp_path / "none.toml", {})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        load(tmp_path / "bytes.toml", {})


# --- secrets ----------------------------------------------------------------------------------------


def test_a_file_that_its_owner_alone_may_read_is_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("tryllefløjten\r\n", encoding="utf-8")
    file.chmod(0o400)
    assert resolve(SecretRef(file=str(file))) == "tryllefløjten"


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o410])
def test_a_file_that_others_may_use_is_refused_with_the_command_that_helps(
    tmp_path: Path, mode: int
) -> None:
    file = tmp_path / "password"
    file.write_text("hemmeligt", encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(SecretUnreadable, match="chmod 0400") as found:
        resolve(SecretRef(file=str(file)))
    assert "hemmeligt" not in str(found.value)


def test_a_secret_that_is_not_there_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SecretUnreadable, match="No such file"):
        resolve(SecretRef(file=str(tmp_path / "none")))
    monkeypatch.delenv("IMS_NO_SUCH", raising=False)
    with pytest.raises(SecretUnreadable, match="IMS_NO_SUCH is not set"):
        resolve(SecretRef(environment="IMS_NO_SUCH"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretUnreadable, match="not started by systemd"):
        resolve(SecretRef(credential="sip2.password"))


def test_a_credential_of_systemd_is_read_from_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sip2.password").write_text("abc\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert resolve(SecretRef(credential="sip2.password")) == "abc"
    with pytest.raises(SecretUnreadable):
        resolve(SecretRef(credential="other"))
