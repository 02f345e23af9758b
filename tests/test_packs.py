"""Rule packs: found without running their code, enabled by name only, told truthfully, refused when broken or changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from cleaner import Cleaner, CleanerError, OptionError, RuleError, load_packs, load_rules
from cleaner.cli.main import main
from cleaner.lint import lint
from cleaner.rules.load import load_shipped
from cleaner.rules.packs import find_offers, find_packs
from tests.making import MORE, PROSE

ROOT = Path(__file__).parent.parent
RULE = """
rules:
  - id: {name}.zorble
    class: ad
    why: A made-up label that no shipped rule knows.
    line: {{eq: Zorble announcement}}
    tests: [{{in: "One.\\nZorble announcement", out: One.}}, {{keep: The Zorble announcement surprised nobody.}}]
"""
NOISY = f"{PROSE}\nZorble announcement\n{MORE}"
CLEAN = f"{PROSE}\n{MORE}"
BOMB = "raise SystemExit('the pack was imported')\n"

Install = Callable[..., Path]


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def told_of(name: str, value: str, distribution: str, version: str) -> dict[str, str]:
    """Return what pip would leave of a distribution that declares a pack."""
    info = f"{distribution.replace('-', '_')}-{version}.dist-info"
    return {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
        f"{info}/entry_points.txt": f"[cleaner.rules]\n{name} = {value}\n",
    }


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put packs where Python finds them; their code ends the process if it is ever run."""
    monkeypatch.delenv("CLEANER_PACK", raising=False)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.startswith("house_")]:
        monkeypatch.delitem(sys.modules, name)

    def put(
        name: str = "kite",
        rules: str | Mapping[str, str | bytes] | None = None,
        *,
        value: str = "",
        distribution: str = "",
        version: str = "0.1.0",
    ) -> Path:
        package = f"house_{name.replace('-', '_')}"
        given = RULE.format(name=name) if rules is None else rules
        files = {f"{package}/rules/notices.yaml": given} if isinstance(given, str) else given
        distribution = distribution or f"house-{name}"
        site = tmp_path / "site" / f"{distribution}-{version}"
        write(site, {f"{package}/__init__.py": BOMB, **files, **told_of(name, value or package, distribution, version)})
        monkeypatch.syspath_prepend(str(site))
        return site

    return put


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_nothing_is_enabled_that_was_not_named(install: Install) -> None:
    """A pack that is installed changes nothing; enabled by name, it cuts, and its rules say whose they are."""
    install()
    shipped = Cleaner()
    assert shipped.clean(NOISY).text == NOISY
    assert shipped.ruleset.digest == Cleaner(load_shipped()).ruleset.digest
    enabled = Cleaner(packs="kite")
    result = enabled.clean(NOISY)
    assert result.text == CLEAN
    assert result.cuts[0].rules == ("kite.zorble",)
    assert result.rules_digest == enabled.ruleset.digest != shipped.ruleset.digest
    assert enabled.ruleset["kite.zorble"].path == "pack:kite/notices.yaml"
    assert enabled.ruleset["kite.zorble"].lineno == 3


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("house_kite/rules/sub/a.yaml", "house_kite"),
        ("house_kite/a.yaml", "house_kite"),
        ("house_kite/news/a.yaml", "house_kite.news"),
        ("house_kite/news/rules/a.yaml", "house_kite.news"),
    ],
)
def test_files_stand_in_the_package_or_its_rules(install: Install, place: str, value: str) -> None:
    """Files are found in the package named, or its folder `rules`, also in a package of a package; none is imported."""
    install(rules={place: RULE.format(name="kite"), "house_kite/news/__init__.py": BOMB}, value=value)
    assert Cleaner(packs=["kite"]).clean(NOISY).text == CLEAN


def test_a_folder_without_code_is_a_package(install: Install) -> None:
    """A namespace package, which has no `__init__.py`, holds packs as well."""
    site = install()
    (site / "house_kite" / "__init__.py").unlink()
    assert Cleaner(packs=["kite"]).clean(NOISY).text == CLEAN


