"""Corpora for measuring: invented articles of real proportions, the same with noise, and real ones where they are at hand.

Lengths follow the gold bodies of the set `fundus_tests` (258 articles of 41 countries): a median of 4,670 code points,
a tenth under 1,800 and a tenth over 9,860, log-normal with a deviation of .73; paragraphs with a median of 204, a tenth
of the lines of up to 40 code points, a fifth of the lines without closing punctuation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path
from random import Random

from benchmarks.packs import Mark
from benchmarks.wording import LANGUAGES, Writer
from cleaner.bench.pages import read_pages
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Fields
from cleaner.model import Document
from tests.variants.build import build

MEDIAN, DEVIATION = 4670, 0.73  # code points of an article, and the deviation of their logarithm
PARAGRAPH, PARAGRAPH_DEVIATION = 215, 0.62
SHORTEST, LONGEST = 300, 60_000
NOISY = 0.05
"""The share of documents that carry noise in a noisy corpus."""

_HEADING = 0.05  # of the lines
_CLOSING = 0.05
_MARKS = 3  # lines of packs in one noisy document
_POOL = 4000  # sentences of one language

_WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": {
        "who": ("the mayor", "a spokeswoman for the harbour", "the owner of the mill", "one of the pilots", "the regional council", "her lawyer", "the youngest of the engineers", "a retired teacher", "the head of the fire brigade", "the union of ferrymen", "the court", "a group of parents", "the archaeologist {name}", "the novelist {name}", "{name}, who runs the bakery,", "a committee of twelve", "the national railway", "the band from {name}", "the coach", "the hospital in {name}", "the minister for transport", "nobody in the village", "the second tenant", "the new owner"),
        "did": ("opened", "rejected", "rebuilt", "sold", "praised", "questioned", "inherited", "photographed", "measured", "abandoned", "defended", "translated", "restored", "crossed", "inspected", "paid for", "discovered", "lost", "watched over", "borrowed", "closed", "announced", "postponed", "described"),
        "what": ("the old bridge", "a plan for forty flats", "the eastern quay", "a collection of early maps", "the budget for the schools", "two fishing boats", "an agreement with the neighbours", "the last cinema in town", "a letter from 1911", "the results of the vote", "the orchard behind the station", "a video of the landslide", "the photo that everybody had seen", "the contract for the tunnel", "its share of the harvest", "more than three thousand seats", "a machine for sorting glass", "the story of the shipwreck", "the news of the strike", "the comments of the jury"),
        "when": ("on Friday", "in the spring of {year}", "after a night of rain", "at {hour} in the morning", "during the long drought", "for the third time since {year}", "two weeks before the election", "while the others were still asleep", "without reading the report", "at the end of a hearing that lasted {few} hours", "in front of {many} people", "under the eyes of the police", "from a window on the fourth floor", "despite the warnings of the weather service"),
        "then": ("and the river kept rising", "but few were ready to share the cost", "although the engineers had asked for more time", "which surprised even the neighbours", "because the old pipes no longer held", "and that was the end of the matter", "so the children had to read by candlelight", "while prices in {name} rose by {few} per cent", "before anyone could follow the thread of the argument", "as if nothing had been said", "and the ferry left {few} minutes late", "who had come to watch", "whose numbers have fallen by half"),
        "saying": ("“We did not sign up for this,” {who} said {when}.", "“It is a good day for {name},” said {who}.", "According to {who}, it will take {few} months and cost {many} crowns.", "In {year}, {who} {did} {what}; {many} people signed the petition.", "There is no photograph of it, and {who} can only guess why.", "Read aloud, the {few} pages took {who} almost an hour.", "“Next to the station,” said {who}, “there was once a garden.”", "Share prices fell, and with them the hopes of {name}."),
        "head": ("A bridge too short", "What the river left", "Nine million and a promise", "The night of the storm", "Waiting for {name}", "An end in sight", "How it began", "Doubts in the council"),
        "end": ("Nobody had asked him.", "The vote is on Friday.", "She smiled, and left.", "It had rained all week.", "That was in {year}.", "He still has the key.", "The ferry did not wait.", "“We shall see,” said {name}."),
        "title": ("{name} rebuilds its bridge after the storm of {year}", "Why the ferry no longer stops in {name}", "A quiet village and its {many} visitors", "The mayor, the mill and the missing map"),
    },
    "fr": {
        "who": ("la maire", "le porte-parole du port", "la propriétaire du moulin", "l’un des pilotes", "le conseil régional", "son avocate", "le plus jeune des ingénieurs", "une institutrice à la retraite", "le chef des pompiers", "le syndicat des passeurs", "le tribunal", "un collectif de parents", "l’archéologue {name}", "la romancière {name}", "{name}, qui tient la boulangerie,", "une commission de douze membres", "la compagnie des chemins de fer", "l’orchestre de {name}", "l’entraîneur", "l’hôpital de {name}", "la ministre des transports", "personne au village", "le second locataire", "le nouveau propriétaire"),
        "did": ("a inauguré", "a refusé", "a reconstruit", "a vendu", "a salué", "a mis en doute", "a convoité", "a photographié", "a mesuré", "a abandonné", "a défendu", "a traduit", "a restauré", "a traversé", "a fait inspecter", "a payé", "a découvert", "a perdu", "a surveillé", "a emprunté", "a fermé", "a annoncé", "a repoussé", "a décrit"),
        "what": ("le vieux pont", "un projet de quarante logements", "le quai de l’est", "une collection de cartes anciennes", "le budget des écoles", "deux bateaux de pêche", "un accord avec les voisins", "le dernier cinéma de la ville", "une lettre de 1911", "le résultat du vote", "le verger derrière la gare", "une vidéo de l’éboulement", "la photo que tout le monde avait vue", "le marché du tunnel", "sa part de la récolte", "plus de trois mille places", "une machine à trier le verre", "le récit du naufrage", "l’annonce de la grève", "les remarques du jury"),
        "when": ("vendredi", "au printemps {year}", "après une nuit de pluie", "à {hour} du matin", "pendant la longue sécheresse", "pour la troisième fois depuis {year}", "deux semaines avant l’élection", "alors que les autres dormaient encore", "sans lire le rapport", "à l’issue d’une audience de {few} heures", "devant {many} personnes", "sous les yeux de la police", "d’une fenêtre du quatrième étage", "malgré les avis de la météo"),
        "then": ("et la rivière a continué de monter", "mais peu étaient prêts à partager les frais", "bien que les ingénieurs aient demandé plus de temps", "ce qui a surpris jusqu’aux voisins", "parce que les vieux tuyaux ne tenaient plus", "et l’affaire en est restée là", "si bien que les enfants ont dû lire à la bougie", "tandis qu’à {name} les prix montaient de {few} %", "avant que quiconque ait pu suivre le fil", "comme si rien n’avait été dit", "et le bac est parti avec {few} minutes de retard", "venus voir de leurs yeux", "dont le nombre a diminué de moitié"),
        "saying": ("« Ce n’est pas ce qu’on nous avait promis », a dit {who} {when}.", "« C’est un beau jour pour {name} », a déclaré {who}.", "Selon {who}, il faudra {few} mois et {many} couronnes.", "En {year}, {who} {did} {what} ; {many} personnes ont signé la pétition.", "Il n’en existe aucune photo, et {who} ne peut que deviner pourquoi.", "Lues à voix haute, les {few} pages ont pris près d’une heure.", "« À côté de la gare, a raconté {who}, il y avait un jardin. »", "Reste une question : qui paiera les {few} millions qui manquent ?"),
        "head": ("Un pont trop court", "Ce que la rivière a laissé", "Neuf millions et une promesse", "La nuit de la tempête", "En attendant {name}", "La fin en vue", "Comment tout a commencé", "Des doutes au conseil"),
        "end": ("Personne ne le lui avait demandé.", "Le vote a lieu vendredi.", "Elle a souri, puis est sortie.", "Il avait plu toute la semaine.", "C’était en {year}.", "Il a gardé la clé.", "Le bac n’a pas attendu.", "« On verra bien », a dit {name}."),
        "title": ("{name} reconstruit son pont après la tempête de {year}", "Pourquoi le bac ne s’arrête plus à {name}", "Un village tranquille et ses {many} visiteurs", "La maire, le moulin et la carte perdue"),
    },
}  # fmt: skip
"""What sentences are made of; the words that labels are made of are among them, as in any article."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold documents and what is known of them: `marks` are the rules whose lines stand in the documents, by document.

    `loose` are the documents with other noise, whose cuts only the engines can be compared by.
    """

    name: str
    documents: tuple[Document, ...]
    marks: Mapping[int, tuple[str, ...]]
    loose: frozenset[int] = frozenset()

    @property
    def bytes(self) -> int:
        """The size of the texts in UTF-8."""
        return sum(len(document.text.encode("utf-8", "replace")) for document in self.documents)


@dataclass(slots=True)
class Author:
    """Write articles in one language."""

    lang: str
    rng: Random
    pool: Sequence[str]

    @classmethod
    def of(cls, lang: str, seed: int) -> Author:
        """Prepare an author with a stock of sentences."""
        rng = Random(f"{lang}/{seed}")
        return cls(lang, rng, [_sentence(lang, rng) for _ in range(_POOL)])

    def article(self) -> str:
        """Write an article of a length drawn as real ones have it, a paragraph a line."""
        rng = self.rng
        size = min(LONGEST, max(SHORTEST, int(exp(rng.gauss(log(MEDIAN), DEVIATION)))))
        lines: list[str] = []
        length = 0
        while length < size:
            chance = rng.random()
            if chance < _HEADING and lines and lines[-1][-1] in ".!?»”":
                line = self.fill("head")
            elif chance < _HEADING + _CLOSING and lines:
                line = self.fill("end")
            else:
                line = self.paragraph()
            lines.append(line)
            length += len(line) + 1
        if lines[-1][-1] not in ".!?»”":
            lines[-1] = self.fill("end")
        return "\n".join(lines)

    def paragraph(self) -> str:
        """Write a paragraph."""
        size = int(exp(self.rng.gauss(log(PARAGRAPH), PARAGRAPH_DEVIATION)))
        sentences = [self.rng.choice(self.pool)]
        while sum(map(len, sentences)) + len(sentences) + 50 < size:
            sentences.append(self.rng.choice(self.pool))
        return " ".join(sentences)

    def fill(self, kind: str) -> str:
        """Write a heading, a title or a short last sentence."""
        return _fill(self.rng.choice(_WORDS[self.lang][kind]), self.lang, self.rng)


def clean(megabytes: float, hosts: Sequence[str] = (), seed: int = 1) -> Corpus:
    """Write articles of so many megabytes, every third from one of `hosts`; the title stands in its own field."""
    authors = [Author.of(lang, seed) for lang in LANGUAGES]
    rng = Random(f"hosts/{seed}")
    documents: list[Document] = []
    size = 0
    while size < megabytes * 1e6:
        author = authors[len(documents) % len(authors)]
        text = author.article()
        host = (
            rng.choice(hosts) if hosts and rng.random() < 1 / 3 else f"{author.rng.choice(('bridge', 'pont'))}.example"
        )
        documents.append(
            Document(
                id=f"{author.lang}-{len(documents)}",
                text=text,
                url=f"https://www.{host}/{len(documents)}",
                lang=author.lang,
                title=author.fill("title"),
            )
        )
        size += len(text.encode())
    return Corpus("clean", tuple(documents), {})


def titled(corpus: Corpus) -> Corpus:
    """Put each title on the first line, and in no field."""
    documents = (replace(doc, text=f"{doc.title}\n{doc.text}", title=None) for doc in corpus.documents)
    return Corpus(f"{corpus.name}, titled", tuple(documents), {})


def noisy(corpus: Corpus, marks: Sequence[Mark], share: float = NOISY, seed: int = 1) -> Corpus:
    """Put noise into a share of the documents: lines that packs cut into every other, an invented page for the rest."""
    rng = Random(f"noise/{seed}")
    pages = [
        row["text"] for row in build() if row["id"].split("/")[1] in LANGUAGES and not row["id"].startswith("keep")
    ]
    documents = list(corpus.documents)
    marked: dict[int, tuple[str, ...]] = {}
    loose = set()
    for turn, at in enumerate(sorted(rng.sample(range(len(documents)), max(1, round(share * len(documents)))))):
        if turn % 2 or not marks:
            documents[at] = replace(documents[at], text=f"{documents[at].text}\n{rng.choice(pages)}", title=None)
            loose.add(at)
        else:
            documents[at], marked[at] = _mark(documents[at], marks, rng)
    return Corpus("noisy", tuple(documents), marked, frozenset(loose))


def _mark(document: Document, marks: Sequence[Mark], rng: Random) -> tuple[Document, tuple[str, ...]]:
    """Put lines of some rules between paragraphs, never two beside each other; all of them are cut on one host."""
    first = rng.choice(marks)
    others = [mark for mark in marks if mark.url in (None, first.url)]
    chosen = [first, *rng.sample(others, min(_MARKS, len(others)))]
    lines = document.text.split("\n")
    places = sorted(rng.sample(range(1, len(lines)), min(_MARKS, len(lines) - 1)))
    put = list(dict(zip(places, {mark.text: mark for mark in chosen}.values(), strict=False)).items())
    for place, mark in reversed(put):
        lines.insert(place, mark.text)
    url = first.url or document.url
    return replace(document, text="\n".join(lines), url=url), tuple(mark.rule for _, mark in put)


def real(folder: Path, megabytes: float) -> Iterator[Corpus]:
    """Yield the dumps and the gold bodies of pages in a folder of data, if it is there, each up to so many megabytes."""
    for path in sorted(folder.glob("dumps/*.jsonl*")):
        entries = read_entries(find_inputs([str(path)]), Fields(), recleaning=True)
        yield _upto(path, (entry.value for entry in entries if isinstance(entry.value, Document)), megabytes)
    for path in sorted(folder.glob("html/*.jsonl*")):
        golds = (
            Document(page.page.id, page.gold, url=page.page.url, lang=page.page.lang)
            for page in read_pages(path)
            if page.gold
        )
        corpus = _upto(path, golds, megabytes)
        if corpus.documents:
            yield corpus


def _upto(path: Path, documents: Iterable[Document], megabytes: float) -> Corpus:
    taken: list[Document] = []
    size = 0
    for document in documents:
        taken.append(document)
        size += len(document.text.encode("utf-8", "replace"))
        if size > megabytes * 1e6:
            break
    return Corpus(path.name.split(".")[0], tuple(taken), {})


def _sentence(lang: str, rng: Random) -> str:
    words = _WORDS[lang]
    if rng.random() < 0.2:
        text = _fill(rng.choice(words["saying"]), lang, rng)
    else:
        frame = rng.choice(
            ("{who} {did} {what} {when}.", "{who} {did} {what}, {then}.", "{who} {did} {what} {when}, {then}.")
        )
        text = _fill(frame, lang, rng)
    text = text[:1].upper() + text[1:]
    return typeset(text) if lang == "fr" else text


def _fill(frame: str, lang: str, rng: Random) -> str:
    """Fill the braces of a frame, again while there are any."""
    while (start := frame.find("{")) >= 0:
        end = frame.index("}", start)
        frame = frame[:start] + _word(frame[start + 1 : end], lang, rng) + frame[end + 1 :]
    return frame


def _word(kind: str, lang: str, rng: Random) -> str:
    if kind == "name":
        return Writer(rng).name()
    figures = {"year": (1890, 2024), "few": (2, 29), "hour": (4, 11), "many": (40, 9000)}
    if kind in figures:
        number = rng.randint(*figures[kind])
        hours = {"en": f"{number}", "fr": f"{number} heures"}
        return hours[lang] if kind == "hour" else str(number)
    return rng.choice(_WORDS[lang][kind])


def typeset(text: str) -> str:
    """Put no-break spaces where French typography has them.

    >>> typeset("« Non » : pourquoi ?").count(chr(0xA0))
    4
    """
    for mark in ":?!;%»":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")
