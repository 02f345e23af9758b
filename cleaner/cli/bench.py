"""`cleaner bench`: peers side by side on data with gold, as tables, a report and results."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from cleaner.bulk.pool import count_cores
from cleaner.cli.options import Processes, json_option, option
from cleaner.cli.tables import table
from cleaner.errors import InputError, OptionError
from cleaner.io.folder import open_folder
from cleaner.report.visible import escape_line

if TYPE_CHECKING:
    from cleaner.bench.gate import Floors
    from cleaner.bench.output import Earlier
    from cleaner.bench.plan import Sources
    from cleaner.bench.results import Results
    from cleaner.bench.run import Watch

_EXTRA = "pip install 'cleaner-news[bench]'"


@click.command()
@click.argument("data", nargs=-1, metavar="DATA...")
@click.option("-o", "--output", metavar="FOLDER", help="Write the report, the results and the answers there.")
@click.option("--data", "folder", metavar="FOLDER", help="Where a plan's sets are; by default beside the plan.")
@click.option(
    "--peer", "peers", multiple=True, metavar="NAME", help="Run this one; again for more. By default all installed."
)
@click.option("--track", "tracks", multiple=True, metavar="NAME", help="Run only this track of a plan; again for more.")
@click.option(
    "--ours", metavar="NAME", help="Compare the others with this peer.  [default: cleaner, or else the first named]"
)
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N", help="Take only so many cases of each set, evenly spaced."
)
@option("--jobs", type=Processes(min=0), default="0", metavar="N", help="Processes; by default one a core.")
@click.option(
    "--limit",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="What a peer has for one case.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap and of injected noise.")
@click.option(
    "--resamples",
    type=click.IntRange(min=100),
    default=2000,
    show_default=True,
    metavar="N",
    help="Draws of the bootstrap.",
)
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    metavar="N",
    help="Cases in the report to read.",
)
@click.option(
    "--resume", is_flag=True, help="Take over the answers in FOLDER that still hold; their times are from then."
)
@click.option("--against", metavar="RESULTS", help="Compare with these earlier results; by default those in FOLDER.")
@click.option(
    "--memory/--no-memory",
    default=True,
    show_default=True,
    help="Measure the memory of each peer, in a process of its own.",
)
@click.option("--gate", "floors", metavar="FLOORS", help="Check the figures of ours against a file of floors.")
@click.option("--update", is_flag=True, help="Raise the floors to what was reached.")
@click.option(
    "--allow-lower", metavar="REASON", help="With --update, lower floors as well; the reason goes into the file."
)
@click.option("--list", "listing", is_flag=True, help="List the peers, and what is missing for those that cannot run.")
@json_option("Write the results as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.pass_context
def bench(ctx: click.Context, /, data: tuple[str, ...], **settings: Any) -> None:
    """Measure how well peers turn pages and texts into article bodies.

    DATA is one or more files of cases (JSONL with `id`, `html` or `text`, and as gold `gold`, or `with` and `without`, or
    `spans`), a folder of seeds, or a plan (TOML) that names tracks. Ends with 1 where a figure is below its floor.
    """
    if settings["listing"]:
        _list_peers(settings["peers"])
        return
    _check(data, settings)
    from cleaner.bench.plan import find_tracks  # loaded late, like all of it: it needs what the extra installs

    names = _name_peers(settings["peers"])
    _check_ours(settings["ours"], names)
    tracks = _choose(find_tracks(data, settings["folder"]), settings["tracks"])
    _tell_idle(settings["peers"], tracks)
    floors = _read_floors(settings["floors"], settings["update"])
    with _folder(settings["output"]) as folder:
        earlier = _read_earlier(settings["output"], settings["against"])
        results = _run(tracks, names, settings, folder, earlier)
    if settings["as_json"]:
        click.echo(results.model_dump_json(indent=1))
    else:
        _show(results, settings["output"])
    ctx.exit(_gate(results, floors, settings) if settings["floors"] else 0)


def _check(data: Sequence[str], settings: Mapping[str, Any]) -> None:
    """Refuse options that make no sense together."""
    if not data:
        raise click.UsageError(
            "name files of cases, a folder of seeds, or a plan; docs/benchmark.md says how they look."
        )
    if settings["resume"] and not settings["output"]:
        raise OptionError("--resume needs the folder of the earlier run: name it with -o")
    if settings["update"] and not settings["floors"]:
        raise OptionError("--update needs the file of floors: name it with --gate")
    if settings["allow_lower"] is not None and not settings["update"]:
        raise OptionError("--allow-lower goes with --update")


def _name_peers(names: Sequence[str]) -> list[str]:
    """Return the names of the peers to run: those given, or all shipped ones that are installed; tells what is left out."""
    from cleaner.bench.peers import PEERS, find_peers

    if names:
        for peer in find_peers(names):
            if peer.missing:
                raise OptionError(f"{peer.name} needs {peer.missing}: {_EXTRA}")
        return list(names)
    missing = list(dict.fromkeys(peer.name for peer in PEERS if peer.missing))
    if missing:
        click.echo(f"left out, as they are not installed: {', '.join(missing)} ({_EXTRA})", err=True)
    return list(dict.fromkeys(peer.name for peer in PEERS if not peer.missing))


def _check_ours(ours: str | None, names: Sequence[str]) -> None:
    """Refuse to compare with a peer that does not run."""
    from cleaner.bench.peers import find_peers

    there = list(dict.fromkeys(peer.name for peer in find_peers(names)))
    if ours is not None and ours not in there:
        raise OptionError(f"--ours {ours}: no such peer runs; there are: {', '.join(there)}")


def _tell_idle(names: Sequence[str], tracks: Sequence[Sources]) -> None:
    """Tell which of the peers that were asked for no track can ask."""
    from cleaner.bench.peers import find_peers

    given = {track.surface for track in tracks}
    for name in names:
        takes = {peer.takes for peer in find_peers([name])}
        if not takes & given:
            click.echo(f"{name} is left out: it takes {' and '.join(sorted(takes))}, which no track gives", err=True)


def _list_peers(names: Sequence[str]) -> None:
    from cleaner.bench.peers import list_offers

    rows = [("PEER", "TAKES", "FAMILY", "FROM", "VERSION", "CALL")]
    for offer in list_offers(names):
        peer = offer.peer
        state = f"needs {peer.missing}" if peer.missing else peer.version
        rows.append((peer.name, peer.takes, peer.family, offer.origin, state, peer.call))
    for line in table(rows):
        click.echo(line)


def _choose(tracks: Sequence[Sources], names: Sequence[str]) -> list[Sources]:
    unknown = sorted(set(names) - {track.name for track in tracks})
    if unknown:
        raise OptionError(f"there is no track {unknown[0]!r}; there are: {', '.join(track.name for track in tracks)}")
    return [track for track in tracks if not names or track.name in names]


def _read_earlier(folder: str | None, against: str | None) -> Earlier | None:
    """Read the results to compare with: those named, or those that stand in the folder."""
    from cleaner.bench.output import RESULTS, read_earlier

    if against:
        return read_earlier(Path(against))
    if not folder or not Path(folder, RESULTS).is_file():
        return None
    try:
        return read_earlier(Path(folder))
    except InputError as error:
        click.echo(f"nothing to compare with: {escape_line(str(error))}", err=True)
        return None


@contextmanager
def _folder(name: str | None) -> Iterator[Path]:
    """Yield the folder of the run, which no other run may write into meanwhile, or one that is gone afterwards."""
    from cleaner.bench.output import LOCK

    if name is None:
        with TemporaryDirectory(prefix="cleaner-bench-") as folder:
            yield Path(folder)
        return
    with open_folder(name).hold(LOCK):
        yield Path(name)


def _run(
    tracks: Sequence[Sources], names: Sequence[str], settings: Mapping[str, Any], folder: Path, earlier: Earlier | None
) -> Results:
    from cleaner.bench.output import ANSWERS, find_worst, write_bench
    from cleaner.bench.peers import find_peers
    from cleaner.bench.run import OURS, Settings, run
    from cleaner.bench.store import Store

    chosen = Settings(
        jobs=settings["jobs"] or count_cores(),
        limit=settings["limit"],
        seed=settings["seed"],
        resamples=settings["resamples"],
        sample=settings["sample"],
        memory=settings["memory"],
        ours=settings["ours"] or OURS,
        command=f"cleaner {shlex.join(sys.argv[1:])}",
    )
    with Store(folder / ANSWERS, afresh=not settings["resume"]) as store:
        with _progress(settings["quiet"]) as watch:
            found = run(tracks, names, chosen, store, watch)
        if settings["output"]:
            write_bench(found, folder, find_worst(found, store, find_peers(names), settings["worst"]), earlier)
    return found.results


def _show(results: Results, folder: str | None) -> None:
    """Print a table a track, and where the rest is."""
    from rich.console import Console  # loaded late: only this output needs it

    from cleaner.bench.leaderboard import draw_tables, list_failures, rank

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for drawn in draw_tables(results, console.width):
        console.print(drawn)
    click.echo(
        "In brackets: 95 % intervals over sites. A star: the interval of the difference leaves zero out, and chance alone "
        "would not do it (p ≤ 0.05)."
    )
    for board in rank(results):
        for line in list_failures(board):
            click.echo(f"{escape_line(board.track.name)}: {line}", err=True)
    if folder:
        click.echo(f"report: {Path(folder, 'report.html')}", err=True)


def _read_floors(name: str | None, is_update: bool) -> Floors | None:
    """Read the floors before anything is measured; those that an update makes anew are not there yet."""
    from cleaner.bench.gate import read_floors

    if name is None or (is_update and not Path(name).is_file()):
        return None
    return read_floors(name)


def _gate(results: Results, floors: Floors | None, settings: Mapping[str, Any]) -> int:
    """Check the floors, or raise them; return the exit code."""
    from cleaner.bench.gate import check, update, write_floors

    path = Path(settings["floors"])
    if floors is None or settings["update"]:
        write_floors(path, update(results, floors, settings["allow_lower"]))
        click.echo(f"floors: {path}", err=True)
        return 0
    findings = check(results, floors)
    for finding in findings:
        click.echo(escape_line(finding.message), err=True)
    if not findings:
        click.echo(f"floors: {path}: all {len(floors.floors)} are kept", err=True)
    return 1 if findings else 0


@contextmanager
def _progress(quiet: bool) -> Iterator[Watch | None]:
    """Yield what is told of each case; the bar is drawn without a thread, as processes part while it stands."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # loaded late: only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("")

        def watch(name: str, count: int) -> None:
            if name:
                bar.reset(task, total=count, description=name)
            else:
                bar.advance(task, count)
            bar.refresh()

        yield watch
