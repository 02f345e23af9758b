"""Turn a checkout of a public benchmark into JSON Lines that `cleaner bench` reads. Nothing is downloaded.

Usage: python -m benchmarks.importers NAME CHECKOUT [-o FILE.jsonl.zst] [--split SPLIT] [--page-type TYPE] [--list-all]
       python -m benchmarks.importers list

The records go to the file, or to standard output; how many there are, their digest (BLAKE2b of the lines, before they are
compressed), and what was left out go to standard error. The same checkout gives the same bytes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.importers.entry import Importer
from benchmarks.importers.table import IMPORTERS, find_importer
from benchmarks.importers.writing import Account, Choice, Sink, write
from cleaner.errors import CleanerError, InputError, OptionError
from cleaner.io.file import NewFile
from cleaner.io.press import Pressed, press_of

SHOWN = 10
"""Ids that are listed of those left out for one reason, unless all are asked for."""


def main(arguments: list[str] | None = None) -> int:
    """Import, and return the exit code: 2 where the arguments or the checkout are wrong."""
    options = read_options(arguments)
    try:
        if options.name == "list":
            print_list()
        else:
            run(options)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # who reads has seen enough: nothing more is sent
        return 1
    except KeyboardInterrupt:
        print("benchmarks.importers: interrupted; nothing is written", file=sys.stderr)
        return 130
    except CleanerError as error:
        print(f"benchmarks.importers: {error}", file=sys.stderr)
        return 2
    return 0


def run(options: argparse.Namespace) -> None:
    """Read the checkout and write its records. Raises `InputError` where none are left, and leaves no file then."""
    importer = find_importer(options.name)
    if options.checkout is None:
        raise OptionError(f"name the folder of the checkout: python -m benchmarks.importers {importer.name} CHECKOUT")
    choice = Choice(options.split, options.page_type)
    with open_sink(options.output) as sink:
        account = write(importer.read(options.checkout), sink, choice)
        tell(importer, account, options.output, options.list_all)
        if not account.written:
            raise InputError(f"{options.checkout}: no page is left{_offered(account)}")


@contextmanager
def open_sink(output: Path | None) -> Iterator[Sink]:
    """Lend what takes the records: standard output, or a file that appears when all are written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if ".jsonl" not in output.name:
        raise OptionError(f"{output}: records are written as JSON Lines: call the file {output.name}.jsonl.zst")
    draft = NewFile(output)
    stream = Pressed(draft, press_of(output.name)) if press_of(output.name) else None
    try:
        yield stream or draft
        if stream:
            stream.end()
    except BaseException:
        draft.abandon()
        raise
    draft.commit()


def tell(importer: Importer, account: Account, output: Path | None, all_of_them: bool) -> None:
    """Print the account to standard error."""
    where = f" in {output}" if output else ""
    print(f"{importer.name}: {_pages(account.written)}{where}, blake2b {account.digest}", file=sys.stderr)
    if account.passed:
        print(f"  {_pages(account.passed)} of another split or type", file=sys.stderr)
    if account.left_out:
        print(f"  {account.left_out} left out:", file=sys.stderr)
    for reason, about in account.reasons().items():
        shown = about if all_of_them else about[:SHOWN]
        more = f" and {len(about) - len(shown)} more (--list-all)" if len(about) > len(shown) else ""
        print(f"    {reason} ({len(about)}): {', '.join(shown)}{more}", file=sys.stderr)
    if importer.pages and not account.passed and account.written != importer.pages:
        print(f"  a checkout held {importer.pages} pages when this importer was written", file=sys.stderr)


def print_list() -> None:
    """Print what each importer reads."""
    for importer in IMPORTERS.values():
        pages = f"; {importer.pages} pages" if importer.pages else ""
        print(f"{importer.name}\n  {importer.about}{pages}\n  gold: {importer.gold}")
        print(f"  from: {importer.home}, licence: {importer.licence}")


def _pages(count: int) -> str:
    return f"{count} page" if count == 1 else f"{count} pages"


def _offered(account: Account) -> str:
    """Say which splits and types there are, where a choice has left nothing."""
    if not account.passed:
        return ""
    found = [
        f"{name} has {', '.join(sorted(values))}"
        for name, values in (("--split", account.splits), ("--page-type", account.page_types))
        if values
    ]
    return f" by this choice; {'; '.join(found)}" if found else ": this benchmark has no splits and no types of pages"


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.importers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help=f"`list`, or one of: {', '.join(IMPORTERS)}")
    parser.add_argument("checkout", metavar="CHECKOUT", nargs="?", type=Path, help="the folder of your checkout")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="a .jsonl, .jsonl.zst or .jsonl.gz file")
    parser.add_argument("--split", metavar="NAME", help="only the pages of one split (wcxb: dev, test)")
    parser.add_argument("--page-type", metavar="NAME", help="only pages of one type (wcxb, magic_html: article, ...)")
    parser.add_argument("--list-all", action="store_true", help="name everything that is left out, not the first ten")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
