"""Measure how cleaning time grows on inputs built to be slow: each is doubled several times.

Usage: python -m benchmarks.pumped [--size 100000] [--doublings 3] [--examples N] [--only NAME]... [--memory MEGABYTES]

Prints the CPU time of each size and how much longer the last doubling took: about 2.0 is linear. The size and the
position of a text's objects in memory make single figures vary; what grows with the square shows as 4.0. With
`--memory` it cleans one line of so many megabytes, and prints the peak of the process's memory.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from cleaner.clean import Cleaner
from cleaner.model import Cleaned

PROSE = "The ferry left the harbour at noon with forty people on board, and nobody saw it again before dark. "
HEADLINE = "Storm closes the old harbour bridge\n"

Pump = Callable[[int], str]
"""Builds a text of about so many code points."""


def repeat(unit: str, before: str = "", after: str = "") -> Pump:
    """Return what repeats a unit between two texts."""
    return lambda size: before + unit * (size // len(unit) + 1) + after


def _numbered(form: str) -> Pump:
    """Return what repeats a unit that holds a running number."""
    return lambda size: "".join(form.format(number) for number in range(size // len(form) + 1))


def _programme(size: int) -> str:
    return "".join(f"{n // 60 % 24:02}:{n % 60:02} {HEADLINE}" for n in range(size, 0, -len(HEADLINE) - 6))


FORMS: Mapping[str, Pump] = {
    "prose, one line": repeat(PROSE),
    "prose, lines": repeat(PROSE.strip() + "\n"),
    "one word a line": repeat("Harbour\n"),
    "numbers, one a line": _numbered("{}\n"),
    "headlines": repeat(HEADLINE),
    "headlines, doubled": _numbered("Storm {0} closes the harbour bridge\nStorm {0} closes the harbour bridge\n"),
    "standfirsts": _numbered(
        "The ferry sails on Friday, the town said {0}.\nThe ferry sails on Friday, the town said {0}. More.\n"
    ),
    "one long sentence": repeat("harbour "),
    "no space at all": repeat("x"),
    "bullets, lines": repeat("- \n"),
    "bullets, one line": repeat("- "),
    "bullets, run together": repeat("•"),
    "bulleted headlines": repeat("- " + HEADLINE),
    "bulleted headlines, one line": repeat("• " + HEADLINE.replace("\n", " ")),
    "clock times, lines": repeat("14:05\n"),
    "clock times, one line": repeat("14:05 "),
    "clock times, run together": repeat("14:05"),
    "programme": _programme,
    "digits": repeat("7"),
    "digits, spaced": repeat("7 "),
    "quotes": repeat('"'),
    "quotes, opening": repeat("« "),
    "quotes, sentence ends": repeat('."'),
    "spaces": repeat(" ", PROSE, PROSE),
    "spaces behind a stop": repeat(" ", PROSE.strip(), "then"),
    "line ends": repeat("\n", PROSE, PROSE),
    "line ends, mixed": repeat("\r\n\r\u2028", PROSE, PROSE),
    "colons": repeat(":"),
    "colons, spaced": repeat("a : "),
    "brackets": repeat("["),
    "brackets, closed": repeat("[_] "),
    "full stops": repeat("."),
    "ideographic stops": repeat("。"),
    "ideographs": repeat("港口大橋將於星期五重新開放"),
    "capitals": repeat("A "),
    "pluses": repeat("+++ "),
    "at signs": repeat("a@"),
    "combining marks": repeat("\u0301\u0316", "a"),
    "combining marks, Tibetan": repeat("\u0f73\u0f72", "a"),
    "accented letters, decomposed": repeat("e\u0301"),
    "invisible characters": repeat("\u200b", PROSE, PROSE),
    "invisible characters, every other": repeat("a\u200b"),
    "right-to-left marks": repeat("\u200f \u200e"),
    "emoji": repeat("\U0001f600\u200d\U0001f468 "),
    "lone surrogates": repeat("\ud800 "),
    "NULs": repeat("\0"),
    "mojibake": repeat("Il a dÃ©clarÃ© Ã\xa0 Paris que câ€™est fini. "),
    "leads of mojibake": repeat("Ãa"),
    "share, one line": repeat("Share "),
    "share, lines": repeat("Share\n"),
    "share and prose": repeat("Share\n" + PROSE.strip() + "\n"),
    "labels, one line": repeat("Share Tweet Pin it Email Print "),
}
"""Texts that need no rule to be told: long runs of one thing."""


LITERALS: Mapping[str, str] = {
    "tail openers": "No comments yet",
    "head openers": "My account",
    "run headers": "Articles similaires",
    "run headers of flattened text": "Lire aussi",
    "span openings": "All quotes delayed",
    "span patterns": "The post appeared first on",
    "labels": "Advertisement",
    "blocks": "Sign up for our newsletter",
    "records": "2 hours ago",
}
"""A literal of each kind of rule, thousands of which may stand in one text."""


def pumps(cleaner: Cleaner, every: int) -> dict[str, Pump]:
    """Return all forms, those of the literals, and the first example of every n-th rule (0: of none), repeated."""
    found = dict(FORMS)
    for name, phrase in LITERALS.items():
        found[f"{name}, lines"] = repeat(phrase + "\n")
        found[f"{name}, one line"] = repeat(phrase + ". ")
        found[f"{name}, side by side"] = repeat(phrase + " ")
        found[f"{name} and prose"] = repeat(f"{PROSE.strip()}\n{phrase}\n{HEADLINE}")
    for rule in cleaner.ruleset.rules[::every] if every else ():
        if rule.kind != "select":
            text = next(test.in_ for test in rule.tests if test.in_)
            found[f"{rule.id}, lines"] = repeat(text + "\n")
            found[f"{rule.id}, one line"] = repeat(text.replace("\n", " ") + " ")
    return found


def measure(cleaner: Cleaner, pump: Pump, sizes: Iterable[int]) -> tuple[list[float], Cleaned]:
    """Return the CPU seconds for each size, and what was made of the last."""
    seconds = []
    for size in sizes:
        text = pump(size)
        began = time.process_time()
        (cleaned,) = cleaner.pipe([text])  # at a glance first, as the command line does
        seconds.append(time.process_time() - began)
    return seconds, cleaned


def peak(megabytes: int) -> tuple[float, float]:
    """Return the megabytes that one line of text takes to clean, and those that the cleaner takes without it."""
    cleaner = Cleaner()
    cleaner.clean(PROSE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cleaner.clean(repeat(PROSE)(megabytes * 1_000_000))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, before / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="code points of the smallest text")
    parser.add_argument("--doublings", type=int, default=3)
    parser.add_argument("--examples", type=int, default=0, metavar="N", help="also the example of every N-th rule")
    parser.add_argument("--only", action="append", default=[], help="forms whose names hold this")
    parser.add_argument("--memory", type=int, metavar="MEGABYTES", help="the peak of memory for one line instead")
    options = parser.parse_args()
    if options.memory:
        most, before = peak(options.memory)
        print(f"one line of {options.memory} MB: peak {most:,.0f} MB, {before:,.0f} MB before it")
        return
    cleaner = Cleaner()
    sizes = [options.size << doubling for doubling in range(options.doublings + 1)]
    print(f"CPU seconds, {len(cleaner.ruleset.rules)} rules, digest {cleaner.ruleset.digest}")
    print(_row("input", *(f"{size:,}" for size in sizes), "growth", "us/char", "flags"))
    for name, pump in pumps(cleaner, options.examples).items():
        if options.only and not any(part in name for part in options.only):
            continue
        seconds, cleaned = measure(cleaner, pump, sizes)
        grown = seconds[-1] / max(1e-9, seconds[-2])
        each = 1e6 * seconds[-1] / len(cleaned.document.text)
        kinds = Counter(flag.split(":")[0] for flag in cleaned.flags)
        flags = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        print(_row(name, *(f"{value:.3f}" for value in seconds), f"{grown:.1f}", f"{each:.2f}", flags), flush=True)


def _row(name: str, *cells: str) -> str:
    return f"{name:45}" + "".join(f"{cell:>10}" for cell in cells[:-1]) + f"  {cells[-1]}"


if __name__ == "__main__":
    main()
