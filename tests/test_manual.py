"""What is generated of the documentation: nothing that the code offers is left out, and links lead to pages of the site."""

from __future__ import annotations

import doctest
import importlib
import re

import click
import pytest
import yaml
from pydantic import BaseModel

import cleaner
from cleaner.cli.config import SETTINGS
from cleaner.model import CLASSES, FIELDS
from cleaner.rules import opinion, schema, weights
from cleaner.rules.load import load_shipped
from cleaner.rules.schema import KINDS
from cleaner.rules.strict import Strict
from manual import rule_files, settings, shipped, sources
from manual.contents import generate
from manual.links import ROOT, prepare
from manual.python_names import public_names
from manual.tables import TABLES

REFERENCE = ROOT / "docs" / "reference"
MODULES = sorted(path.stem for path in (ROOT / "manual").glob("*.py") if path.stem not in ("__init__", "pages"))
REQUIRED = "required"


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name: str) -> None:
    """Examples in docstrings print what they say."""
    if name == "doctests":
        pytest.importorskip("griffe")
    assert doctest.testmod(importlib.import_module(f"manual.{name}"), optionflags=doctest.ELLIPSIS).failed == 0


def test_every_model_of_rule_files_is_described() -> None:
    """Each model that a rule file, a term file or a file of weights may hold has its section, but for abstract ones."""
    there = {
        found
        for module in (schema, opinion, weights)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Strict) and found is not Strict
    }
    assert set(rule_files.models()) == there


@pytest.mark.parametrize("model", [*rule_files.models()], ids=lambda model: model.__name__)
def test_every_key_says_what_it_means(model: type[BaseModel]) -> None:
    """Each key of a model stands in its section with a description and a type; the model's docstring stands above."""
    section = rule_files.write_reference().split(f"{{#{rule_files.anchor(model.__name__)}}}\n")[1].split("\n#")[0]
    assert (model.__doc__ or "").strip() in section
    for name, field in model.model_fields.items():
        row = re.search(rf"^\| `{field.alias or name}` \| (.+?) <small>(.+?)</small> \|$", section, re.MULTILINE)
        assert row, name
        assert (REQUIRED in row[2]) is field.is_required(), name


