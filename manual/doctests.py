"""Show the doctests of docstrings as code: Markdown takes lines that begin with `>>>` for quotations."""

from __future__ import annotations

from typing import Any

import griffe


def fence(text: str) -> str:
    """Put each doctest of a docstring into a fence.

    >>> fence("Add.\\n\\n>>> 1 + 1\\n2\\n\\nMore.")
    'Add.\\n\\n```pycon\\n>>> 1 + 1\\n2\\n```\\n\\nMore.'
    """
    return "\n\n".join(f"```pycon\n{part}\n```" if part.startswith(">>> ") else part for part in text.split("\n\n"))


class Doctests(griffe.Extension):
    """Change docstrings before they are drawn."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fence the doctests of one object's docstring."""
        if obj.docstring:
            obj.docstring.value = fence(obj.docstring.value)
