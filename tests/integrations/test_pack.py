"""A new pack, built and installed beside the wheel of cleaner, is enabled by name and changes nothing before.

`make test-wheel` runs this with WHEEL_PYTHON, the Python of an environment that holds the wheel alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHON = os.environ.get("WHEEL_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="WHEEL_PYTHON names no Python; run `make test-wheel`")

TEXT = "The ferry sails again from Friday, the harbour office said.\nWrite to the lantern desk\nIt had been laid up since March.\n"
LEFT = TEXT.replace("Write to the lantern desk\n", "")


def call(*args: str, cwd: Path, code: int = 0) -> str:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CLEANER_"))}
    done = subprocess.run([PYTHON, *args], cwd=cwd, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    return folder


def clean(folder: Path, *options: str) -> str:
    return str(json.loads(call("-m", "cleaner", "clean", "--quiet", "a.txt", *options, cwd=folder))["text"])


@pytest.mark.parametrize("how", ["wheel", "editable"])
def test_a_new_pack_is_installed_and_enabled(folder: Path, how: str) -> None:
    """From the skeleton to a text cleaned with it: listed at once, enabled by name only, pinned by its digest."""
    name = f"kite-{how}"
    call("-m", "cleaner", "pack", "new", name, "--into", name, cwd=folder)
    before = clean(folder)
    quiet = ("--quiet", "--disable-pip-version-check")
    if how == "wheel":
        call("-m", "pip", "wheel", *quiet, "--no-deps", "--wheel-dir", "built", f"./{name}", cwd=folder)
        (what,) = (str(path) for path in (folder / "built").glob("*.whl"))
        call("-m", "pip", "install", *quiet, what, cwd=folder)
    else:
        call("-m", "pip", "install", *quiet, "-e", f"./{name}", cwd=folder)
    try:
        (row,) = json.loads(call("-m", "cleaner", "pack", "list", "--json", cwd=folder))
        assert (row["name"], row["enabled"], row["rules"], row["fault"]) == (name, False, 1, None)
        assert row["origin"] == f"cleaner-rules-{name} 0.1.0"
        assert row["files"] == ["notices.yaml", "terms/en.yaml"]
        assert Path(row["folder"]).is_dir()
        assert clean(folder) == before == TEXT
        assert clean(folder, "--pack", name) == LEFT
        assert clean(folder, "--pack", f"{name}@{row['digest']}") == LEFT
        call("-m", "cleaner", "clean", "--quiet", "a.txt", "--pack", f"{name}@{'0' * 24}", cwd=folder, code=2)
        assert f"pack:{name}/notices.yaml:4" in call("-m", "cleaner", "rules", "list", "--pack", name, cwd=folder)
    finally:
        call("-m", "pip", "uninstall", *quiet, "--yes", f"cleaner-rules-{name}", cwd=folder)
