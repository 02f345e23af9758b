"""Guess the language of a short text: by its script, by common words, and by phrases that rules list under a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import regex

from cleaner.rules.prose import common_words
from cleaner.rules.ruleset import Ruleset
from cleaner.text.fold import fold
from cleaner.text.prefilter import Prefilter

_WORD = regex.compile(r"[^\W\d_]+")
_SCRIPTS = {
    name: regex.compile(rf"[{classes}]")
    for name, classes in {
        "kana": r"\p{Hiragana}\p{Katakana}",
        "hangul": r"\p{Hangul}",
        "han": r"\p{Han}",
        "arabic": r"\p{Arabic}",
        "cyrillic": r"\p{Cyrillic}",
        "greek": r"\p{Greek}",
        "hebrew": r"\p{Hebrew}",
        "devanagari": r"\p{Devanagari}",
        "thai": r"\p{Thai}",
    }.items()
}
_WRITTEN_IN = {
    "ja": "kana", "ko": "hangul", "zh": "han", "ar": "arabic", "fa": "arabic", "ur": "arabic", "ru": "cyrillic",
    "uk": "cyrillic", "bg": "cyrillic", "el": "greek", "he": "hebrew", "hi": "devanagari", "th": "thai",
}  # fmt: skip
_PROSE = 40  # code points from which a language is detected
_LEAST = 0.3  # share of the letters in a script from which the text counts as written in it


def script_of(text: str) -> str:
    """Name the script of a text by the first of the known ones that has a good share of its letters; else `latin`.

    >>> script_of("Подписаться на Telegram"), script_of("関連記事"), script_of("関連ニュース"), script_of("12:30")
    ('cyrillic', 'han', 'kana', 'latin')
    """
    letters = sum(map(str.isalpha, text))
    return next(
        (name for name, of in _SCRIPTS.items() if letters and len(of.findall(text)) > _LEAST * letters), "latin"
    )


def script_of_language(lang: str) -> str:
    """Name the script in which a language is written.

    >>> script_of_language("uk"), script_of_language("sv")
    ('cyrillic', 'latin')
    """
    return _WRITTEN_IN.get(lang, "latin")


class Tongues:
    """Guess languages with the phrases of a set of rules beside the common words of the shipped clean passages."""

    def __init__(self, ruleset: Ruleset):
        """Gather the phrases of all terms."""
        listed: dict[str, set[str]] = {}
        for by_language in ruleset.terms.values():
            for lang, phrases in by_language.items():
                for phrase in phrases:
                    listed.setdefault(fold(phrase), set()).add(lang)
        listed.pop("", None)
        self._phrases = Prefilter.build({phrase: sorted(langs) for phrase, langs in listed.items()}, listed)

    def guess(self, text: str, context: str = "") -> str:
        """Return the language of a text; its context decides between equals, and nothing comes back where none does.

        A script that only one known language uses is enough.
        """
        script = script_of(text)
        known = [lang for lang, used in _WRITTEN_IN.items() if used == script]
        if len(known) == 1:
            return known[0]
        weights = self._weigh(text, script, known)
        if not weights:
            weights = Counter(weigh_words(context, script))
        most = max(weights.values(), default=0)
        best = {lang for lang, weight in weights.items() if weight == most}
        if len(best) > 1:
            around = weigh_words(context, script)
            best = {max(sorted(best), key=lambda lang: around[lang])} if any(around[lang] for lang in best) else set()
        return next(iter(best), "")

    def _weigh(self, text: str, script: str, known: Collection[str]) -> Counter[str]:
        """Weigh languages by the letters of common words, and of the longest listed phrase of each."""
        weights = weigh_words(text, script)
        for lang, places in self._phrases.scan(fold(text)).items():
            if script_of_language(lang) == script and (not known or lang in known):
                weights[lang] += max(end - start for start, end in places)
        return weights


def weigh_words(text: str, script: str) -> Counter[str]:
    """Count, for each language of a script, the letters of a text that stand in its common words."""
    weights: Counter[str] = Counter()
    words = _WORD.findall(fold(text))
    for lang, common in common_words().items():
        if script_of_language(lang) == script:
            size = sum(len(word) for word in words if word in common)
            if size:
                weights[lang] = size
    return weights


def language_of_prose(text: str) -> str:
    """Return the language that resiliparse detects in a text; nothing for one too short to tell.

    >>> language_of_prose("Die Fähre fährt wieder über den Hafen, und niemand weiß, wer die Reise am Ende bezahlt hat.")
    'de'
    """
    from resiliparse.parse.lang import detect_fast  # loaded late: only what is declared nowhere needs it

    return str(detect_fast(text)[0]) if len(text) >= _PROSE else ""
