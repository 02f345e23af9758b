"""The typed model of a rule file: it validates what people write and generates the JSON Schema for their editors.

Values arrive as strings (the loader reads no numbers, booleans or dates); the types here turn them into what they mean.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from cleaner.model import CLASSES, FIELDS
from cleaner.rules.opinion import Opinion
from cleaner.rules.strict import Strict
from cleaner.text.words import split_words

Status = Literal["experimental", "test", "stable", "deprecated"]
Shape = Literal["headline", "label", "prose", "caps", "bullet", "clock"]
Action = Literal["drop", "extract"]
Place = Literal["body", "related"]
Surface = Literal["html", "text"]
Bullets = Literal["own", "inline", "none"]
Number = TypeVar("Number", int, float)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _one_of(names: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"{value!r} is none of: {', '.join(names)}")
        return value

    return AfterValidator(check)


def _ordered(value: tuple[Number, Number]) -> tuple[Number, Number]:
    if value[0] > value[1]:
        raise ValueError(f"the smaller number comes first, not [{value[0]}, {value[1]}]")
    return value


def _shown(names: tuple[str, ...]) -> Any:
    return Field(json_schema_extra={"enum": list(names)})


Class = Annotated[str, _one_of(CLASSES), _shown(CLASSES)]
FieldName = Annotated[str, _one_of(FIELDS), _shown(FIELDS)]
Capture = Annotated[str, _one_of((*FIELDS, "title", "body")), _shown((*FIELDS, "title", "body"))]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_as_list, json_schema_input_type=Text | Annotated[tuple[Text, ...], Field(min_length=1)]),
    Field(min_length=1),
]
Names = Annotated[tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=Text | tuple[Text, ...])]
Tag = Annotated[str, Field(pattern="^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(_as_list, json_schema_input_type=Tag | tuple[Tag, ...])]
Share = Annotated[float, Field(ge=0, le=1)]
Extent = Annotated[tuple[int, int], AfterValidator(_ordered)]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+$")]


class At(Strict):
    """Bind a rule to the first or last n non-blank lines that earlier strata left."""

    first: int | None = Field(None, ge=1, description="the first so many non-blank lines")
    last: int | None = Field(None, ge=1, description="the last so many non-blank lines")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.first is None) == (self.last is None):
            raise ValueError("write exactly one of first and last")
        return self


class Predicate(Strict):
    """Describe one line, or one sentence inside a long line: keys are ANDed, listed values ORed."""

    eq: Texts | None = Field(None, description="the whole line; a leading bullet, a trailing colon or '...' aside")
    starts: Texts | None = Field(None, description="the line's beginning, up to a word boundary")
    lead: Texts | None = Field(
        None, description="the line's beginning, set off by a colon, bar, arrow or dash from more"
    )
    ends: Texts | None = Field(None, description="the line's end")
    has: Texts | None = Field(None, description="anywhere in the line, at word boundaries")
    re: str | None = Field(
        None, description="RE2-safe pattern over the full line; case matters; named groups are fields"
    )
    len: Extent | None = Field(None, description="[least, most] code points")
    shape: Shape | None = Field(None, description="what the line looks like, whatever its words")
    without: Annotated[
        tuple[Predicate, ...], BeforeValidator(_as_list, json_schema_input_type=Predicate | tuple[Predicate, ...])
    ] = Field((), description="what the line must not be")
    same_as: Capture | None = Field(
        None, description="equal to what an earlier step captured, a bullet or `starts` before it aside"
    )
    as_: Capture | None = Field(None, alias="as", description="capture the line under this name")
    optional: bool = Field(False, description="as a step: may be missing")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.eq, self.starts, self.lead, self.ends, self.has, self.re, self.len, self.shape, self.same_as)):
            raise ValueError(
                "an empty predicate matches everything: write eq, starts, lead, ends, has, re, len, shape, same_as"
            )
        return self


Predicates = Annotated[
    tuple[Predicate, ...],
    BeforeValidator(_as_list, json_schema_input_type=Predicate | Annotated[tuple[Predicate, ...], Field(min_length=1)]),
    Field(min_length=1),
]


class Confirm(Strict):
    """Ask for n of the listed markers near an opener; each record read there counts for two."""

    need: int = Field(3, ge=1, description="how many markers")
    within: int = Field(8, ge=1, le=60, description="non-blank lines; in flattened text 60 code points each")
    of: Annotated[
        tuple[Predicate, ...], BeforeValidator(_as_list, json_schema_input_type=Predicate | tuple[Predicate, ...])
    ] = Field((), description="the markers: lines of which so many must stand near the opener")


class Records(Strict):
    """Describe how appended articles are laid out: named steps, the last of them the body."""

    layouts: dict[str, Annotated[tuple[Predicate, ...], Field(min_length=2)]] = Field(
        min_length=1, description="by a name, the lines of one record in their order, the last of them its body"
    )
    stop: tuple[Predicate, ...] = Field((), description="a line that ends a body without beginning a record")


class Tail(Strict):
    """Cut from a proven opener to the end."""

    open: Predicates = Field(description="the line that opens it")
    confirm: Confirm = Field(description="what proves the opener")
    back: Annotated[tuple[Predicate, ...], Field(max_length=2)] = Field(
        (), description="lines right before the opener that go with it"
    )
    records: Records | None = Field(None, description="articles appended behind the opener, which are recovered")


class Head(Strict):
    """Cut from the start to the last marker of a proven group; in flattened text the markers stand in one row."""

    open: Predicates = Field(description="the line that opens it")
    confirm: Confirm = Field(description="what proves the opener")


class Run(Strict):
    """Match an item repeated at least `least` times, with or without a header."""

    header: Predicates | None = Field(None, description="the line above the items, which goes with them")
    item: Predicate = Field(description="what each item must be")
    bullets: Annotated[
        tuple[Bullets, ...],
        BeforeValidator(_as_list, json_schema_input_type=Bullets | Annotated[tuple[Bullets, ...], Field(min_length=1)]),
        Field(min_length=1),
    ] = Field(("own", "inline", "none"), description="bullets on a line of their own, before the item, or none")
    clock: Literal["no", "yes", "maybe"] = Field("maybe", description="whether items stand beside a time of day")
    order: Literal["any", "falling"] = Field("any", description="falling: the latest time first")
    least: int = Field(3, ge=2, description="items")
    at: At | None = Field(None, description="only among the first or last so many lines")
    edge: Literal["any", "start", "end"] = Field("any", description="the run reaches the text's start or end")
    leave: int = Field(0, ge=0, le=3, description="items at the end of the run that stay")
    plain: float = Field(0.6, ge=0, le=1, description="least share of items without closing punctuation")
    stop: tuple[Predicate, ...] = Field((), description="a line that ends the run before it")
    before: Predicates | None = Field(None, description="what the line behind the run must be")


class Line(Predicate):
    """Match one line, or one sentence of a long line."""

    at: At | None = Field(None, description="only among the first or last so many lines")
    before: Predicates | None = Field(None, description="what the next line must be")
    after: Predicates | None = Field(None, description="what the line before must be")
    whole: bool = Field(False, description="only a line of its own, never a sentence of a long line")


class Step(Predicate):
    """Describe one line of a sequence, or up to so many lines in a row."""

    up_to: int = Field(1, ge=1, le=40, description="lines in a row that it may take")


class Block(Strict):
    """Match a sequence of lines, some of them optional."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)] = Field(description="the lines, in their order")
    at: At | None = Field(None, description="only among the first or last so many lines")
    before: Predicates | None = Field(None, description="what the line behind the block must be")
    after: Predicates | None = Field(None, description="what the line above the block must be")
    glued: bool = Field(False, description="the first step may be the last sentence of a longer line")


