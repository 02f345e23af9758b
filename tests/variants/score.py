"""Score cleaned variants against their gold, document by document and field by field."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex

from cleaner import Cleaned, Cleaner, Document, replay

_TOKEN = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")


_FAMILY = regex.compile(r"[^/]+?(?=/|-[a-z]{2}-|$)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say what of a document came out as its gold has it, and how many body tokens were lost of how many."""

    id: str
    wrong: tuple[str, ...]
    lost: int
    tokens: int
    invented: int


def squash(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def lines(text: str) -> list[str]:
    return [line for line in map(squash, text.split("\n")) if line]


def tokens(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(unicodedata.normalize("NFC", text).lower()))


def judge(row: dict[str, Any], got: Cleaned) -> Verdict:
    """Compare one result with its gold."""
    gold = row["gold"]
    wrong = []
    if not any(squash(body) == squash(got.text) for body in gold["bodies"]):
        wrong.append("body")
    if squash(got.title) not in {squash(title) for title in gold.get("title_ok", [gold.get("title")])}:
        wrong.append("title")
    if not gold.get("related_loose") and not related_agree(gold.get("related") or [], got):
        wrong.append("related")
    allowed = Counter(map(squash, gold.get("headlines_ok") or []))
    if Counter(map(squash, gold.get("headlines") or [])) != Counter(map(squash, got.headlines)) - allowed:
        wrong.append("headlines")
    if any(not _has_field(got, name, value) for name, value in (gold.get("metadata") or {}).items()):
        wrong.append("metadata")
    if replay(got.source, got.cuts) != got.text:
        wrong.append("replay")
    best = min(gold["bodies"], key=lambda body: sum((tokens(body) - tokens(got.text)).values()))
    lost, extra = tokens(best) - tokens(got.text), tokens(got.text) - tokens(best)
    return Verdict(row["id"], tuple(wrong), sum(lost.values()), sum(tokens(best).values()), sum(extra.values()))


def related_agree(gold: list[dict[str, Any]], got: Cleaned) -> bool:
    """Tell whether the appended articles were all recovered, in order, their noise gone."""
    if len(gold) != len(got.related):
        return False
    return all(
        squash(g.get("title")) == squash(r.title)
        and squash(g.get("source")) == squash(r.source)
        and squash(g.get("age")) == squash(r.age)
        and tokens(g["body"]) == tokens(r.text)
        for g, r in zip(gold, got.related, strict=True)
    )


def _has_field(got: Cleaned, name: str, value: str) -> bool:
    found = squash(str(got.metadata.get(name) or ""))
    return found == squash(value) or (len(found) > 3 and found in squash(value))


def judge_all(rows: Iterable[dict[str, Any]], cleaner: Cleaner) -> list[Verdict]:
    """Clean and judge documents."""
    return [judge(row, cleaner.clean_document(Document(row["id"], row["text"], url=row.get("url")))) for row in rows]


def table(verdicts: Iterable[Verdict]) -> str:
    """Sum verdicts up by family."""
    families: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        families[_FAMILY.match(verdict.id).group()].append(verdict)  # type: ignore[union-attr]
    out = []
    everything = [v for family in families.values() for v in family]
    for name, family in [*sorted(families.items()), ("ALL", everything)]:
        exact = sum("body" not in v.wrong for v in family)
        whole = sum(not v.wrong for v in family)
        lost, count = sum(v.lost for v in family), max(1, sum(v.tokens for v in family))
        wrong = Counter(part for v in family for part in v.wrong)
        out.append(
            f"{name:28s} bodies {exact:3d}/{len(family):3d}  all {whole:3d}  lost {lost / count:.3%}  kept noise "
            f"{sum(v.invented for v in family):5d}  {dict(wrong) or ''}"
        )
    return "\n".join(out)


def main(path: str, show: str = "") -> None:
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").split("\n") if line]
    cleaner = Cleaner()
    verdicts = judge_all(rows, cleaner)
    print(table(verdicts))
    for row, verdict in zip(rows, verdicts, strict=True):
        if show and show in verdict.id and verdict.wrong:
            explain(row, cleaner.clean_document(Document(row["id"], row["text"])), verdict)


def explain(row: dict[str, Any], got: Cleaned, verdict: Verdict) -> None:
    """Print what differs."""
    print("=====", verdict.id, verdict.wrong, "lost", verdict.lost, "flags", got.flags)
    want, have = lines(row["gold"]["bodies"][0]), lines(got.text)
    for line in want:
        if line not in have:
            print("  - ", line[:300])
    for line in have:
        if line not in want:
            print("  + ", line[:300])
    gold = row["gold"]
    for name, a, b in (
        ("title", gold.get("title"), got.title),
        ("headlines", gold.get("headlines"), list(got.headlines)),
    ):
        if name in verdict.wrong:
            print(f"  {name}: gold {a!r} got {b!r}")
    if "metadata" in verdict.wrong:
        print("  metadata: gold", gold["metadata"], "got", dict(got.metadata))
    if "related" in verdict.wrong:
        for r in gold["related"]:
            print("    gold", r["title"], "|", r["source"], "|", r["age"], "|", r["body"][:60], "...", r["body"][-80:])
        for f in got.related:
            print("    got ", f.title, "|", f.source, "|", f.age, "|", f.text[:60], "...", f.text[-80:])
    for cut in got.cuts:
        print("    cut", cut.rules, repr(cut.text[:90]))


if __name__ == "__main__":
    main(*sys.argv[1:])
