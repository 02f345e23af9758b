"""Rank the peers of each track: one model of rows, from which page, Markdown and terminal draw their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaner.bench.peer import Family, Surface
from cleaner.bench.results import Difference, Figure, Measure, PeerScores, Results, Track
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line

if TYPE_CHECKING:
    from rich.table import Table

COMPANIONS = {"f1": ("snippet_f1",), "removal_f1": ("noise_removed", "body_lost"), "noise_removed": ("body_lost",)}
"""What is shown beside a chief measure that says too little alone."""

_REASON = 120  # characters of the reason of a failure
_GAP = 3  # characters between two columns of a terminal


CHANCE = 0.05
"""The p-value of the sign-flip test up to which a difference can be clear; of five sites or fewer it is never so low."""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one peer of a track; `figures` stand in the order of the board's measures, None where there is none."""

    peer: str
    family: Family
    version: str
    ours: bool
    figures: tuple[Figure | None, ...]
    ahead: Difference | None
    scores: PeerScores

    @property
    def kind(self) -> str:
        """Name the mark of the row in charts."""
        return "ours" if self.ours else self.family

    @property
    def chief(self) -> Figure | None:
        """Return the figure by which the row is ordered."""
        return self.figures[0]


@dataclass(frozen=True, slots=True)
class Board:
    """Hold the peers of a track, the best first; the first measure is the chief one."""

    track: Track
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]

    @property
    def chief(self) -> Measure:
        """Return the measure by which peers are ordered."""
        return self.measures[0]

    @property
    def ours(self) -> Row | None:
        """Return our row."""
        return next((row for row in self.rows if row.ours), None)

    @property
    def rival(self) -> Row | None:
        """Return the best row that is not ours, other settings of `cleaner` aside where it is ours and there are others."""
        others = [row for row in self.rows if not row.ours]
        own = {row.family for row in self.rows if row.ours} & {"cleaner"}
        return next((row for row in others if row.family not in own), others[0] if others else None)

    @property
    def cases(self) -> int:
        """Count the cases."""
        return sum(one.cases for one in self.track.sets)

    @property
    def sites(self) -> int:
        """Count the sites, set by set."""
        return sum(one.sites for one in self.track.sets)

    @property
    def shown(self) -> tuple[int, ...]:
        """Return the places of the chief measure and of those without which it says too little."""
        wanted = (self.chief.name, *COMPANIONS.get(self.chief.name, ()))
        names = [measure.name for measure in self.measures]
        return tuple(names.index(name) for name in wanted if name in names)

    def measure(self, name: str) -> Measure | None:
        """Return a measure by its name."""
        return next((measure for measure in self.measures if measure.name == name), None)


def rank(results: Results) -> tuple[Board, ...]:
    """Return the boards of all tracks."""
    return tuple(_board(results, track) for track in results.tracks)


def is_good(difference: Difference, measure: Measure) -> bool:
    """Tell whether a difference speaks for ours."""
    return difference.value >= 0 if measure.higher else difference.value <= 0


def is_clear(difference: Difference) -> bool:
    """Tell whether the interval leaves zero out, and the sign-flip test agrees: of a few sites no interval tells enough."""
    return (difference.low > 0 or difference.high < 0) and difference.chance <= CHANCE


def write_markdown(results: Results) -> str:
    """Write all tables as Markdown: a track each, then what is needed to make them again."""
    parts = ["# Benchmark", *_opening(results)]
    for board in rank(results):
        parts += _section(board)
    return "\n\n".join([*parts, *_making(results)]) + "\n"


def write_summary(results: Results) -> str:
    """Write the chief figures of all peers as Markdown, a table for those that take pages and one for those that take texts."""
    boards = rank(results)
    surfaces: tuple[Surface, ...] = ("html", "text")
    tables = (_overview([board for board in boards if board.track.surface == surface]) for surface in surfaces)
    return "\n\n".join(filter(None, tables)) + "\n"


def draw_tables(results: Results, room: int = 160) -> Iterator[Table]:
    """Draw a table a track for a terminal of so many columns; what it has no room for is left to the report."""
    from rich.box import SIMPLE_HEAD  # loaded late: only this output needs it
    from rich.table import Table
    from rich.text import Text

    for board in rank(results):
        title = Text(f"{escape_line(board.track.name)}: {_size(board)}")
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        columns = _fit(board, room)
        for number, column in enumerate(columns):
            table.add_column(Text(column[0]), justify="right" if number else "left", no_wrap=True)
        for row, cells in zip(board.rows, list(zip(*columns, strict=True))[1:], strict=True):
            table.add_row(*map(Text, cells), style="bold" if row.ours else "")
        yield table