class Span(Strict):
    """Match a stretch inside a line, or with `flow` across lines: a pattern, or from one phrase to another."""

    re: str | None = Field(None, description="pattern; the group `cut`, if any, is what goes")
    from_: Texts | None = Field(None, alias="from", description="opening phrases, which go with the stretch")
    to: Texts | None = Field(
        None,
        description="closing phrases; or `sentence`, `line`; `phrase`: it stands alone between sentences; "
        "`colon`: a colon sets it off, and what it led in to is gone",
    )
    has: Texts | None = Field(None, description="what must stand between from and to")
    most: int = Field(400, ge=1, le=4000, description="code points from start to end")
    unbroken: bool = Field(
        False, description="no sentence may end between from and to; with `to: line` not at its end either"
    )
    chain: bool = Field(
        False, description="further closing phrases within 160 code points of the last one count as well"
    )
    glued: bool = Field(False, description="from may stand right behind text that no sentence closes")
    along: Texts | None = Field(
        None, description="the sentences right after it that hold one of these phrases go with it"
    )
    without: Annotated[
        tuple[Predicate, ...], BeforeValidator(_as_list, json_schema_input_type=Predicate | tuple[Predicate, ...])
    ] = Field((), description="what the stretch must not be, nor a sentence that `along` takes in")
    flow: bool = Field(False, description="across lines as well")
    at: At | None = Field(None, description="only among the first or last so many lines")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.re is None) == (self.from_ is None):
            raise ValueError("write either re, or from and to")
        if self.re is not None:
            idle = [name for name in ("to", "has", "unbroken", "chain", "glued") if getattr(self, name)]
            if idle:
                raise ValueError(
                    f"a pattern says itself where it begins and ends: write {', '.join(idle)} beside from and to"
                )
        if self.along and (self.re is not None or {"phrase", "colon"} & set(self.to or ())):
            raise ValueError(
                "along takes whole sentences: write it beside from and to, with another end than phrase or colon"
            )
        if self.from_ is not None and self.to is None:
            raise ValueError("from needs to: closing phrases, or sentence, or line")
        for alone in ("phrase", "colon"):
            if self.to and alone in self.to:
                if len(self.to) > 1:
                    raise ValueError(f"{alone} ends the span by itself: write it alone")
                idle = [name for name in ("has", "unbroken", "chain") if getattr(self, name)]
                if idle:
                    raise ValueError(f"{alone} leaves nothing between: write it without {', '.join(idle)}")
        return self


