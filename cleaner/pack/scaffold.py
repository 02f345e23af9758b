"""Write the skeleton of a rule pack: a project that can be tested, installed and enabled as it stands.

The files are templates in `skeleton/`, each with `.jinja` behind its name, which keeps them from being taken for files
of this project. `package` in a folder's name stands for the name of the pack's package. Marks are `<<name>>`: rules,
TOML and workflows hold braces of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cleaner.errors import OutputError
from cleaner.rules.compiled import version
from cleaner.rules.json_schema import write_schema
from cleaner.rules.packs import FOLDER, GROUP

_SKELETON = Path(__file__).parent / "skeleton"
_ENDING = ".jinja"
_PACKAGE = "package"
_SCHEMA = "schema.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold the names of a new pack; all follow from the one it is enabled by."""

    name: str

    @property
    def distribution(self) -> str:
        """What it is installed by."""
        return f"cleaner-rules-{self.name}"

    @property
    def package(self) -> str:
        """What holds its files; never the name of another module, and never imported."""
        return self.distribution.replace("-", "_")

    @property
    def owner(self) -> str:
        """What its terms begin with, which know no hyphens."""
        return self.name.replace("-", "")

    @property
    def rules(self) -> str:
        """The folder of its rule files, below that of the project."""
        return f"src/{self.package}/{FOLDER}"


def write_pack(plan: Plan, folder: Path) -> list[Path]:
    """Write the skeleton into a folder, and return the files, sorted.

    Raises `OutputError` where something stands in the folder already, or it cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} is there and not empty: choose another folder with --into")
        texts = {**_texts(plan), _SCHEMA: write_schema()}
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    return sorted(folder / name for name in texts)


def _texts(plan: Plan) -> dict[str, str]:
    """Return the files of the skeleton by their paths in the project."""
    templates = Environment(
        loader=FileSystemLoader(_SKELETON),
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    found: dict[str, str] = {}
    for name in templates.list_templates(extensions=[_ENDING.removeprefix(".")]):
        parts = (plan.package if part == _PACKAGE else part for part in name.removesuffix(_ENDING).split("/"))
        found["/".join(parts)] = templates.get_template(name).render(
            name=plan.name,
            distribution=plan.distribution,
            package=plan.package,
            owner=plan.owner,
            rules=plan.rules,
            group=GROUP,
            version=version(),
        )
    return found
