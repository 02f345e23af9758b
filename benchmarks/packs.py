"""Rule packs of any size for measuring: the shipped rules for texts, and generated ones that resemble them.

A pack smaller than the shipped set is a part of it, spread evenly over kinds, hosts and wordings, with each kind at
least once. A larger one is the whole of it and generated rules. Packs are nested: a larger one holds the smaller ones.

Each generated rule has the frame of a shipped one, and all frames are used equally often: its kind, whether it is bound
to hosts or proven by a phrase, its keys, how many phrases it has of its own and how long they are, whether it uses
shared terms and patterns, and the pattern's length. Phrases and patterns are invented. So the shares of the shipped set
hold in a pack of 10,000. Two things do not multiply. Rules without literals (`dup`, `score`, bare runs, rows of signs)
are written once for all sites. Shared terms grow more slowly than rules: a generated rule for one host uses the
shipped terms, one for all sites a new term of two languages, which three such rules share.

Rules for elements of pages (`select`) do not see texts and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Literal

import orjson

from benchmarks.wording import LANGUAGES, Writer
from cleaner.match.sweep import compile_rule
from cleaner.rules.load import Ruleset, load_rules, load_shipped
from cleaner.rules.schema import Predicate, Rule, Span
from cleaner.rules.walk import texts

SEED = 5
SHORT = 5  # code points of a phrase that any article may hold
PHRASED = ("eq", "starts", "lead", "ends", "has")
_LOOKED_FOR = frozenset((*PHRASED, "from", "to", "re"))
_APART = frozenset(("without", "stop", "before", "after", "along", "records"))
_ENDS = ("sentence", "line", "phrase", "colon")
_TERM_RULES = 3  # rules for all sites that share one generated term; shipped ones are shared by 1.5 on average
_TERM_PHRASES = 12  # phrases of a generated term in one language; shipped ones have 22 in English or French
_HOST_RULES = 1.5  # rules bound to one host, on average
_TELLING = 24  # code points of a line that no other rule cuts
_MOST_STEPS = 6
_FILE_RULES = 100
_BEFORE = {"en": "The bridge opens on Friday.", "fr": "Le pont ouvre vendredi."}
_BEHIND = {"en": "It cost nine million.", "fr": "Il a coûté neuf millions."}
_ITEMS = {
    "en": ("Harbour: the last ferry is sold to a museum", "Council votes for a longer quay", "How the storm of 1987 began", "Two swans return to the canal"),
    "fr": ("Port : le dernier bac est vendu à un musée", "Le conseil vote un quai plus long", "Comment la tempête de 1987 a commencé", "Deux cygnes reviennent au canal"),
}  # fmt: skip
_NEAR_MISS = {
    "en": "Nobody at the harbour office asked on Friday whether the words {} would do for the sign, and the harbour master, who had come by ferry with both his sons, let the matter rest until the council met again.",
    "fr": "Personne au bureau du port n'a demandé vendredi si les mots {} iraient sur le panneau, et le capitaine, venu par le bac avec ses deux fils, a laissé l'affaire de côté jusqu'à la prochaine réunion du conseil.",
}  # fmt: skip

Spot = Literal["first", "middle", "inline", "last"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Describe one predicate: the key of its phrases, their lengths in code points, terms, and the pattern's length."""

    key: str = ""
    lengths: tuple[int, ...] = ()
    terms: tuple[str, ...] = ()
    pattern: int = 0
    optional: bool = False

    @classmethod
    def of(cls, spec: Predicate) -> Slot:
        """Describe a predicate by the longest of its lists of phrases."""
        lists = {key: getattr(spec, key) or () for key in PHRASED}
        key = max(lists, key=lambda name: len(lists[name]))
        return _slot(key if lists[key] else "", lists[key], spec.re, spec.optional)

    @property
    def says(self) -> bool:
        """Whether it has any literal."""
        return bool(self.lengths or self.terms or self.pattern)