class Dup(Strict):
    """Match a line that equals another, is its opening, stands inside it or is its echo; the witness stays."""

    of: Literal["earlier", "later"] = Field(description="where the witness stands, which stays")
    how: Literal["equal", "prefix", "inside", "echo"] = Field("equal", description="what the line is of the witness")
    shape: Shape | None = Field(None, description="what the line looks like")
    least: int = Field(20, ge=8, description="code points")
    within: int = Field(12, ge=1, le=200, description="non-blank lines between the two")
    at: At | None = Field(None, description="only among the first or last so many lines")

    @model_validator(mode="after")
    def _echoes_earlier(self) -> Self:
        if self.how == "echo" and self.of != "earlier":
            raise ValueError("an echo repeats the opening of its own line: write of: earlier")
        return self


class Score(Strict):
    """Cut the blocks of a whole page that weighted features take for anything but the article."""

    weights: Tag = Field(description="the name of a file of weights")
    keep: Share | None = Field(None, description="the score from which a block stays, instead of the file's")
    relative: Share | None = Field(
        None, description="the share of the surest score that suffices, instead of the file's"
    )
    sure: Share | None = Field(None, description="the score below which there is no core, instead of the file's")


class Wording(Strict):
    """Describe the text of an element, white space folded: keys are ANDed, listed values ORed."""

    eq: Texts | None = Field(None, description="the whole text; a leading bullet, a trailing colon or '...' aside")
    starts: Texts | None = Field(None, description="the text's beginning, up to a word boundary")
    ends: Texts | None = Field(None, description="the text's end")
    has: Texts | None = Field(None, description="anywhere in the text, at word boundaries")
    re: str | None = Field(None, description="RE2-safe pattern over the full text; case matters")
    len: Extent | None = Field(None, description="[least, most] code points")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.eq, self.starts, self.ends, self.has, self.re, self.len)):
            raise ValueError("an empty predicate matches everything: write eq, starts, ends, has, re, len")
        return self