def test_an_archive_is_read_as_it_is(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution on the path as a ZIP file is a pack like any other, with the same digest."""
    site = install()
    expected = find_packs(["kite"])[0].digest
    sys.path.remove(str(site))
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            file.write(path, path.relative_to(site).as_posix())
    monkeypatch.syspath_prepend(str(archive))
    (found,) = find_packs(["kite"])
    assert found.digest == expected
    assert found.folder.startswith(str(archive))
    assert Cleaner(packs=["kite"]).clean(NOISY).text == CLEAN


def test_an_editable_install_is_found_by_its_finder(install: Install, tmp_path: Path) -> None:
    """What a finder of the import system knows of, as editable installs do, is found; nothing of it is imported."""
    site = install()
    source = tmp_path / "elsewhere"
    (site / "house_kite").rename(source)

    class Finder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> object:
            from importlib.util import spec_from_file_location

            return spec_from_file_location(name, source / "__init__.py") if name == "house_kite" else None

    sys.meta_path.append(Finder)  # type: ignore[arg-type]
    try:
        assert find_packs(["kite"])[0].folder == str(source / "rules")
    finally:
        sys.meta_path.remove(Finder)  # type: ignore[arg-type]


def test_names_are_told_where_one_is_wrong(install: Install) -> None:
    """An unknown name is answered with the closest and with all that are installed; an impossible one with the form."""
    with pytest.raises(OptionError, match=r"there is no pack kit; none is installed here"):
        Cleaner(packs=["kit"])
    install()
    install("lantern")
    with pytest.raises(OptionError, match=r"there is no pack kit; did you mean kite\? installed are: kite, lantern"):
        Cleaner(packs=["kit"])
    for wrong in ("../kite", "Kite", "kite_", "", "9kite", "kite\n"):
        with pytest.raises(OptionError, match="names no pack"):
            find_packs([wrong])
    with pytest.raises(OptionError, match="a digest has 24 digits"):
        find_packs(["kite@latest"])


def test_a_pin_refuses_what_changed(install: Install) -> None:
    """`name@digest` takes the pack whose files it was told of, and refuses it once a byte has changed."""
    site = install()
    digest = find_packs(["kite"])[0].digest
    assert Cleaner(packs=[f"kite@{digest}"]).clean(NOISY).text == CLEAN
    file = site / "house_kite" / "rules" / "notices.yaml"
    file.write_text(file.read_text() + "# one more line\n")
    with pytest.raises(RuleError, match=rf"^pack:kite: its digest is [0-9a-f]{{24}}, not {digest}: house-kite 0\.1\.0"):
        Cleaner(packs=[f"kite@{digest}"])
    with pytest.raises(OptionError, match="two digests"):
        find_packs([f"kite@{digest}", f"kite@{'0' * 24}"])


@pytest.mark.parametrize(
    ("rules", "value", "told"),
    [
        ({}, "", "pack:kite: the package house_kite holds no rule files (house-kite 0.1.0)"),
        ({}, "house_missing", "pack:kite: there is no package house_missing (house-kite 0.1.0)"),
        ({"house_alone.py": BOMB}, "house_alone", "pack:kite: house_alone is a module"),
        ({}, "house_kite:RULES", "pack:kite: its entry point names 'house_kite:RULES', no package"),
        ({}, "house_kite/../..", "pack:kite: its entry point names 'house_kite/../..', no package"),
        ("rules: [", "", "pack:kite/notices.yaml:2: broken YAML"),
        (RULE.format(name="kite").replace("eq:", "eqq:"), "", "pack:kite/notices.yaml:6: rule kite.zorble, field line.eqq"),
        ({"house_kite/a.yaml": b"compiled rules of cleaner, format 2\n\xff"}, "", "pack:kite/a.yaml: cannot be read"),
    ],
    ids=["empty", "missing", "module", "object", "path", "yaml", "rule", "compiled"],
)  # fmt: skip
def test_a_broken_pack_is_named_with_its_file(
    install: Install, rules: str | Mapping[str, str | bytes], value: str, told: str
) -> None:
    """A pack that cannot be found or read is an error that names it and the file; the list tells it and goes on."""
    install(rules=rules, value=value)
    install("lantern")
    with pytest.raises(RuleError) as error:
        Cleaner(packs=["kite"])
    assert str(error.value).startswith(told)
    listed = run("pack", "list", "--json")
    assert listed.exit_code == 1
    kite, lantern = json.loads(listed.stdout)
    assert kite["fault"].startswith(told)
    assert lantern["fault"] is None
    assert lantern["rules"] == 1


def test_a_name_that_two_distributions_declare_is_refused(install: Install) -> None:
    """Which of two packs of one name is meant cannot be known."""
    install()
    install(distribution="other-kite", version="2.0")
    with pytest.raises(RuleError, match=r"declared more than once, by house-kite 0\.1\.0 and other-kite 2\.0"):
        find_packs(["kite"])
    assert [offer.origin for offer in find_offers()] == ["house-kite 0.1.0", "other-kite 2.0"]


def test_an_id_is_taken_across_packs_and_files(install: Install, tmp_path: Path) -> None:
    """The same id in two packs, in a pack and a file, or in a pack and the shipped rules names both places."""
    install()
    install("lantern", RULE.format(name="kite"))
    with pytest.raises(RuleError, match=r"^pack:lantern/notices\.yaml:3: .*taken\. pack:kite/notices\.yaml:3 has it"):
        Cleaner(packs=["lantern", "kite"])
    (tmp_path / "own.yaml").write_text(RULE.format(name="kite"))
    with pytest.raises(RuleError, match=r"own\.yaml:3: .*taken\. pack:kite/notices\.yaml:3 has it"):
        Cleaner("own.yaml", packs=["kite"])


OPINION = """
opinions:
  - id: {name}
    why: {why}
    fallback: {{short: 10}}
"""


def test_packs_do_not_take_each_others_opinions(install: Install, tmp_path: Path) -> None:
    """Of two packs with an opinion of one id neither wins; a file of one's own, which is laid on both, does."""
    install(rules=OPINION.format(name="house.fallback", why="A reason for this one."))
    install("lantern", OPINION.format(name="house.fallback", why="Another reason for it."))
    with pytest.raises(RuleError, match=r"^pack:lantern/notices\.yaml:3: .*pack:kite/notices\.yaml:3 has it"):
        load_packs(["kite", "lantern"], load_shipped())
    (tmp_path / "own.yaml").write_text(OPINION.format(name="house.fallback", why="The reason of the house."))
    found = load_rules(["own.yaml"], load_packs(["kite"], load_shipped()))
    assert {"house.fallback": "The reason of the house."}.items() <= {o.id: o.why for o in found.opinions}.items()


def test_the_order_of_packs_means_nothing(install: Install) -> None:
    """Packs are laid on by name, however they were named, and one named twice counts once."""
    terms = "lang: en\nterms: {{ad.label: [Zorble {name}, Zorble house]}}\n"
    install(rules=terms.format(name="kite"))
    install("lantern", terms.format(name="lantern"))
    one, two = (load_packs(names, load_shipped()) for names in (["kite", "lantern", "kite"], ["lantern", "kite"]))
    assert one.digest == two.digest != load_shipped().digest


def test_what_a_pack_changes_is_told(install: Install) -> None:
    """List, show and lint tell which shipped opinions and weights a pack replaces, terms it widens, rules it stops."""
    shipped = load_shipped()
    opinion = next(opinion.id for opinion in shipped.opinions if opinion.fallback)
    rule = shipped.heads[0].id
    stops = f"exceptions: [{{rule: {rule}, why: This house has its own., scope: {{hosts: [kite.example]}}}}]\n"
    files = {
        "a.yaml": OPINION.format(name=opinion, why="This house knows better.") + stops,
        "en.yaml": "lang: en\nterms: {ad.label: [Advertisement, Zorble placement]}\n",
        "b.yaml": RULE.format(name="kite"),
    }
    install(rules={f"house_kite/rules/{name}": text for name, text in files.items()})
    (row,) = json.loads(run("pack", "list", "--json").stdout)
    assert row["changes"] == {
        "opinions": [opinion],
        "weights": [],
        "switched_off": [rule],
        "terms": [{"term": "ad.label", "lang": "en", "phrases": ["Zorble placement"]}],
    }
    shown = run("pack", "show", "kite").stdout
    for sentence in (f"replaces the opinion {opinion}", f"switches {rule} off", "adds 1 to $ad.label (en)"):
        assert sentence in shown
        assert sentence in run("pack", "list").stdout
    whole = load_packs(["kite"], shipped)
    told = {(c.severity, c.path, c.line, c.reason.partition(",")[0]) for c in lint(whole.only([]), shipped.only([]))}
    assert ("warning", "pack:kite/a.yaml", 3, f"replaces the opinion {opinion}") in told
    assert ("note", "pack:kite/en.yaml", 2, "adds to $ad.label") in told


def test_commands_take_packs_wherever_rules(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--pack`, CLEANER_PACK and `[tool.cleaner]` enable a pack; records, list and show tell whose rule cut."""
    install()
    (tmp_path / "a.txt").write_text(NOISY)
    plain = json.loads(run("clean", "--quiet", "a.txt").stdout)
    record = json.loads(run("clean", "--quiet", "a.txt", "--pack", "kite").stdout)
    assert plain["text"] == NOISY
    assert record["text"] == CLEAN
    assert record["cleaning"]["rules"] == Cleaner(packs=["kite"]).ruleset.digest != plain["cleaning"]["rules"]
    assert "pack:kite/notices.yaml:3" in run("rules", "list", "--pack", "kite").stdout
    assert run("rules", "show", "kite.zorble", "--pack", "kite").stdout.startswith("pack:kite/notices.yaml:3\n")
    assert run("test", "--own", "--pack", "kite").stdout == "4 trials, 0 failed\n"
    assert "  no  " in run("pack", "list").stdout
    monkeypatch.setenv("CLEANER_PACK", "kite")
    assert json.loads(run("clean", "--quiet", "a.txt").stdout)["text"] == CLEAN
    assert "  yes  " in run("pack", "list").stdout
    monkeypatch.delenv("CLEANER_PACK")
    (tmp_path / "pyproject.toml").write_text('[tool.cleaner]\npack = ["kite"]\n')
    assert json.loads(run("clean", "--quiet", "a.txt").stdout)["text"] == CLEAN
    assert json.loads(run("pack", "list", "--json").stdout)[0]["enabled"] is True


def test_every_command_with_rules_takes_packs() -> None:
    """No command takes rule files and no packs."""
    context = click.Context(main)
    commands = [main.get_command(context, name) for name in main.list_commands(context)]
    commands += [part for group in commands if isinstance(group, click.Group) for part in group.commands.values()]
    options = [(command.name, {option for p in command.params for option in p.opts}) for command in commands if command]
    with_rules = [name for name, found in options if "--rules" in found]
    assert len(with_rules) > 9
    assert [name for name, found in options if "--rules" in found and "--pack" not in found] == []


def test_a_ruleset_takes_no_packs(install: Install) -> None:
    """Beside a `Ruleset`, which is taken as it is, packs are refused with what to do instead."""
    install()
    with pytest.raises(OptionError, match="load_packs"):
        Cleaner(load_shipped(), packs=["kite"])
    assert Cleaner(load_packs(["kite"], load_shipped())).clean(NOISY).text == CLEAN


def test_a_compiled_set_holds_its_packs(install: Install, tmp_path: Path) -> None:
    """Compiled with a pack, a set needs it no more, and still tells whose rule it is."""
    site = install()
    assert run("rules", "compile", "--pack", "kite", "-o", "all.rules").exit_code == 0
    digest = Cleaner(packs=["kite"]).ruleset.digest
    sys.path.remove(str(site))
    compiled = Cleaner("all.rules").ruleset
    assert compiled.digest == digest
    assert compiled["kite.zorble"].path == "pack:kite/notices.yaml"
    sys.path.insert(0, str(site))
    with pytest.raises(CleanerError, match="This file stands twice in what is loaded"):
        Cleaner("all.rules", packs=["kite"])


def test_the_skeleton_works_at_once(tmp_path: Path) -> None:
    """A new pack passes its own tests, which lint and clean articles are part of, before anything is changed."""
    done = run("pack", "new", "kite-post", "--into", str(tmp_path / "new"))
    assert done.exit_code == 0, done.output
    made = {path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert made >= {
        ".github/workflows/test.yml", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "README.md",
        "pyproject.toml", "schema.json", "src/cleaner_rules_kite_post/rules/notices.yaml", "tests/test_rules.py",
    }  # fmt: skip
    assert not any(name.endswith(".jinja") for name in made)
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "new", env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout
    assert "4 passed, 1 skipped" in tested.stdout


def test_a_skeleton_is_never_laid_over_files(tmp_path: Path) -> None:
    """A folder with anything in it, a name no pack can have, and a folder that cannot be made are refused."""
    write(tmp_path / "full", {"a.txt": "mine"})
    done = run("pack", "new", "kite", "--into", str(tmp_path / "full"))
    assert (done.exit_code, "not empty" in done.stderr) == (2, True)
    done = run("pack", "new", "kite", "--into", str(tmp_path / "full" / "a.txt"))
    assert (done.exit_code, "not empty" in done.stderr) == (2, True)
    done = run("pack", "new", "kite", "--into", str(tmp_path / "full" / "a.txt" / "b"))
    assert (done.exit_code, "cannot be written" in done.stderr) == (2, True)
    done = run("pack", "new", "../kite")
    assert (done.exit_code, "names no pack" in done.stderr) == (2, True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt", "full"]


def test_the_guide_tells_every_input_of_the_action() -> None:
    """The table of inputs in the guide has all of them, with their defaults."""
    guide = (ROOT / "docs" / "how-to" / "packs.md").read_text(encoding="utf-8")
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    rows = [line.split(" | ") for line in guide.splitlines() if line.startswith("| `")]
    told = {name.strip("`| "): row[-1].strip("` |") for row in rows for name in row[0].split(", ")}
    assert told == {name: entry["default"] or "the version the action comes with" for name, entry in inputs.items()}