def list_failures(board: Board) -> Iterator[str]:
    """Write a line for each peer that failed: on how many cases, and the first of them with its reason."""
    for row in board.rows:
        for first in row.scores.failures[:1]:
            reason = escape_line(first.reason)
            reason = reason if len(reason) <= _REASON else f"{reason[:_REASON]}…"
            count = f"{row.scores.failed} of {number_of(board.cases, 'case')}"
            yield f"{escape_line(row.peer)} failed on {count}, first on {escape_line(first.case)}: {reason}"


def write_figure(figure: Figure | None, digits: int = 4) -> str:
    """Write a figure with its interval.

    >>> write_figure(Figure(value=0.95, low=0.941, high=0.9612))
    '0.9500 [0.9410, 0.9612]'
    """
    if figure is None:
        return "–"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def write_difference(difference: Difference | None) -> str:
    """Write a difference with its interval, starred where it is clear."""
    if difference is None:
        return ""
    star = "*" if is_clear(difference) else ""
    return f"{difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]{star}"


def write_milliseconds(value: float) -> str:
    """Write a time: the shorter, the finer.

    >>> write_milliseconds(0.1234), write_milliseconds(12.34), write_milliseconds(1234.5)
    ('0.12', '12.3', '1,234')
    """
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def write_megabytes(value: float | None) -> str:
    """Write memory."""
    return "–" if value is None else f"{value:,.0f}"


def _board(results: Results, track: Track) -> Board:
    order = sorted(track.measures, key=lambda measure: measure.name != track.chief)
    known = {(peer.name, peer.takes): peer for peer in results.peers}
    rows = []
    for scores in track.peers:
        info = known.get((scores.peer, track.surface))
        rows.append(
            Row(
                peer=scores.peer,
                family=info.family if info else "extractor",
                version=info.version if info else "",
                ours=scores.peer == results.ours,
                figures=tuple(scores.figures.get(measure.name) for measure in order),
                ahead=scores.ahead.get(track.chief),
                scores=scores,
            )
        )
    sign = -1 if order[0].higher else 1
    rows.sort(key=lambda row: (row.chief is None, sign * (row.chief.value if row.chief else 0), row.peer))
    return Board(track, tuple(order), tuple(rows))


def _opening(results: Results) -> Iterator[str]:
    yield f"Made with {_code(results.made.command)}. The others are compared with {_code(results.ours)}."
    yield (
        "Figures stand with their 95 % intervals, which resample sites. A difference is ours minus the peer's, over the "
        "same cases; a star says that its interval leaves zero out and that chance alone would not do it (sign-flip test, "
        f"p ≤ {CHANCE:g})."
    )


def _section(board: Board) -> Iterator[str]:
    yield f"## {_plain(board.track.name)}"
    yield f"{_plain(board.track.about)} {_size(board)}."
    places = range(1, len(board.measures))
    yield _table(_head(board, places), ((_name(row.peer, row.ours), *_cells(row, places)) for row in board.rows))
    yield "\n".join(f"- {_plain(measure.label)}: {_plain(measure.about)}" for measure in board.measures)
    failures = [f"- {_plain(line)}" for line in list_failures(board)]
    if failures:
        yield "\n".join(failures)
    languages = _by(board, "lang", "language")
    if languages:
        yield languages


def _by(board: Board, by: str, name: str) -> str:
    """Tabulate the chief measure by group; nothing where there is one group only."""
    groups = [group for group in board.track.groups if group.by == by]
    if len(groups) < 2:
        return ""
    head = [f"{board.chief.label} by {name}", *(f"{group.name} ({group.cases})" for group in groups)]
    rows = []
    for row in board.rows:
        values = [group.values.get(row.peer, {}).get(board.chief.name) for group in groups]
        rows.append([_plain(row.peer), *("–" if value is None else f"{value:.3f}" for value in values)])
    return _table(head, rows)


def _size(board: Board) -> str:
    languages = {name for one in board.track.sets for name in one.languages if name}
    counts = ((board.cases, "case"), (board.sites, "site"), (len(languages), "language"))
    return ", ".join(number_of(count, what) for count, what in counts if count)