class Select(Strict):
    """Match elements of a page, which go with all they hold before the text is extracted."""

    css: Text | None = Field(
        None, description="a selector: tag, #id, .class, [attr=v], :not(), descendants and children, comma lists"
    )
    xpath: Text | None = Field(None, description="an XPath that returns elements; only with scope.hosts")
    words: Texts | None = Field(None, description="words of the element's class, id and other names: author bio")
    without: Names = Field((), description="words that the element's names must not hold")
    tags: Tags = Field((), description="the element's tag is one of these")
    text: Annotated[
        tuple[Wording, ...],
        BeforeValidator(_as_list, json_schema_input_type=Wording | Annotated[tuple[Wording, ...], Field(min_length=1)]),
    ] = Field((), description="what the element's text must be; any of these")
    links: Annotated[tuple[Share, Share], AfterValidator(_ordered)] | None = Field(
        None, description="[least, most] share of the text that stands in links"
    )
    len: Extent | None = Field(None, description="[least, most] code points of the element's text")
    inside: Names = Field((), description="an element around it has one of these tags, or these words in its names")
    outside: Names = Field((), description="no element around it has one of these tags, or these words in its names")
    same_as: Literal["title"] | None = Field(None, description="the element's text is a title that the page declares")
    most: float | None = Field(
        None,
        ge=0.01,
        le=1,
        description="an element with more than this share of the page's paragraph text stays; 0.3, with hosts 0.9",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        found = [name for name in ("css", "xpath", "words") if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"write exactly one of css, xpath, words; found {', '.join(found) or 'none'}")
        for word in (*(self.words or ()), *self.without):
            if not split_words(word):
                raise ValueError(f"{word!r} holds no word: write words of names in lower case, such as author bio")
        return self


class Scope(Strict):
    """Say where a rule applies."""

    hosts: tuple[str, ...] = Field((), description="hosts with their subdomains")
    proof: Texts | None = Field(None, description="phrases of the text that stand for the host where it is unknown")
    lang: tuple[Annotated[str, Field(pattern="^[a-z]{2,3}$")], ...] = Field(
        (), description="language codes; a text of unknown language counts as any"
    )
    apply_to: Annotated[
        tuple[Place, ...], BeforeValidator(_as_list, json_schema_input_type=Place | tuple[Place, ...])
    ] = Field(("body", "related"), description="the article's text, the articles appended to it, or both")
    surface: Annotated[
        tuple[Surface, ...], BeforeValidator(_as_list, json_schema_input_type=Surface | tuple[Surface, ...])
    ] = Field(("html", "text"), description="what the document came as: a page, or a text")
    valid_from: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = Field(
        None, description="the first day, by the time of the crawl"
    )
    valid_until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = Field(
        None, description="the last day, by the time of the crawl"
    )


class Guard(Strict):
    """Bound what one rule may do to a document."""

    max_hits: int = Field(2000, ge=1, description="cuts in one document; with more, none counts")
    max_share: float = Field(1.0, gt=0, le=1, description="of the document's characters")
    confidence: float | None = Field(None, ge=0, le=1, description="cuts of low confidence are given up first")


class Example(Strict):
    """Hold one inline test: `in` becomes `out`, or `keep` stays as it is."""

    in_: str | None = Field(None, alias="in", description="a text that the rule cuts from")
    out: str | None = Field(None, description="what it leaves of it")
    keep: str | None = Field(None, description="a near miss: the rule cuts nothing")
    url: str | None = Field(None, description="the address the text came from")
    lang: str | None = Field(None, description="its language")
    fields: dict[FieldName, str] = Field({}, alias="set", description="fields recovered, with their values")
    headlines: tuple[str, ...] = Field((), description="headlines recovered")
    related: tuple[str, ...] = Field((), description="titles of the articles recovered")
    title: str | None = Field(None, description="for select: what the page declares as its title")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.keep is None) == (self.in_ is None) or (self.in_ is None) != (self.out is None):
            raise ValueError("write either in and out, or keep")
        return self


KINDS = ("tail", "head", "run", "line", "span", "block", "dup", "score", "select")


