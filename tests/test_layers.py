"""The layers hold: imports go downwards, nobody imports the package root, and importing it loads little."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "cleaner"
LAYERS = (
    ("errors",),
    ("model", "deadline"),
    ("rules", "text", "io"),
    ("match", "html"),
    ("clean", "lint"),
    ("mine", "trial", "testing", "bulk", "report", "review", "pack"),
    ("bench", "serve", "adapters", "audit", "duplicates"),
    ("cli",),
    ("__init__", "__main__"),
)
NUMBER = {name: number for number, names in enumerate(LAYERS) for name in names}
SIDEWAYS = {("rules", "text")}  # literals are derived over folded text; `text` itself imports nothing of the package
FILES = sorted(ROOT.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Yield what a module imports from the package, by full name; code for type checkers counts as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "cleaner")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively, which this test does not follow"
            if node.module and node.module.split(".")[0] == "cleaner":
                yield from ([node.module] if "." in node.module else [f"cleaner.{alias.name}" for alias in node.names])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_to_lower_layers(path: Path) -> None:
    """A module imports from its own part or from parts with a lower number only."""
    own = part_of(path)
    assert own in NUMBER, f"{own} has no layer: add it to the list here and in DESIGN.md"
    for name in imports(path):
        other = name.split(".")[1]
        assert other == own or (own, other) in SIDEWAYS or NUMBER[other] < NUMBER[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_inside_imports_the_package_root(path: Path) -> None:
    """`cleaner/__init__.py` is for users: a module inside that imports it would close a circle."""
    public = {
        "Cleaner",
        "Cleaned",
        "Document",
        "Page",
        "Ruleset",
        "load_packs",
        "load_rules",
        "replay",
        "write_compiled",
    }
    if path.name != "__init__.py" or path.parent != ROOT:
        assert not [name for name in imports(path) if name == "cleaner" or name.split(".")[1] in public]


@pytest.mark.parametrize("line", ["import cleaner", "from cleaner import Cleaner; Cleaner().clean('Storm.')"])
def test_importing_loads_no_heavy_library(line: str) -> None:
    """Neither the import nor cleaning undamaged text loads what only HTML, repair or the terminal need."""
    code = f"import sys; {line}; print(*[m for m in ('trafilatura', 'ftfy', 'rich', 'click') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.split() == []