@dataclass(frozen=True, slots=True)
class Frame:
    """Describe a shipped rule, all but its words; `needed` are the markers that confirm a tail or a head."""

    kind: str
    class_: str
    action: str
    bound: bool
    proven: bool
    surface: tuple[str, ...]
    at: Mapping[str, int] | None
    flow: bool
    slots: tuple[Slot, ...]
    close: Slot | str = ""
    needed: int = 0

    @classmethod
    def of(cls, rule: Rule) -> Frame:
        """Describe a rule."""
        spec: Any = rule.matcher
        close: Slot | str = ""
        needed = 0
        if isinstance(spec, Span):
            slots = [_slot("from" if spec.from_ else "", spec.from_ or (), spec.re)]
            words = [text for text in spec.to or () if text in _ENDS]
            close = words[0].replace("colon", "line") if words else _slot("to", spec.to or (), None)
        elif rule.kind == "block":
            slots = [Slot.of(step) for step in spec.steps][:_MOST_STEPS]
        elif rule.kind == "run":
            slots = [Slot.of(header) for header in spec.header or ()]
        elif rule.kind in ("tail", "head"):
            slots = [Slot.of(test) for test in (*spec.open, *spec.confirm.of)]
            needed = spec.confirm.need
        else:
            slots = [Slot.of(spec)]
        at = getattr(spec, "at", None)
        return cls(
            kind=rule.kind,
            class_=rule.class_,
            action=rule.action,
            bound=bool(rule.scope.hosts),
            proven=bool(rule.scope.proof),
            surface=rule.scope.surface,
            at=at.model_dump(exclude_none=True) if at else None,
            flow=bool(getattr(spec, "flow", False)),
            slots=tuple(slots),
            close=close,
            needed=needed,
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold a line that a rule cuts whole wherever it stands between paragraphs, on a page of `url` if the rule has a host."""

    rule: str
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Pack:
    """Hold the rules of one size, and lines that they cut."""

    ruleset: Ruleset
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Hold what packs are compared by; shares are of rules, `short` of phrases, `phrases` of a rule on average."""

    kinds: Mapping[str, float]
    bound: float
    termed: float
    patterned: float
    phrases: float
    length: float
    short: float

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Shares:
        """Measure some rules."""
        own = [list(own_phrases(rule)) for rule in rules]
        lengths = [len(phrase) for phrases in own for phrase in phrases]
        kinds = [rule.kind for rule in rules]
        return cls(
            kinds={kind: kinds.count(kind) / len(kinds) for kind in sorted(set(kinds))},
            bound=fmean(bool(rule.scope.hosts) for rule in rules),
            termed=fmean(
                any(key != "re" and text.startswith("$") for key, text in _looked_for(rule)) for rule in rules
            ),
            patterned=fmean(any(key == "re" for key, _ in _looked_for(rule)) for rule in rules),
            phrases=fmean(map(len, own)),
            length=fmean(lengths or [0]),
            short=fmean([length <= SHORT for length in lengths] or [0]),
        )


def own_phrases(rule: Rule) -> Iterator[str]:
    """Yield the phrases that a rule looks for and has of its own; neither terms nor what holds it off."""
    return (text for key, text in _looked_for(rule) if key != "re" and not text.startswith("$"))


@cache
def text_rules() -> tuple[Rule, ...]:
    """Return the shipped rules that run on texts, those first that make a small pack."""
    rules = [rule for rule in load_shipped().rules if rule.kind != "select" and rule.status in ("test", "stable")]
    order = spread(sorted(rules, key=_likeness))
    first = {rule.kind: rule for rule in reversed(order)}
    return (*sorted(first.values(), key=order.index), *(rule for rule in order if rule is not first[rule.kind]))


def spread(items: Sequence[Any]) -> list[Any]:
    """Reorder so that every beginning of the list is spread evenly over all of it.

    >>> spread(["a", "b", "c", "d", "e"])
    ['a', 'd', 'b', 'e', 'c']
    """
    order: dict[int, Any] = {}
    step, at = (sqrt(5) - 1) / 2, 0.0
    while len(order) < len(items):
        place = int(at * len(items))
        order.setdefault(place, items[place])
        at = (at + step) % 1
    return list(order.values())


@cache
def frames() -> tuple[Frame, ...]:
    """Return the frames for generated rules: those of all shipped rules that a literal gates, evenly spread."""
    shipped = load_shipped()
    gated = [rule for rule in text_rules() if compile_rule(rule, shipped).literals is not None]
    return tuple(spread([Frame.of(rule) for rule in sorted(gated, key=_likeness)]))


@cache
def make_packs(sizes: tuple[int, ...]) -> Mapping[int, Pack]:
    """Make packs of so many rules, each loaded and checked as any pack is."""
    shipped, own = load_shipped(), text_rules()
    maker = Maker(Writer(Random(SEED)))
    made = list(maker.make(max(0, max(sizes) - len(own))))
    loaded = shipped
    if made:
        with TemporaryDirectory(prefix="cleaner-packs-") as folder:
            write_pack(Path(folder), made, maker.terms)
            loaded = load_rules([folder], base=shipped)
    by_id = {rule.id: rule for rule in loaded.rules}
    packs = {}
    for size in sizes:
        rules = (*own[:size], *(by_id[entry["id"]] for entry in made[: max(0, size - len(own))]))
        held = {rule.id for rule in rules}
        marks = (*_shipped_marks(own), *maker.marks)
        packs[size] = Pack(loaded.only(rules, ()), tuple(mark for mark in marks if mark.rule in held))
    return packs


@cache
def shipped_pack() -> Pack:
    """Return the whole of the shipped rules, those for pages as well."""
    return Pack(load_shipped(), tuple(_shipped_marks(text_rules())))


def write_pack(folder: Path, rules: Sequence[Mapping[str, Any]], terms: Mapping[str, Mapping[str, list[str]]]) -> None:
    """Write rules and terms as files; JSON is YAML too."""
    for number in range(0, len(rules), _FILE_RULES):
        content = orjson.dumps({"rules": _plain(rules[number : number + _FILE_RULES])})
        (folder / f"rules-{number // _FILE_RULES:03}.yaml").write_bytes(content)
    for lang in LANGUAGES:
        if own := {name: phrases[lang] for name, phrases in terms.items()}:
            (folder / f"terms-{lang}.yaml").write_bytes(orjson.dumps({"lang": lang, "terms": own}))


class Maker:
    """Make rules one after the other, with the terms they share and the lines they cut."""

    def __init__(self, writer: Writer):
        self.writer, self.rng = writer, writer.rng
        self.terms: dict[str, dict[str, list[str]]] = {}
        self.marks: list[Mark] = []
        self._shipped = load_shipped()
        self._hosts: list[str] = []
        self._termed = 0

    def make(self, count: int) -> Iterator[dict[str, Any]]:
        """Make so many rules."""
        known = frames() if count else ()
        for number in range(count):
            yield self._rule(number, known[number % len(known)])

    def _rule(self, number: int, frame: Frame) -> dict[str, Any]:
        lang = LANGUAGES[number % 2]
        host = self._host() if frame.bound else ""
        matcher, lines, spot = getattr(self, f"_{frame.kind}")(frame, lang)
        if frame.at:
            matcher["at"] = frame.at
            spot = "first" if "first" in frame.at else "last"
        proof = [self.writer.paper()] if frame.proven else []
        scope = {
            **({"hosts": [host]} if host else {}),
            **({"proof": proof} if proof else {}),
            **({"surface": list(frame.surface)} if len(frame.surface) == 1 else {}),
        }
        url = f"https://www.{host}/bridge" if host else None
        page = {"url": url} if url else {}
        before, behind = _BEFORE[lang], _BEHIND[lang]
        if proof:
            before += f" {proof[0]}."
        noisy = {"first": (*lines, before, behind), "last": (before, behind, *lines)}.get(
            spot, (before, *lines, behind)
        )
        joint = " " if spot == "inline" else "\n"
        miss = _NEAR_MISS[lang].format(f"“{lines[0][:60]}”")
        rule = {
            "id": f"generated.{frame.kind}-{number + 1}",
            "class": frame.class_,
            "why": f"Made to measure with: the words {lines[0][:40]} as a {frame.kind}.",
            "scope": scope,
            frame.kind: matcher,
            "action": frame.action,
            "tests": [
                {"in": joint.join(noisy), "out": f"{before}{joint}{behind}", **page},
                {"keep": f"{before}\n{miss}\n{behind}", **page},
            ],
        }
        alone = spot == "middle" and not proof and not frame.slots[0].terms
        if frame.kind == "line" and alone and len(lines[0]) >= _TELLING:
            self.marks.append(Mark(rule["id"], lines[0], url))
        return {key: value for key, value in rule.items() if value != {}}

    def _line(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        matcher, line = self._predicate(frame.slots[0], lang, frame)
        return {**matcher, "whole": True}, [line], "middle"

    def _block(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        steps, lines = [], []
        for slot in frame.slots:
            step, line = self._predicate(slot, lang, frame)
            steps.append({**step, **({"optional": True} if slot.optional else {})})
            lines.append(line)
        return {"steps": steps}, lines, "middle"

    def _run(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        made = [self._predicate(slot, lang, frame) for slot in frame.slots]
        matcher = {
            "header": [header for header, _ in made],
            "item": {"shape": "headline", "as": "title"},
            "bullets": ["own", "inline"],
            "least": 3,
        }
        return matcher, [made[0][1], *(f"- {item}" for item in _ITEMS[lang])], "last"

    def _tail(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        slots = [slot for slot in frame.slots if slot.says]
        own = [Slot(slot.key, slot.lengths or (16,), (), slot.pattern) if slot.terms else slot for slot in slots]
        made = [self._predicate(slot, lang, frame) for slot in (*slots[:1], *own[1:])]
        while len(made) <= frame.needed:
            made.append(self._predicate(Slot("eq", (14,)), lang, frame))
        matcher = {
            "open": [made[0][0]],
            "confirm": {"need": frame.needed, "within": 20, "of": [m for m, _ in made[1:]]},
        }
        return matcher, [line for _, line in made], "last"

    def _head(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        matcher, lines, _ = self._tail(frame, lang)
        return matcher, lines, "first"

    def _span(self, frame: Frame, lang: str) -> tuple[dict[str, Any], list[str], Spot]:
        opening, most = frame.slots[0], {"most": 400, **({"flow": True} if frame.flow else {})}
        if opening.pattern:
            pattern, line = self.writer.pattern(lang, opening.pattern, closed=True)
            return {"re": f"(?:^|[.!?\\s])(?P<cut>{pattern})(?:\\s|$)", **most}, [line], "middle"
        slot = Slot("from", tuple(max(12, length) for length in opening.lengths), opening.terms)
        opens = self._phrases(slot, lang, frame)
        first = _capitalized(self._sample(opens))
        if not isinstance(frame.close, str):
            closes = self._phrases(frame.close, lang, frame)
            line = f"{first}: Harbour. {_capitalized(self._sample(closes))}"
            return {"from": opens, "to": closes, **most}, [line], "middle"
        if frame.close == "phrase":
            return {"from": opens, "to": "phrase"}, [first], "inline"
        if frame.close == "sentence":
            line = f"{first} {_BEHIND[lang].lower()}"
            return {"from": opens, "to": "sentence", "along": opens, **most}, [line], "middle"
        return {"from": opens, "to": "line", **most}, [f"{first}: {_BEHIND[lang]}"], "middle"

    def _predicate(self, slot: Slot, lang: str, frame: Frame) -> tuple[dict[str, Any], str]:
        """Word one predicate, and a line that it holds for."""
        if not slot.says:
            return {"len": [3, 80], "without": {"re": ".*[.]"}}, self.writer.name(4, 6)
        phrases = self._phrases(slot, lang, frame)
        if not phrases:
            pattern, line = self.writer.pattern(lang, slot.pattern)
            return {"re": pattern, "len": _extent(line)}, line
        tight = slot.key != "eq" and min(map(len, phrases)) <= SHORT
        first = self._sample([phrase for phrase in phrases if not tight or len(phrase) <= 2 * SHORT])
        fill = self.writer.name()
        line = {"eq": first, "starts": f"{first} {fill}", "lead": f"{first}: {fill}", "ends": f"{fill} {first}"}.get(
            slot.key, f"{fill} {first} {fill}"
        )
        found: dict[str, Any] = {slot.key: phrases}
        if slot.key != "eq" or slot.pattern:
            found["len"] = _extent(line, tight)
            found["without"] = {"re": ".*[.!?…»”]"}
        if slot.pattern and slot.key in ("starts", "lead") and not slot.terms:
            found["re"], line = self.writer.pattern(lang, slot.pattern, phrases)
            found["len"] = _extent(line)
        elif slot.pattern:
            found["re"] = "[^.!?]{2,150}"
        return found, line

    def _phrases(self, slot: Slot, lang: str, frame: Frame) -> list[str]:
        """Word the phrases of a slot, terms behind them."""
        own = [self.writer.phrase(lang, length) for length in slot.lengths]
        names = slot.terms if frame.bound or not slot.terms else (self._term(),)
        return [*dict.fromkeys(own), *(f"${name}" for name in names)]

    def _term(self) -> str:
        """Return the term that rules for all sites share just now."""
        name = f"pack.term{self._termed // _TERM_RULES + 1}"
        self._termed += 1
        if name not in self.terms:
            lengths = [self.rng.choice((9, 12, 16, 22, 28)) for _ in range(_TERM_PHRASES)]
            self.terms[name] = {lang: [self.writer.phrase(lang, n) for n in lengths] for lang in LANGUAGES}
        return name

    def _sample(self, phrases: Sequence[str]) -> str:
        """Return the longest phrase, or one of the term's."""
        if own := [phrase for phrase in phrases if not phrase.startswith("$")]:
            return max(own, key=len)
        name = phrases[0][1:]
        known = self.terms.get(name) or self._shipped.terms[name]
        return max(known.get("en") or next(iter(known.values())), key=len)

    def _host(self) -> str:
        """Return a host, that of an earlier rule now and then."""
        if not self._hosts or self.rng.random() < 1 / _HOST_RULES:
            self._hosts.append(self.writer.host())
            return self._hosts[-1]
        return self.rng.choice(self._hosts)


def _slot(key: str, phrases: Iterable[str], pattern: str | None, optional: bool = False) -> Slot:
    own = tuple(len(phrase) for phrase in phrases if not phrase.startswith("$"))
    terms = tuple(phrase[1:] for phrase in phrases if phrase.startswith("$"))
    return Slot(key, own, terms, len(pattern or ""), optional)


def _likeness(rule: Rule) -> tuple[Any, ...]:
    """Order rules so that those that resemble each other are neighbours."""
    return rule.kind, bool(rule.scope.hosts), sum(1 for _ in own_phrases(rule)), rule.id


def _looked_for(rule: Rule) -> Iterator[tuple[str, str]]:
    for at, text in texts({rule.kind: rule.matcher}):
        keys = [key for key in at if isinstance(key, str)]
        if keys[-1] in _LOOKED_FOR and not _APART & set(keys[:-1]) and text not in _ENDS:
            yield keys[-1], text


def _shipped_marks(rules: Iterable[Rule]) -> Iterator[Mark]:
    """Yield a line for each shipped rule that is nothing but a list of whole lines."""
    for rule in rules:
        fixed = rule.kind == "line" and rule.line and rule.line.model_fields_set <= {"eq", "len", "whole"}
        scope = rule.scope
        if fixed and rule.line and rule.line.eq and not (scope.lang or scope.proof) and "text" in scope.surface:
            own = [phrase for phrase in rule.line.eq if not phrase.startswith("$")]
            extent = rule.line.len or (1, 1000)
            fit = [phrase for phrase in own if extent[0] <= len(phrase) <= extent[1]]
            if fit:
                yield Mark(rule.id, fit[0], f"https://www.{scope.hosts[0]}/bridge" if scope.hosts else None)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _extent(line: str, tight: bool = False) -> list[int]:
    """Return the lengths that a label may have, so that no line of an article is one; `tight` where any may hold its word."""
    return [max(3, len(line) // 2), len(line) + (4 if tight else 24)]


def _plain(value: Any) -> Any:
    """Write numbers as text, as the loader reads them."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return (
        {True: "true", False: "false"}[value]
        if isinstance(value, bool)
        else value
        if isinstance(value, str)
        else str(value)
    )
