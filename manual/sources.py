"""Bring files of the source tree to the site without a copy of them: the design, the changelog, figures, examples."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from manual.links import ROOT, prepare

MEASURED = "## What is measured"


def read_root(name: str) -> str:
    """Return a file of the root of the source tree, its links led to pages."""
    return prepare((ROOT / name).read_text(encoding="utf-8"), name)


def read_measured() -> str:
    """Return the part of README that tells what is measured, as a page of its own."""
    text = read_root("README.md")
    begin = text.index(f"{MEASURED}\n")
    end = text.index("\n## ", begin + 1)
    part = re.sub(r"^##", "#", text[begin:end], flags=re.MULTILINE)
    return f"{part.strip()}\n"


def write_examples() -> str:
    """Return the examples of the source tree, each with what it is and whole."""
    parts = ["# Examples\n", "Whole programs, to copy from; each says at its top how it is run.\n"]
    for path in sorted((ROOT / "examples").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        about = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
        parts.append(f"## {path.name} {{#{path.stem}}}\n\n{about}\n\n```python\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def list_adapters() -> list[Path]:
    """Return the modules of `cleaner.adapters` that a program imports."""
    found = sorted((ROOT / "cleaner" / "adapters").glob("*.py"))
    return [path for path in found if not path.stem.startswith("_") and path.stem not in ("each", "plan", "shards")]