class Rule(Strict):
    """Describe one artefact, with its proof."""

    id: RuleId = Field(description="owner.slug, such as harbour-post.tides; never reused")
    rev: int = Field(1, ge=1, description="counts up when the rule changes")
    status: Status = Field(
        "test", description="experimental: runs only where it is named; deprecated: another took over"
    )
    class_: Class = Field(alias="class", description="what kind of noise it is")
    why: Annotated[str, Field(min_length=10, description="what it is that goes, in a sentence for the reader")]
    scope: Scope = Field(Scope.model_construct(), description="where it applies; anywhere without it")
    tail: Tail | None = Field(None, description="from an opener to the end")
    head: Head | None = Field(None, description="from the start to the last of some markers")
    run: Run | None = Field(None, description="items that look alike, one below the other")
    line: Line | None = Field(None, description="one line, or one sentence of a long line")
    span: Span | None = Field(None, description="a stretch inside a line, or across lines")
    block: Block | None = Field(None, description="lines that follow each other")
    dup: Dup | None = Field(None, description="a line that stands twice")
    score: Score | None = Field(None, description="blocks of a whole page, by weights of features")
    select: Select | None = Field(None, description="elements of a page, before its text is extracted")
    action: Action = Field("drop", description="extract: what it captures is kept as fields")
    guard: Guard = Field(Guard.model_construct(), description="bounds of what it may do to a document")
    replaced_by: RuleId | None = Field(None, description="the rule that took over from a deprecated one")
    tests: Annotated[tuple[Example, ...], Field(min_length=2)] = Field(
        description="at least one text it cuts from and one near miss"
    )

    _path: str = PrivateAttr("")
    _line: int = PrivateAttr(0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError(f"write exactly one matcher of {', '.join(KINDS)}; found {', '.join(kinds) or 'none'}")
        if not any(test.in_ is not None for test in self.tests) or not any(
            test.keep is not None for test in self.tests
        ):
            raise ValueError("tests need at least one in/out and one keep (a near miss)")
        if (self.status == "deprecated") != (self.replaced_by is not None):
            raise ValueError("a deprecated rule names replaced_by, and no other rule does")
        if self.select:
            self._check_select(self.select)
        return self

    def _check_select(self, spec: Select) -> None:
        """Refuse what has no meaning for elements of a page."""
        if spec.xpath is not None and not self.scope.hosts:
            raise ValueError("xpath is tried on every page: write css or words, or bind the rule to scope.hosts")
        if self.scope.proof or "apply_to" in self.scope.model_fields_set:
            raise ValueError("a select rule looks at pages, by their host: write scope without proof and apply_to")
        if "guard" in self.model_fields_set or self.action != "drop":
            raise ValueError("a select rule drops elements up to a size: write select.most, without guard and action")

    @property
    def kind(self) -> str:
        """Name the matcher."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def matcher(self) -> Tail | Head | Run | Line | Span | Block | Dup | Score | Select:
        """Return the one matcher."""
        matcher: Tail | Head | Run | Line | Span | Block | Dup | Score | Select = getattr(self, self.kind)
        return matcher

    @property
    def path(self) -> str:
        """Name the file the rule stands in."""
        return self._path

    @property
    def lineno(self) -> int:
        """Return the line of the file on which the rule begins, from 1."""
        return self._line


class Exemption(Strict):
    """Switch a rule off within a scope."""

    rule: RuleId = Field(description="the rule that is switched off")
    why: Annotated[str, Field(min_length=10, description="the reason, in a sentence")]
    scope: Scope = Field(description="where it is switched off")


class RuleFile(Strict):
    """Hold one rule file."""

    rules: tuple[Rule, ...] = Field((), description="each cuts one artefact, and proves it by tests")
    exceptions: tuple[Exemption, ...] = Field((), description="where rules are switched off")
    opinions: tuple[Opinion, ...] = Field((), description="how the text of a page is settled where extractors disagree")
    patterns: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")], str] = Field(
        {}, description="pieces of patterns by name, which `re` refers to as {{name}}"
    )


class TermFile(Strict):
    """Hold the UI phrases of one language."""

    lang: Annotated[str, Field(pattern="^[a-z]{2,3}$", description="the language of all phrases here")]
    terms: dict[Annotated[str, Field(pattern=r"^[a-z0-9]+(\.[a-z0-9]+)+$")], Texts] = Field(
        description="phrases by name, which rules refer to as $name"
    )
