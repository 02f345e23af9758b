"""Invent results of a benchmark: figures by seed, with all that a report has to draw."""

from __future__ import annotations

import random
from collections.abc import Iterator

from cleaner.bench.results import (
    Cost,
    Difference,
    Failure,
    Figure,
    Group,
    Made,
    Measure,
    PeerInfo,
    PeerScores,
    Results,
    RuleYield,
    Set,
    Spread,
    Track,
)
from cleaner.bench.worst import Worst

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru", "zh", "ja", "ar", "hi", "tr")
PAGES = (
    ("cleaner", "cleaner", 0.957), ("cleaner fast", "cleaner", 0.951), ("trafilatura", "extractor", 0.925),
    ("trafilatura fast", "extractor", 0.908), ("trafilatura precision", "extractor", 0.913),
    ("trafilatura recall", "extractor", 0.917), ("trafilatura no comments", "extractor", 0.929),
    ("readability", "extractor", 0.902), ("justext", "extractor", 0.851), ("resiliparse", "extractor", 0.893),
    ("newspaper4k", "extractor", 0.871), ("goose3", "extractor", 0.842), ("boilerpy3", "extractor", 0.838),
    ("inscriptis", "floor", 0.611), ("html2text", "floor", 0.587),
)  # fmt: skip
TEXTS = (
    ("cleaner", "cleaner", 0.903), ("identity", "floor", 0.0), ("c4 lines", "filter", 0.31),
    ("fineweb lines", "filter", 0.35), ("refinedweb lines", "filter", 0.29), ("sentence lines", "filter", 0.44),
    ("longest block", "filter", 0.62),
)  # fmt: skip
OF_TOKENS = (
    ("f1", "F1", True), ("precision", "precision", True), ("recall", "recall", True), ("shingle_f1", "4-gram F1", True),
    ("rouge", "ROUGE-Lsum", True), ("levenshtein", "Levenshtein", True), ("exact", "exact", True),
)  # fmt: skip
OF_LABELS = (
    ("removal_f1", "removal F1", True), ("removal_precision", "removal precision", True),
    ("noise_removed", "noise removed", True), ("body_lost", "body lost", False), ("untouched", "clean untouched", True),
)  # fmt: skip
TRACKS = (
    ("html", "html", OF_TOKENS, 1640), ("whole", "text", OF_TOKENS, 1640), ("recall", "text", OF_TOKENS, 1640),
    ("texts", "text", OF_TOKENS, 12), ("dumps", "text", OF_LABELS, 104), ("seeds", "text", OF_TOKENS, 5),
    ("noise", "text", OF_LABELS, 480),
)  # fmt: skip
SENTENCES = (
    "The ferry left the island two hours late.", "Nobody was hurt, the harbour master said.",
    "Read also: the lamp that never goes out", "It was built in 1911 and has been repaired twice.",
    "桥在星期六重新开放。", "Мост снова открыт.", "أعيد فتح الجسر يوم السبت.", "Sign up for the Sunday letter",
    "The council votes on Monday.", "Prices rose by four per cent.",
)  # fmt: skip


def make_results(seed: int = 1, shift: float = 0.0, tracks: tuple[str, ...] = ()) -> Results:
    """Invent a whole run; `shift` moves every figure, as a later state of the code would."""
    chance = random.Random(seed)
    infos = [
        PeerInfo(name=name, family=family, takes=takes, version=f"{name} 1.{at}", call=f"{name}(page)")
        for takes, peers in (("html", PAGES), ("text", TEXTS))
        for at, (name, family, _) in enumerate(peers)
    ]
    return Results(
        made=Made(
            command="cleaner bench benchmarks/tracks.toml -o out",
            seed=0,
            resamples=2000,
            python="3.11.2",
            machine="Linux, x86_64, a processor, 2 cores",
            packages={"cleaner-news": "0.1.0", "lxml": "6.0.0", "trafilatura": "2.3.0"},
            rules="9f2c51d0a7b3",
            code="41ab99c0de55",
        ),
        ours="cleaner",
        peers=tuple(infos),
        tracks=tuple(make_track(chance, row, shift) for row in TRACKS if not tracks or row[0] in tracks),
        rules=tuple(make_rules(chance)),
    )


