"""Put a report into the frame that all of them share: one file, its own style and script, no request to anywhere.

A part of the package keeps its templates in a folder of its own; they extend `frame.html` and fill its blocks `lead`,
`main`, `footer` and `style`. Texts need no filter: whatever a template prints is escaped, control and direction
characters are written out, and lone surrogates with them; only Markup stays as it is.

    {% extends "frame.html" %}
    {% block main %}<h2 id="rules">Rules</h2> {{ bars }} {% endblock %}

    page = draw_frame(Path(__file__).parent / "templates", "run.html", title="Run", contents=[("rules", "Rules")],
                      script=SCRIPT, bars=draw_bars(Bars("Share", "By rule.", (Bar("ad.one", 0.4, "40 %"),))))
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cleaner.report.visible import escape

_OWN = Path(__file__).parent / "templates"


def draw_frame(
    folder: Path, name: str, *, title: str, contents: Sequence[tuple[str, str]] = (), script: str = "", **values: Any
) -> str:
    """Render the template `name` of a folder as a page; `contents` are ids and names of its sections.

    `script` is code of the package, never text of a document: it stands in the page as it is, and only it may run.
    """
    return (
        templates(folder)
        .get_template(name)
        .render(title=title, contents=contents, script=Markup(script), policy=policy(script), **values)
    )


@cache
def templates(folder: Path) -> Environment:
    """Return the templates of a folder together with those of the frame."""
    return Environment(
        loader=FileSystemLoader([folder, _OWN]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(script: str) -> str:
    """Write the content security policy: nothing may be fetched, and no script may run but this one.

    >>> policy("")
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    """
    digest = b64encode(sha256(script.encode()).digest()).decode()
    allowed = f"; script-src 'sha256-{digest}'" if script else ""
    return f"default-src 'none'; style-src 'unsafe-inline'{allowed}; base-uri 'none'; form-action 'none'"


def show(value: object) -> object:
    r"""Make a text safe to look at; what is no text, or Markup already, stays.

    >>> show("a\x1b[1m"), show(Markup("<b>")), show(7)
    ('a<U+001B>[1m', Markup('<b>'), 7)
    """
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value
