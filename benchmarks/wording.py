"""Word interface phrases, patterns, names and hosts that no site uses, in English and French, of a wanted length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import regex

LANGUAGES = ("en", "fr")

BRIEF: Mapping[str, Sequence[str]] = {
    "en": ("photo", "share", "more", "read", "video", "next", "live", "watch", "close", "menu", "print", "reply", "tags", "top", "ads", "login", "email", "save", "hide", "all"),
    "fr": ("photo", "voir", "lire", "plus", "vidéo", "suite", "aussi", "fermer", "menu", "suivi", "pub", "tags", "sport", "météo", "jeux", "haut", "avis", "infos", "la une", "blog"),
}  # fmt: skip
"""Words of three to five letters that sites print as labels, and that articles use all the time."""

LABELS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "en": (
        ("more", "latest", "our", "top", "best", "all", "share", "watch", "see", "get", "open", "new", "print", "hide"),
        ("photos", "videos", "stories", "letters", "news", "topics", "podcasts", "galleries", "offers", "comments", "alerts", "quizzes", "maps", "reviews", "links"),
    ),
    "fr": (
        ("voir", "lire", "nos", "vos", "tous", "partager", "autres", "derniers", "top", "mes", "ouvrir", "imprimer"),
        ("articles", "sujets", "dossiers", "podcasts", "photos", "vidéos", "lettres", "offres", "alertes", "avis", "jeux", "directs", "titres", "liens", "concours"),
    ),
}  # fmt: skip
"""What labels of two words are made of."""

CALLS: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "en": (
        ("subscribe to", "sign up for", "read more about", "share", "follow", "download", "watch", "listen to", "get", "see all of", "join", "discover", "support", "register for", "comment on", "click here for", "back to", "more from", "learn more about", "have your say on", "don't miss", "stay up to date with", "continue to", "log in to"),
        ("our weekly letter", "the morning briefing", "the free app", "this article", "our channel", "the full story", "the photo gallery", "today's paper", "our podcast", "the live blog", "the newsroom", "our journalism", "the readers' forum", "this week's quiz", "our video series", "the evening edition", "your account", "the comments", "our partner offers", "the weather page"),
        ("every Friday", "before breakfast", "in your inbox", "for free", "with your friends", "on your phone", "and never miss a story", "from our reporters", "at any time", "for one month", "without advertising", "in two minutes", "as a subscriber", "wherever you are", "for less than a coffee a week"),
    ),
    "fr": (
        ("recevez", "découvrez", "partagez", "suivez", "téléchargez", "regardez", "écoutez", "retrouvez", "lire la suite de", "soutenez", "commentez", "consultez", "accédez à", "abonnez-vous à", "inscrivez-vous à", "revenez à", "en savoir plus sur", "ne manquez pas", "donnez votre avis sur", "connectez-vous à"),
        ("notre lettre hebdomadaire", "l'édition du soir", "l'application gratuite", "cet article", "notre chaîne", "l'intégralité du récit", "la galerie de photos", "notre podcast", "votre espace abonné", "la rédaction", "notre jeu de la semaine", "la météo de votre commune", "notre série vidéo", "l'agenda des sorties", "la boutique du journal", "vos commentaires"),
        ("chaque vendredi", "dès six heures", "dans votre boîte aux lettres", "gratuitement", "avec vos proches", "sur votre téléphone", "sans publicité", "en deux minutes", "où que vous soyez", "pendant un mois", "au prix d'un café par semaine", "grâce à nos journalistes", "à tout moment", "en toute liberté"),
    ),
}  # fmt: skip
"""Verb, object, and what may follow: what calls of a sentence or part of one are made of."""

FILLERS: Mapping[str, Sequence[str]] = {"en": ("Harbour", "quay 4", "the ferry"), "fr": ("Le port", "quai 4", "le bac")}
"""What stands in the gaps of a pattern."""

_INITIALS = "bcdfgklmnpqrstvz"  # of agencies, which are no words
_ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "f",
    "g",
    "gr",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "qu",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
_RIMES = ("a", "ai", "an", "ar", "e", "el", "en", "i", "in", "o", "ol", "on", "or", "u", "un", "y")
_PAPERS = ("Gazette", "Courier", "Herald", "Post", "Ledger", "Observer", "Chronicle", "Mail")
_DRAFTS = 6
_TELLING = 20  # code points from which no two phrases are alike


@dataclass(slots=True)
class Writer:
    """Draw phrases from one source of chance, common words in turn; those of twenty code points and more hardly ever twice."""

    rng: Random
    used: set[str] = field(default_factory=set)
    turn: int = 0

    def name(self, least: int = 2, most: int = 3) -> str:
        """Draw the name of a place."""
        rng = self.rng
        return "".join(rng.choice(_ONSETS) + rng.choice(_RIMES) for _ in range(rng.randint(least, most))).capitalize()

    def paper(self) -> str:
        """Draw the name of a paper."""
        return f"The {self.name()} {self.rng.choice(_PAPERS)}"

    def host(self) -> str:
        """Draw a host."""
        return f"{self.name(2, 4)}-{self.rng.choice(_PAPERS)}.example".lower()

    def phrase(self, lang: str, length: int) -> str:
        """Draw a phrase of about so many code points, three at least."""
        if length <= 5:
            return self._brief(lang, max(3, length))
        for attempt in range(_DRAFTS):
            drafts = (self._draft(lang, length, attempt > 1) for _ in range(_DRAFTS))
            phrase = min(drafts, key=lambda draft: abs(len(draft) - length))
            if len(phrase) < _TELLING or phrase.lower() not in self.used:
                break
        self.used.add(phrase.lower())
        return phrase[0].upper() + phrase[1:] if self.rng.random() < 0.5 else phrase

    def pattern(self, lang: str, length: int, phrases: Sequence[str] = (), closed: bool = False) -> tuple[str, str]:
        """Draw a pattern of about so many code points, and a line that it matches; `phrases` are what it begins with.

        It is phrases with one or two bounded gaps, as nearly all patterns of rules are; `closed` ends with a phrase.
        """
        heads = list(phrases) or [self.phrase(lang, self.rng.randint(12, 24))]
        tails = [self.phrase(lang, 14)] if closed else []
        while sum(map(len, heads)) + sum(map(len, tails)) + 12 < length:
            more = heads if not phrases and len(heads) <= len(tails) else tails
            more.append(self.phrase(lang, self.rng.randint(8, 24)))
        least, most = self.rng.choice(((0, 40), (1, 60), (3, 30), (0, 90)))
        gap = f"{self.rng.choice(('.', '[^.]', '[^.!?:]'))}{{{least},{most}}}"
        fill = f" {self.rng.choice(FILLERS[lang])} "
        if not tails:
            return _either(heads, self.rng) + gap, heads[0] + fill.rstrip()
        return f"{_either(heads, self.rng)}{gap}{_either(tails, self.rng)}{'[.!]?' if closed else '.{0,20}'}", heads[
            0
        ] + fill + tails[0]

    def _brief(self, lang: str, length: int) -> str:
        if self.rng.random() < 0.6:
            fit = [word for word in BRIEF[lang] if len(word) <= length + 1]
            self.turn += 1
            word = fit[self.turn % len(fit)]
            return word.capitalize() if self.rng.random() < 0.5 else word
        return "".join(self.rng.choices(_INITIALS, k=3)) + self.name(1, 1).lower()[: length - 3]

    def _draft(self, lang: str, length: int, named: bool) -> str:
        rng = self.rng
        if length < 16:
            first, second = LABELS[lang]
            return f"{rng.choice(first)} {self.name() if named else rng.choice(second)}"
        openings, objects, ends = CALLS[lang]
        text = f"{rng.choice(openings)} {self.paper() if named else rng.choice(objects)}"
        while len(text) + 8 < length:
            text += f" {rng.choice(ends)}" if rng.random() < 0.7 else f" {('of', 'de')[lang == 'fr']} {self.paper()}"
        return text


def _either(phrases: Sequence[str], rng: Random) -> str:
    kept = "|".join(regex.escape(phrase, special_only=True, literal_spaces=True) for phrase in dict.fromkeys(phrases))
    return f"(?i:{kept})" if rng.random() < 0.3 else f"(?:{kept})"
