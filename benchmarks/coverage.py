"""Tabulate what the rules cover: classes by languages, with phrases, rules, and hits measured on a corpus.

Usage: python -m benchmarks.coverage [CORPUS]... [-o FILE.md] [--languages fr,en,...]

A cell holds the number of phrases that rules of the class can look for in the language, and after a slash the cuts of
the class measured in documents of that language. Phrases written into a rule itself count for every language, since a
rule does not say which one they are of: they stand in the column `any`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cleaner.bench.peers.ours import host_rules
from cleaner.clean import Cleaner
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Fields
from cleaner.model import CLASSES, Document, Page, language_of
from cleaner.rules.load import Ruleset, load_shipped
from cleaner.rules.schema import Rule
from cleaner.rules.walk import texts

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl", "pl", "ru", "ar", "zh", "ja")
"""The languages that every class should speak."""

PREFACE = """# Classes by languages

Made by `python -m benchmarks.coverage`. A cell holds the phrases that rules of the class look for in the language, and
after the slash the cuts of the class measured in documents of that language, over
{corpus}.
`any` counts phrases written into a rule itself, whatever their language; rules of pages (`select`) know names, not phrases.

"""
"""What stands above the table in a file."""

_PHRASED = frozenset(("eq", "starts", "ends", "has", "lead", "from", "to"))
_OTHERS = frozenset(("without", "stop", "before", "after"))


@dataclass(frozen=True, slots=True)
class Row:
    """Hold what one class has: rules, phrases by language, and measured cuts by language."""

    class_: str
    general: int
    bound: int
    own: int
    phrases: Mapping[str, int]
    cuts: Mapping[str, int]


def phrases_of(rule: Rule) -> Iterator[str]:
    """Yield the phrases that a rule looks for, terms as `$name`; not those that hold it off."""
    for at, text in texts(rule.matcher):
        keys = [part for part in at if isinstance(part, str)]
        if keys[-1] in _PHRASED | {"words"} and not _OTHERS & set(keys):
            yield text


def tabulate(ruleset: Ruleset, cuts: Mapping[tuple[str, str], int]) -> list[Row]:
    """Count rules and phrases of every class, beside the cuts measured."""
    bound = set(host_rules())
    rows = []
    for class_ in CLASSES:
        rules = [rule for rule in ruleset.rules if rule.class_ == class_]
        named = {text for rule in rules if rule.id not in bound for text in phrases_of(rule)}
        terms = {text[1:] for text in named if text.startswith("$")} & ruleset.terms.keys()
        phrases: Counter[str] = Counter()
        for lang in {lang for name in terms for lang in ruleset.terms[name]}:
            phrases[lang] = len({p for name in terms for p in ruleset.terms[name].get(lang, ())})
        own = sum(not text.startswith("$") for text in named)
        measured = {lang: count for (of, lang), count in cuts.items() if of == class_}
        general = sum(rule.id not in bound for rule in rules)
        rows.append(Row(class_, general, len(rules) - general, own, phrases, measured))
    return rows


def measure(cleaner: Cleaner, documents: Iterable[Document | Page]) -> Counter[tuple[str, str]]:
    """Count cuts and drops by class and language; a document of unknown language counts as `?`."""
    found: Counter[tuple[str, str]] = Counter()
    classes = {rule.id: rule.class_ for rule in cleaner.ruleset.rules}
    for cleaned in cleaner.pipe(documents):
        lang = language_of(cleaned.document.lang) or "?"
        found.update((cut.class_, lang) for cut in cleaned.cuts if not cut.is_move)
        found.update((classes[drop.rule], lang) for drop in cleaned.drops)
    return found


def markdown(rows: Iterable[Row], languages: Iterable[str]) -> str:
    """Write the table."""
    languages = tuple(languages)
    lines = [
        "| class | rules | of hosts | any | " + " | ".join(languages) + " | others |",
        "|---|" + "---:|" * (len(languages) + 4),
    ]
    for row in rows:
        others = sum(count for lang, count in row.phrases.items() if lang not in languages)
        hits = sum(count for lang, count in row.cuts.items() if lang not in languages)
        cells = [f"{row.phrases.get(lang, 0)} / {row.cuts.get(lang, 0)}" for lang in languages]
        lines.append(
            f"| {row.class_} | {row.general} | {row.bound} | {row.own} | "
            + " | ".join(cells)
            + f" | {others} / {hits} |"
        )
    return "\n".join(lines) + "\n"


def documents(paths: list[str]) -> Iterator[Document | Page]:
    """Read a corpus; a page set's text may stand in `html`."""
    for entry in read_entries(find_inputs(paths), Fields(), recleaning=True) if paths else ():
        if isinstance(entry.value, (Document, Page)):
            yield entry.value


def main() -> None:
    """Count, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    options = parser.parse_args()
    cuts = measure(Cleaner(), documents(options.corpus))
    table = markdown(tabulate(load_shipped(), cuts), options.languages.split(","))
    if options.output:
        names = ", ".join(Path(name).name.split(".")[0] for name in options.corpus) or "no corpus"
        options.output.write_text(PREFACE.format(corpus=names) + table, encoding="utf-8")
    else:
        print(table, end="")


if __name__ == "__main__":
    main()