def make_track(
    chance: random.Random, row: tuple[str, str, tuple[tuple[str, str, bool], ...], int], shift: float
) -> Track:
    """Invent one track."""
    name, surface, measures, cases = row
    peers = PAGES if surface == "html" else TEXTS
    base = {peer: min(0.995, value + shift + chance.uniform(-0.02, 0.02)) for peer, _, value in peers}
    if measures is OF_TOKENS and surface == "text":
        base = {peer: 0.55 + 0.42 * value for peer, value in base.items()}
    values = {
        peer: {key: value_of(chance, key, value, higher) for key, _, higher in measures} for peer, value in base.items()
    }
    scores = tuple(make_scores(chance, peer, values, cases) for peer in base)
    return Track(
        name=name,
        about=f"What the track {name} asks of every peer.",
        surface=surface,
        chief=measures[0][0],
        measures=tuple(
            Measure(name=key, label=label, about=f"What {label} says.", higher=up) for key, label, up in measures
        ),
        sets=tuple(make_set(f"{name}_{at}", cases // 2) for at in range(2)),
        peers=scores,
        groups=tuple(make_groups(chance, values, cases, measures)),
        source={"ended": 0.41, "short": 0.38, "doubled": 0.06, "words": 912.0},
    )


def value_of(chance: random.Random, key: str, value: float, higher: bool) -> float:
    """Invent a figure near that of the chief measure."""
    if not higher:
        return chance.uniform(0.0, 0.03) if value > 0.01 else 0.0
    return min(1.0, max(0.0, value + (chance.uniform(-0.05, 0.05) if key in ("precision", "recall") else -0.01)))


def make_scores(chance: random.Random, peer: str, values: dict[str, dict[str, float]], cases: int) -> PeerScores:
    """Invent what one peer reached."""
    failed = chance.choice([0, 0, 3, 45]) if peer not in ("cleaner", "identity") else 0
    return PeerScores(
        peer=peer,
        figures={key: around(chance, value) for key, value in values[peer].items()},
        spreads={key: make_spread(chance, value) for key, value in values[peer].items()},
        ahead={} if peer == "cleaner" else {
            key: make_difference(chance, values["cleaner"][key] - value, cases) for key, value in values[peer].items()
        },
        cost=Cost(median=(cost := 10 ** chance.uniform(-1.5, 2)), mean=cost * 1.4, memory=chance.uniform(60, 700)),
        failed=failed,
        failures=tuple(
            Failure(case=f"page-{at}", set="html_0", reason="ParserError: the tree has no <body>") for at in range(failed)
        ),
        empty=failed + 2,
        signals={"ended": chance.random(), "short": chance.random(), "doubled": 0.01, "words": 480.0},
        copies={"recall": chance.random(), "precision": chance.random()},
    )  # fmt: skip


def around(chance: random.Random, value: float) -> Figure:
    """Invent an interval."""
    return Figure(
        value=value, low=max(0.0, value - chance.uniform(0, 0.012)), high=min(1.0, value + chance.uniform(0, 0.01))
    )


def make_difference(chance: random.Random, value: float, cases: int) -> Difference:
    """Invent the interval of a difference."""
    half, better = chance.uniform(0.003, 0.02), chance.randint(0, cases // 2)
    return Difference(
        value=value, low=value - half, high=value + half, chance=chance.random() / 10,
        better=better, worse=chance.randint(0, cases // 4), same=cases // 4,
    )  # fmt: skip


def make_spread(chance: random.Random, value: float) -> Spread:
    """Invent the quantiles of single cases."""
    drawn = sorted(min(1.0, max(0.0, chance.betavariate(12 * value + 0.3, 12 * (1 - value) + 0.3))) for _ in range(200))
    quantiles = tuple(drawn[min(199, at * 10)] for at in range(21))
    return Spread(median=quantiles[10], worst=sum(drawn[:20]) / 20, quantiles=quantiles)


def make_set(name: str, cases: int) -> Set:
    """Invent a set."""
    languages = {lang: max(1, cases // (at + 3)) for at, lang in enumerate(LANGUAGES)}
    return Set(
        name=name, digest=f"{name}-5d41402abc4b2a76", cases=max(1, cases), sites=max(1, cases // 3), languages=languages
    )


def make_groups(
    chance: random.Random, values: dict[str, dict[str, float]], cases: int, measures: tuple[tuple[str, str, bool], ...]
) -> Iterator[Group]:
    """Invent the figures of groups of cases."""
    ways = [("lang", LANGUAGES), ("set", ("first", "second")), ("length", ("<150", "150-400", "400-1000", ">1000"))]
    ways += [("class", ("ad", "newsletter", "related", "share", "ticker"))] if measures is OF_LABELS else []
    ways += [("site", tuple(f"harbour-post-{at}.example" for at in range(40)))] if cases > 1000 else []
    for by, names in ways:
        for at, name in enumerate(names):
            moved = {
                peer: {key: min(1.0, max(0.0, value + chance.uniform(-0.08, 0.03))) for key, value in row.items()}
                for peer, row in values.items()
            }
            yield Group.model_validate({"by": by, "name": name, "cases": max(1, cases // (at + 2)), "values": moved})


def make_rules(chance: random.Random) -> Iterator[RuleYield]:
    """Invent what rules cut."""
    for at in range(140):
        class_ = chance.choice(["ad", "newsletter", "related", "share", "ticker"])
        size = int(chance.paretovariate(0.7) * 4)
        yield RuleYield(
            rule=f"generic.{class_}-{at}", class_=class_, cuts=size // 3 + 1, documents=size // 5 + 1,
            noise=size, free=size // 9, body=chance.choice([0, 0, 0, 0, size // 20]),
        )  # fmt: skip


def make_cases(count: int, seed: int = 2, size: int = 60) -> list[Worst]:
    """Invent cases to read, of about `size` sentences each."""
    chance = random.Random(seed)
    names = [name for name, _, _ in PAGES]
    found = []
    for at in range(count):
        gold = [chance.choice(SENTENCES) + (f" {at}" if chance.random() < 0.3 else "") for _ in range(size)]
        texts = {
            name: "\n".join(line for line in ["Home | News | Sport", *gold, "Share this"] if chance.random() > 0.12)
            for name in chance.sample(names[2:], 2)
        }
        ours = "\n".join(line for line in gold if chance.random() > 0.15) + "\nAdvertisement"
        found.append(
            Worst(
                track=TRACKS[at % 3][0],
                set=f"{TRACKS[at % 3][0]}_{at % 2}",
                id=f"page-{at:03}",
                lang=chance.choice(LANGUAGES),
                site="harbour-post.example",
                url=f"https://harbour-post.example/2025/{at}",
                gold="\n".join(gold),
                ours=ours,
                peers=texts,
                quality={name: chance.uniform(0.2, 1.0) for name in names},
            )
        )
    return found