def test_every_matcher_is_shown_by_a_whole_rule() -> None:
    """Each matcher has a shipped rule beside it that can be copied: it is YAML, and a rule of that kind."""
    text = rule_files.write_reference()
    shown = [yaml.safe_load(block)["rules"][0] for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert [next(kind for kind in KINDS if kind in rule) for rule in shown] == list(KINDS)
    assert {rule["id"] for rule in shown} <= {head.id for head in load_shipped().heads}


def test_every_class_and_field_is_explained() -> None:
    """The closed lists of classes and of metadata fields are told in full, and nothing else."""
    text = (REFERENCE / "classes.md").read_text(encoding="utf-8")
    classes, fields = text.split("## Metadata fields")
    assert tuple(re.findall(r"^\| `(\w+)`\{#\1\} \|", classes, re.MULTILINE)) == CLASSES
    told = [name for row in re.findall(r"^\| (`.+?`) \|", fields, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(FIELDS)


def test_every_shipped_rule_is_listed_with_its_reason() -> None:
    """Each rule stands once, on the page of its folder, with its reason; every folder is on the index."""
    pages = dict(shipped.write_folders())
    for folder, rules in shipped.rules_by_folder().items():
        for rule in rules:
            assert pages[folder].count(f"`{rule.id}`{{#{rule.id}}} | {rule_files.cell(rule.why)} ") == 1
    assert all(f"[{folder}]({folder}.md)" in shipped.write_index() for folder in pages)
    assert set(pages) == set(shipped.FOLDERS)


def test_every_term_is_listed() -> None:
    """Each term has a row with the number of its phrases."""
    rows = dict(re.findall(r"^\| `\$([\w.]+)` \| (\d+) in", shipped.write_terms(), re.MULTILINE))
    terms = load_shipped().terms
    assert rows == {name: str(sum(map(len, phrases.values()))) for name, phrases in terms.items()}


def test_every_variable_and_key_of_a_project_is_listed() -> None:
    """Each option that the environment can set has its row, and so has every key of `[tool.cleaner]`."""
    rows = set(re.findall(r"^\| `(CLEANER_\w+)` \|", settings.write_environment(), re.MULTILINE))
    read = {
        parameter.envvar
        for _, command in settings.commands()
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.envvar
    }
    assert rows == read | set(settings.ELSEWHERE)
    files = [path for path in (ROOT / "cleaner").rglob("*.py") if "adapters" not in path.parts]  # those read settings
    named = {name for path in files for name in re.findall(r'"(CLEANER_[A-Z]+)"', path.read_text(encoding="utf-8"))}
    assert named <= rows
    assert re.findall(r"^\| `([\w-]+)` \|", settings.write_project_keys(), re.MULTILINE) == list(SETTINGS)


def test_every_public_name_is_drawn() -> None:
    """The page on Python draws what `cleaner` offers, each name once; every adapter has its part."""
    pages = dict(generate())
    assert re.findall(r"^::: cleaner\.(\w+)$", pages["reference/python.md"], re.MULTILINE) == public_names()
    assert sorted(public_names()) == sorted(cleaner.__all__)
    assert {f"::: cleaner.adapters.{path.stem}" for path in sources.list_adapters()} <= set(
        pages["reference/adapters.md"].splitlines()
    )


def test_files_of_the_root_are_brought_whole() -> None:
    """The design and its like reach the site as they stand, but for their links; of README only what is measured."""
    pages = dict(generate())
    for page, name in (
        ("design.md", "DESIGN.md"),
        ("changelog.md", "CHANGELOG.md"),
        ("contributing.md", "CONTRIBUTING.md"),
    ):
        assert words(pages[page]) == words((ROOT / name).read_text(encoding="utf-8"))
    assert pages["measured.md"].startswith("# What is measured\n")
    assert "## Limits" not in pages["measured.md"]
    for path in (ROOT / "examples").glob("*.py"):
        assert path.read_text(encoding="utf-8").rstrip() in pages["reference/examples.md"]


def words(text: str) -> list[str]:
    return re.sub(r"\[([^\[\]]*)\]\([^()\s]+\)", r"\1", text).split()


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("[a](../../DESIGN.md#scope)", "docs/how-to/x.md", "[a](../design.md#scope)"),
        ("[a](../../examples/spark_clean.py)", "docs/how-to/x.md", "[a](../reference/examples.md#spark_clean)"),
        ("[a](docs/cluster.md)", "DESIGN.md", "[a](cluster.md)"),
        ("[a](../README.md#what-is-measured)", "docs/index.md", "[a](measured.md)"),
        ("[a](benchmarks/floors.json)", "README.md", "a"),
        ("[a](https://harbour-post.example/x)", "docs/x.md", "[a](https://harbour-post.example/x)"),
        ("[a](#below)", "docs/x.md", "[a](#below)"),
        ("[a](nothing.md)", "docs/x.md", "[a](nothing.md)"),
        ("```\n[a](../DESIGN.md)\n```\n[a](../DESIGN.md)", "docs/x.md", "```\n[a](../DESIGN.md)\n```\n[a](design.md)"),
    ],
)
def test_links_lead_to_pages(text: str, place: str, expected: str) -> None:
    """A link to a file leads to the page that shows it, or is mere text; code and other links are left alone."""
    assert prepare(text, place) == expected


def test_marks_of_pages_are_known() -> None:
    """Each table is taken in by one page, and each mark names a table."""
    marks = [
        name
        for path in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"<!-- generated: (\S+) -->", path.read_text(encoding="utf-8"))
    ]
    assert sorted(marks) == sorted(TABLES)


def test_every_page_stands_in_the_navigation() -> None:
    """The site's navigation names every page of docs/ and every generated one, and no other."""
    text = re.sub(r"!!\S+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert set(leaves(yaml.safe_load(text)["nav"])) == there | {path for path, _ in generate()}


def leaves(entry: object) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ()
    return [leaf for part in parts for leaf in leaves(part)]


def test_the_package_needs_no_site() -> None:
    """Nothing of the package imports what generates the site."""
    assert not [
        path
        for path in (ROOT / "cleaner").rglob("*.py")
        if re.search(r"^(?:from|import) manual", path.read_text(), re.M)
    ]