def _terse(board: Board) -> list[int]:
    """Return the places of the measures that a terminal has room for: three, the companions first."""
    return list(dict.fromkeys((*board.shown[1:], *range(1, len(board.measures)))))[:3]


def _fit(board: Board, room: int) -> list[tuple[str, ...]]:
    """Return the columns for which there is room: empty ones go, then memory, the interval, measures from the last, time.

    The interval of the difference stays, as that is the one to trust.
    """
    places = _terse(board)
    rows = [_head(board, places), *((escape_line(row.peer), *_cells(row, places)) for row in board.rows)]
    columns = [column for column in zip(*rows, strict=True) if any(cell.strip("–") for cell in column[1:])]
    if _width(columns) > room:
        columns = [column for column in columns if column[0] != "MB"]
    if _width(columns) > room:
        columns[1] = tuple(cell.split(" [")[0] for cell in columns[1])
    for spare in (*(board.measures[place].label for place in reversed(places)), "CPU ms"):
        if _width(columns) > room:
            columns = [column for column in columns if column[0] != spare]
    return columns


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + _GAP for column in columns)


def _head(board: Board, places: Sequence[int]) -> list[str]:
    labels = [board.measures[place].label for place in places]
    return ["peer", board.chief.label, "ours minus peer", *labels, "CPU ms", "MB", "failed"]


def _cells(row: Row, places: Sequence[int]) -> list[str]:
    return [
        write_figure(row.chief),
        write_difference(row.ahead),
        *(f"{figure.value:.4f}" if figure else "–" for figure in (row.figures[place] for place in places)),
        write_milliseconds(row.scores.cost.median),
        write_megabytes(row.scores.cost.memory),
        str(row.scores.failed or ""),
    ]


def _overview(boards: Sequence[Board]) -> str:
    """Tabulate peers by tracks; a peer's place is that of its first track."""
    if not boards:
        return ""
    head = ["peer"]
    for board in boards:
        head += [f"{board.track.name}: {board.measures[place].label} ({board.cases})" for place in board.shown]
    found: dict[str, list[str]] = {row.peer: [] for board in boards for row in board.rows}
    ours = {row.peer for board in boards for row in board.rows if row.ours}
    for board in boards:
        rows = {row.peer: row for row in board.rows}
        for peer, cells in found.items():
            cells += [write_figure(rows[peer].figures[place], 3) if peer in rows else "–" for place in board.shown]
    return _table(head, ([_name(peer, peer in ours), *cells] for peer, cells in found.items()))


def _making(results: Results) -> Iterator[str]:
    made = results.made
    yield "## Made with"
    yield _table(
        ("", ""),
        [
            ("command", _code(made.command)),
            ("seed, resamples", f"{made.seed}, {made.resamples}"),
            ("Python", made.python),
            ("machine", _plain(made.machine)),
            ("rules, code", f"{made.rules}, {made.code}"),
            ("packages", ", ".join(f"{name} {version}" for name, version in made.packages.items())),
        ],
    )
    sets = {(one.name, one.digest): one for track in results.tracks for one in track.sets}
    rows = ((_plain(one.name), str(one.cases), str(one.sites), one.digest) for one in sets.values())
    yield _table(("set", "cases", "sites", "digest of inputs and gold"), rows)
    peers = (
        (_plain(peer.name), peer.takes, peer.family, _plain(peer.version), _code(peer.call)) for peer in results.peers
    )
    yield _table(("peer", "takes", "family", "version", "called as"), peers)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Draw a table; what its rows hold is safe already."""
    lines = [[*map(_plain, head)], ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _name(peer: str, ours: bool) -> str:
    return f"**{_plain(peer)}**" if ours else _plain(peer)


def _plain(text: str) -> str:
    """Make a text safe for Markdown, in a table too.

    >>> _plain("cleaner | [fast](x)")
    'cleaner &#124; &#91;fast&#93;(x)'
    """
    return escape_line(text).translate(_MARKS)


def _code(text: str) -> str:
    """Set a text as code, where nothing in it can end that."""
    return _plain(text) if set("`|\\<") & set(text) else f"`{escape_line(text)}`"


_MARKS = {ord(sign): f"&#{ord(sign)};" for sign in "|\\`*[]"} | {ord("&"): "&amp;", ord("<"): "&lt;"}
