"""The typed model of `opinions`: how the text of a page is settled where extractors disagree.

A rule file declares them under `opinions:`; they are tried in the order of their ids.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cleaner.rules.strict import Strict

Witness = Literal["resiliparse", "readability", "recall", "json-ld"]
Share = Annotated[float, Field(ge=0, le=1)]


class Replace(Strict):
    """Take another extractor's text where it is longer, holds the first one, and a further extractor agrees."""

    ask: float = Field(1.5, ge=1, description="ask others where a quick second text is this much longer")
    short: int = Field(150, ge=0, description="tokens; ask others where the text has fewer")
    fewer: Share = Field(0.5, description="ask others where the second text is but this share of the first")
    pairs: tuple[tuple[Witness, Witness], ...] = Field(min_length=1, description="the text taken, and who must agree")
    longer: float = Field(1.5, ge=1, description="times the first text's tokens that both must have")
    agree: Share = Field(0.84, description="token F1 of the two")
    covers: Share = Field(0.9, description="of the first text's tokens that the new text must hold")
    looser: float = Field(
        1.5, ge=0, description="times the tokens that trafilatura set to recall must have; 0: never taken"
    )
    more: int = Field(50, ge=0, description="and how many tokens more")
    holds: Share = Field(0.8, description="of the first text's tokens that it must hold")


class Rescue(Strict):
    """Take a second text alone where it has the draft and many long paragraphs that the draft lacks."""

    witness: Literal["resiliparse"] = Field("resiliparse", description="whose text it is")
    longer: float = Field(3, ge=1, description="times the draft's tokens that it must have")
    covers: Share = Field(0.9, description="of the draft's tokens that it must hold")
    least: int = Field(20, ge=0, description="tokens of the draft below which nothing can be compared")
    paragraphs: int = Field(10, ge=1, description="paragraphs outside furniture that the draft lacks")
    prose: int = Field(20, ge=1, description="tokens of such a paragraph")
    links: Share = Field(0.2, description="least share of link text that rules a paragraph out")
    share: Share = Field(0.6, description="of the tokens that the draft lacks, which these paragraphs must have")


class Restore(Strict):
    """Put back blocks between kept paragraphs that a witness has too and that look like what was kept."""

    witness: Literal["resiliparse"] = Field("resiliparse", description="whose blocks are compared")
    links: Share = Field(0.5, description="least share of link text that rules a block out")
    prose: int = Field(10, ge=1, description="tokens of a paragraph that bounds the body")
    items: int = Field(5, ge=1, description="tokens of a list item beside kept blocks")
    lacking: Share = Field(
        0.05, description="of the text's tokens that it must lack of the witness before blocks are compared"
    )


class Lead(Strict):
    """Put the lead back that stands between headline and body."""

    least: int = Field(8, ge=4, description="tokens")
    most: int = Field(400, description="tokens")
    prose: int = Field(15, ge=1, description="tokens of the first paragraph of the body")
    links: Share = Field(0.5, description="least share of link text that rules a block out")
    outside: tuple[str, ...] = Field(
        ("li", "td", "nav", "figure", "figcaption"), description="tags around blocks that are no lead"
    )
    shared: Share = Field(0.6, description="of both block and description that they share")
    agree: Share = Field(0.8, description="of the one or the other that they share")


class Fallback(Strict):
    """Extract again from the page as it was where pruning left too little."""

    short: int = Field(150, ge=0, description="tokens; pruning is never in doubt where the text has more")
    share: Share = Field(0.5, description="of the text without pruning; with less, that one is taken")


class Opinion(Strict):
    """Declare how one disagreement is settled; exactly one of fallback, replace, rescue, restore, lead."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)+$")] = Field(
        description="opinions are tried in the order of their ids; one of a known id takes that one's place"
    )
    why: Annotated[str, Field(min_length=10, description="the reason, in a sentence")]
    replace: Replace | None = Field(
        None, description="take another extractor's text where a further one agrees with it"
    )
    rescue: Rescue | None = Field(None, description="take a second text with many paragraphs that the draft lacks")
    restore: Restore | None = Field(None, description="put back blocks between kept paragraphs")
    lead: Lead | None = Field(None, description="put the lead back between headline and body")
    fallback: Fallback | None = Field(None, description="extract from the page as it was where pruning left too little")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        kinds = ("fallback", "replace", "rescue", "restore", "lead")
        found = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(found) != 1:
            raise ValueError(f"write exactly one of {', '.join(kinds)}; found {', '.join(found) or 'none'}")
        return self
