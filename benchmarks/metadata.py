"""Compare what pages declare, source by source and with trafilatura: `python -m benchmarks.metadata FILE.jsonl.zst [COUNT]`.

Shown are, for each field, how many pages each source of `TRUST` fills and how often it agrees with the value that was
taken from other kinds of markup; where the file has titles, how often each kind of title equals them; the cost a page.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import zstandard
from trafilatura.metadata import extract_metadata

from cleaner.html.declared import Declared, list_evidence, read_declared
from cleaner.html.declared_text import key_of
from cleaner.html.declared_trust import TRUST

COMPARED = {"published": "date", "authors": "author", "site": "sitename", "teaser": "description", "image": "image",
            "language": "language", "canonical": "url", "title": "title"}  # fmt: skip


def main(path: str, count: int = 200) -> None:
    agreement: Counter[tuple[str, str, str]] = Counter()
    against: Counter[tuple[str, str]] = Counter()
    titles: Counter[str] = Counter()
    costs, others = [], []
    for page in sample(Path(path), count):
        root = parse(page["html"])
        start = time.process_time()
        declared = read_declared(root, page.get("url"))
        costs.append(time.process_time() - start)
        tally_sources(declared, list_evidence(root, page.get("url")), agreement)
        root = parse(page["html"])
        start = time.process_time()
        found = extract_metadata(root, page.get("url"))
        others.append(time.process_time() - start)
        tally_other(page, declared, found, against, "--show" in sys.argv)
        tally_titles(page.get("title"), declared, found, titles)
    report(agreement, against, titles)
    for name, seconds in (("read_declared", costs), ("extract_metadata", others)):
        marks = statistics.quantiles(seconds, n=20)
        print(
            f"{name}: median {marks[9] * 1000:.2f} ms, p95 {marks[18] * 1000:.2f}, mean {statistics.mean(seconds) * 1000:.2f}"
        )


def parse(html: str) -> Any:
    return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8"))


def sample(path: Path, count: int) -> list[dict[str, Any]]:
    """Return `count` pages spread evenly over the file."""
    lines = list(read_lines(path))
    step = max(1, len(lines) // count)
    return [json.loads(line) for line in lines[::step][:count]]


def read_lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        yield from io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8")


def tally_sources(
    declared: Declared, evidence: dict[str, dict[str, str]], agreement: Counter[tuple[str, str, str]]
) -> None:
    for field, values in evidence.items():
        kinds: dict[str, str] = {}
        for source, value in values.items():
            kinds.setdefault(source.partition(":")[0], value)
        for source, value in values.items():
            agreement[field, source, "filled"] += 1
            rivals = [other for kind, other in kinds.items() if kind != source.partition(":")[0]]
            if rivals:
                agreement[field, source, "rivals"] += 1
                agreement[field, source, "agree"] += any(same(field, value, other) for other in rivals)


def same(field: str, one: str, other: str) -> bool:
    if field in ("published", "updated"):
        return one[:10] == other[:10]
    if field == "language":
        return one[:2].lower() == other[:2].lower()
    if field in ("authors", "tags"):
        return {key_of(part) for part in one.split(";")} == {key_of(part) for part in other.split(";")}
    return key_of(one) == key_of(other)


def tally_other(
    page: dict[str, Any], declared: Declared, found: Any, against: Counter[tuple[str, str]], shown: bool
) -> None:
    for ours, theirs in COMPARED.items():
        mine = declared.title if ours == "title" else declared.resolved.get(ours) or declared.fields.get(ours)
        other = getattr(found, theirs, None)
        outcome = (
            "neither" if not mine and not other else "only trafilatura" if not mine else "only here" if not other
            else "same" if same(ours, mine, other) else "differ"
        )  # fmt: skip
        against[ours, outcome] += 1
        if shown and outcome in ("differ", "only trafilatura"):
            print(f"{page['id']} {ours} [{declared.origins.get(ours)}]: {mine!r} | {other!r}")


def tally_titles(gold: str | None, declared: Declared, found: Any, titles: Counter[str]) -> None:
    if not gold:
        return
    titles["pages"] += 1
    for name, text in (
        ("read_declared", declared.title),
        ("page title", declared.page_title),
        ("trafilatura", found.title),
    ):
        titles[name] += key_of(text or "") == key_of(gold)
    titles[f"from {declared.origins.get('title')}"] += 1
    titles[f"right from {declared.origins.get('title')}"] += key_of(declared.title or "") == key_of(gold)


def report(agreement: Counter[tuple[str, str, str]], against: Counter[tuple[str, str]], titles: Counter[str]) -> None:
    for field in TRUST:
        print(f"\n{field}")
        for source in TRUST[field]:
            if filled := agreement[field, source, "filled"]:
                rivals, agree = agreement[field, source, "rivals"], agreement[field, source, "agree"]
                print(f"  {source:34} filled {filled:4}, agrees with another kind {agree:4} of {rivals:4}")
    print("\nagainst trafilatura")
    for field in COMPARED:
        print(f"  {field:10}", {outcome: number for (name, outcome), number in against.items() if name == field})
    print("\ntitles", dict(titles))


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:3] if argument.isdigit()))
