"""Write the lists of what ships: rules with their reasons, by folder and file, and terms by language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cleaner.rules.load import load_shipped
from cleaner.rules.schema import Rule
from manual.rule_files import cell, code

FOLDERS: Mapping[str, str] = {
    "closing": "What stands at the end of extracted pages.",
    "dumps": "What text dumps hold besides articles.",
    "generic": "A class of noise wherever it stands.",
    "hosts": "One site each: they run where the document's address, or a phrase of its text, proves the site.",
    "networks": "What appears on any host, put there by an aggregator or a group of papers.",
    "page": "Elements of pages, taken out before the text is extracted.",
    "structure": "Shape alone, in any language: doubles, cards, lists of headlines.",
}


def rules_by_folder() -> Mapping[str, Sequence[Rule]]:
    """Return the shipped rules by the folder of their file."""
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in load_shipped().rules:
        found[Path(rule.path).parent.name].append(rule)
    return found


def write_index() -> str:
    """Return the page on all shipped rules: how many of which class stand where."""
    folders = rules_by_folder()
    kinds = Counter(rule.class_ for found in folders.values() for rule in found)
    rows = [
        f"| [{name}]({name}.md) | {len(found)} | {cell(FOLDERS[name])} |" for name, found in sorted(folders.items())
    ]
    classes = [f"| [{code(name)}](../classes.md#{name}) | {count} |" for name, count in kinds.most_common()]
    return (
        "# Shipped rules\n\n"
        f"{sum(kinds.values())} rules come with the package, each with its reason and its tests. The search above finds them by "
        "id and by the words of their reasons; `cleaner rules show ID` prints one whole.\n\n"
        "| folder | rules | hold |\n| --- | ---: | --- |\n" + "\n".join(rows) + "\n\n"
        "| class | rules |\n| --- | ---: |\n" + "\n".join(classes) + "\n"
    )


def write_folders() -> Iterator[tuple[str, str]]:
    """Yield a page for each folder of rules: its name, and its text with a table for each file."""
    for folder, found in rules_by_folder().items():
        files: dict[str, list[Rule]] = defaultdict(list)
        for rule in found:
            files[Path(rule.path).stem].append(rule)
        parts = [f"# {folder.capitalize()}\n\n{FOLDERS[folder]}\n"]
        for name, rules in sorted(files.items()):
            rows = "\n".join(_row(rule) for rule in sorted(rules, key=lambda rule: rule.lineno))
            parts.append(f"## {name} {{#file-{name}}}\n\n| rule | why |\n| --- | --- |\n{rows}\n")
        yield folder, "\n".join(parts)


def _row(rule: Rule) -> str:
    small = [f"{rule.class_}, [{code(rule.kind)}](../rule-files.md#{rule.kind})"]
    if rule.status != "test":
        small.append(rule.status)
    if rule.scope.hosts:
        small.append("on " + ", ".join(code(host) for host in rule.scope.hosts))
    if rule.scope.lang:
        small.append("in " + ", ".join(rule.scope.lang))
    if len(rule.scope.surface) == 1:
        small.append({"html": "pages only", "text": "texts only"}[rule.scope.surface[0]])
    return f"| {code(rule.id)}{{#{rule.id}}} | {cell(rule.why)} <small>{'; '.join(small)}</small> |"


def write_terms() -> str:
    """Return the table of terms: each with its languages, its number of phrases and some of them."""
    rows = []
    for name, languages in sorted(load_shipped().terms.items()):
        count = sum(len(phrases) for phrases in languages.values())
        shown = next(
            (languages[lang] for lang in ("en", "fr", "de") if lang in languages), next(iter(languages.values()))
        )
        some = ", ".join(code(phrase) for phrase in shown[:3])
        rows.append(f"| {code('$' + name)} | {count} in {len(languages)} | {some} |")
    return "| term | phrases in languages | such as |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
