"""The QML reads only what the view-models have, checked by qmllint without a warning."""

import json
import subprocess
import sys
from pathlib import Path

import PySide6

ROOT = Path(__file__).parents[3]
TOOLS = Path(sys.executable).parent
QT = Path(PySide6.__file__).parent / "Qt"


def tool(name: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [str(TOOLS / f"pyside6-{name}"), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_qml_matches_the_view_models(tmp_path: Path) -> None:
    dump = tmp_path / "views.json"
    views = [
        str(ROOT / "ui" / "viewmodels" / f"{name}.py") for name in ("belt", "bodies", "screen")
    ]
    made = tool("metaobjectdump", "-o", str(dump), *views)
    assert made.returncode == 0, made.stderr

    # The dump of 6.11 loses `constant`; a property without a notify signal is constant here.
    modules = json.loads(dump.read_text())
    for module in modules:
        for cls in module["classes"]:
            for prop in cls.get("properties", ()):
                if "notify" not in prop:
                    prop["constant"] = True
    dump.write_text(json.dumps(modules))

    home = tmp_path / "Ims" / "Views"
    home.mkdir(parents=True)
    (home / "qmldir").write_text("module Ims.Views\ntypeinfo plugins.qmltypes\n")
    made = tool(
        "qmltyperegistrar",
        "--generate-qmltypes",
        str(home / "plugins.qmltypes"),
        "--import-name",
        "Ims.Views",
        "--major-version",
        "1",
        "--foreign-types",
        str(QT / "metatypes" / "qt6core_metatypes.json"),
        "-o",
        "/dev/null",
        str(dump),
    )
    assert made.returncode == 0, made.stderr

    files = sorted(str(path) for path in (ROOT / "ui" / "qml").glob("*.qml"))
    assert files
    linted = tool("qmllint", "-I", str(tmp_path), "-W", "0", *files)
    assert linted.returncode == 0, linted.stdout + linted.stderr
