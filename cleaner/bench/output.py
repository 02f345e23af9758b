"""Write what a benchmark found into a folder: results, scores, the report as a page and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

from cleaner.bench.case import Body, Case, Gold, Labels, Phrases
from cleaner.bench.changes import find_falls
from cleaner.bench.leaderboard import write_markdown
from cleaner.bench.peer import Peer
from cleaner.bench.report import Worst, draw_report
from cleaner.bench.results import Results, read_results
from cleaner.bench.run import Bench, Measured, Row, answer_of
from cleaner.bench.sets import FREE
from cleaner.bench.store import Store
from cleaner.bench.summary import quality_of
from cleaner.io.folder import open_folder, write_whole

RESULTS, SCORES, REPORT, TABLES, ANSWERS = (
    "results.json", "scores.jsonl.zst", "report.html", "report.md", "answers.sqlite",
)  # fmt: skip
"""The files of a run."""

LOCK = "answers.lock"
"""By this file a run holds its folder."""

_LEVEL = 12  # of Zstandard
_RIGHT = 0.9999  # quality from which there is nothing to read


@dataclass(frozen=True, slots=True)
class Earlier:
    """Hold the results of an earlier run, and the place of its scores, which may be gone."""

    results: Results
    scores: Path


def read_earlier(path: Path) -> Earlier:
    """Read what a run is compared with: its file of results, or its folder.

    Raises `InputError` where there is none, or where its scores cannot be read: now, and not when the run is done.
    """
    file = path / RESULTS if path.is_dir() else path
    earlier = Earlier(read_results(file), file.with_name(SCORES))
    if earlier.scores.is_file():
        find_falls(earlier.scores, (), earlier.results.ours)
    return earlier


def write_bench(found: Bench, folder: Path, worst: Sequence[Worst], earlier: Earlier | None) -> None:
    """Write all files, each whole or not at all, the results last. Raises `OutputError` where one cannot be written."""
    from zstandard import ZstdCompressor  # loaded late: only a run that is kept needs it

    results, lines = found.results, list(found.lines())
    falls = find_falls(earlier.scores, lines, results.ours) if earlier and earlier.scores.is_file() else ()
    page = draw_report(results, worst, earlier.results if earlier else None, falls)
    scores = ZstdCompressor(_LEVEL).compress(b"".join(lines))
    written = {
        SCORES: scores,
        TABLES: write_markdown(results).encode("utf-8", "replace"),
        REPORT: page.encode("utf-8", "replace"),
        RESULTS: f"{results.model_dump_json()}\n".encode(),
    }
    place = open_folder(str(folder))
    for name, raw in written.items():
        write_whole(place, name, raw)


def find_worst(found: Bench, store: Store, peers: Sequence[Peer], count: int) -> list[Worst]:
    """Choose cases to read, the tracks taking turns: those where ours is worst, and those where another is most ahead.

    Each comes with the texts of ours and of the peer that did best, other settings of ours aside.
    """
    if not count or not found.measured:
        return []
    share = max(1, count // len(found.measured))
    ours = found.results.ours
    return [case for one in found.measured for case in _worst_of(one, ours, store, peers, share)]


def _worst_of(one: Measured, ours: str, store: Store, peers: Sequence[Peer], count: int) -> Iterator[Worst]:
    there = {peer.name: peer for peer in peers if peer.takes == one.sources.surface}
    others = [name for name in there if name != ours] or list(there)
    own = {there[ours].family} & {"cleaner"} if ours in there else set()
    rivals = [name for name in others if there[name].family not in own] or others
    rows = [row for row in one.rows if ours in row.scored]
    for row in _choose(rows, ours, rivals, count):
        shown = dict.fromkeys((ours, _best(row, rivals)))
        yield _lay_out(
            one, row, {name: answer_of(store, row.case, one.sources.form, there[name]) for name in shown}, ours
        )


def _choose(rows: Sequence[Row], ours: str, rivals: Sequence[str], count: int) -> list[Row]:
    """Take half by what ours lacks, and the others by how far the best rival is ahead; no row twice, and none that is right."""
    rows = [row for row in rows if _quality(row, ours) < _RIGHT]
    lowest = nlargest(count - count // 2, range(len(rows)), key=lambda at: -_quality(rows[at], ours))
    ahead = nlargest(
        count, range(len(rows)), key=lambda at: _quality(rows[at], _best(rows[at], rivals)) - _quality(rows[at], ours)
    )
    return [rows[at] for at in list(dict.fromkeys((*lowest, *ahead)))[:count]]


def _lay_out(one: Measured, row: Row, texts: Mapping[str, str], ours: str) -> Worst:
    case = row.case
    return Worst(
        track=one.track.name,
        set=case.set,
        id=case.id,
        lang=case.language,
        site=case.site,
        url=case.input.url,
        gold=show_gold(case),
        ours=texts[ours],
        peers={name: text for name, text in texts.items() if name != ours},
        quality={name: round(_quality(row, name), 4) for name in row.scored},
        wanted=case.gold.wanted if isinstance(case.gold, Phrases) else (),
        unwanted=case.gold.unwanted if isinstance(case.gold, Phrases) else (),
    )


def show_gold(case: Case) -> str:
    """Write gold as a text to be laid beside an answer: of labels what is no noise, of snippets a list."""
    gold: Gold = case.gold
    if isinstance(gold, Body):
        return gold.text
    if isinstance(gold, Phrases):
        wanted = [f"stays: {snippet}" for snippet in gold.wanted]
        return "\n".join([*wanted, *(f"goes: {snippet}" for snippet in gold.unwanted)])
    assert isinstance(gold, Labels)
    return _kept(case, gold)


def _kept(case: Case, gold: Labels) -> str:
    """Join the stretches that are no noise, with what stands between those that follow each other."""
    text, kept, at = case.markup, list[str](), 0
    for start, end, label in sorted(gold.spans):
        if label in FREE:
            between = text[at:start]
            kept += ["\n" if "\n" in between else " " if between[:1].isspace() else "", text[start:end]]
        at = end
    return "".join(kept).strip()


def _quality(row: Row, peer: str) -> float:
    return quality_of(row.scored[peer].parts)


def _best(row: Row, rivals: Sequence[str]) -> str:
    return max(rivals, key=lambda name: _quality(row, name))
