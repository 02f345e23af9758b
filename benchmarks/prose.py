"""Write sentences as news articles have them, in English and French: no two of an article alike, none from elsewhere.

A sentence grows from a grammar (`GRAMMAR`): a frame in which each name in braces is a symbol, filled by a frame of its
own or by a word. Words are drawn as often as their rank in the list lets expect; half of them come from the few that an
article keeps to, as do its names. Words that labels of sites are made of stand in asides with rates of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from math import exp, log
from random import Random
from types import MappingProxyType

from benchmarks.vocabulary import (
    FIRST_PARTS,
    SECOND_PARTS,
    WORDS,
    agreeing,
    elides,
    going,
    manner,
    past,
    plural,
    several,
)

OPENING = 20
"""Code points by which the openings of sentences are told apart."""

_TOPIC = {"noun": 30, "masculine": 20, "feminine": 20, "verb": 20, "adjective": 16, "abstract": 16, "adverb": 10}
_ON_TOPIC = 0.5  # share of words from those that an article keeps to
_FLAT = 100  # ranks until which words are about equally frequent
_KNOWN = 1500  # names that many articles mention
_STRAIGHT = 0.4  # share of articles that are typed, not typeset
_COMPOUND = 0.24  # share of the other words that are made of two
_DRAFTS = 40
_LONGER, _LONG = 0.6, 240  # how often a sentence is taken further, and the code points from which it is not
_RESUMED = 24  # code points, at the least, that a sentence has in common with one that it resumes
_BYTES = 140  # of a sentence

GRAMMAR: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType({
    "en": {
        "sentence": (
            "{subject} {did} {object} {when}.", "{subject} {did} {object}, {tail}.", "{when_first}, {subject} {did} {object}.",
            "{subject} {was} {done} by {agent} {when}.", "{subject} {did} {object} and {did} {object}.", "{subject} said {that} {clause}.",
            "{subject}, {apposition}, {did} {object}.", "{though} {clause}, {clause}.", "{link} {clause}, {tail}.",
            "{subject} {did} {object} {where}, and {clause}.", "{clause}: {object}, {object} and {object}.", "{link} {clause}.",
            "{name}’s {noun} {did} {object}, {according}.", "{clause}, {according}.", "There {was} {no} {noun} {where}.",
            "{quote},” {speaker} {said}.", "{quote}.”", "{quote},” {surname} {said}.", "{quote},” said {speaker}. “{Clause}.”", "“{Clause},” {speaker} told {object}, “but {clause}.”",
            "{speaker} called it “{a} {adjective} {abstract}”.", "What {subject} {did} {when} {was} {a} {abstract}.", "It {was} {name} who {did} {object}.",
            "{subject} {would} {verb} {object} if {clause}.", "{Count} {nouns} {did} {object} {when}.", "{clause} by {number} per cent {when}.",
            "{subject} {did} {object} for {price}, {compared} {price} in {year}.", "To {verb} {object}, {clause}.", "{Going} {object}, {subject} {did} {object} {when}.",
            "Few {nouns} {did} {object}, and {clause}.", "{subject} {did} {object}; {clause}.", "{subject} — {apposition} — {did} {object}.",
            "Both {nouns} and {nouns} {did} {object}.", "{how}, {clause}.", "Will {subject} {verb} {object}?", "{subject} had {how} {done} {object} ({abstract} {number}).",
        ),
        "clause": (
            "{subject} {did} {object}", "{subject} {was} {adjective}", "{subject} {would} {verb} {object}", "{subject} {was} {done} {where}", "{subject} {did} {object} {when}",
            "{subject} {how} {did} {object}", "{object} {was} not {done}", "{subject} had {done} {object}", "{subject} has yet to {verb} {object}", "{subject} is {going} {object}", "there is {no} {abstract} {about}",
        ),
        "Clause": ("{subject} {did} {object}", "We {did} {object}", "They {would} {verb} {object}", "I {would} not {verb} {object}", "You {would} {verb} {object} too", "There is {no} {noun}", "It’s {a} {adjective} {abstract}", "That’s {a} {abstract} {about}"),
        "quote": ("“{Clause}", "“{Clause}, and {clause}", "“{link} {clause}"),
        "subject": (
            "the {noun}", "the {adjective} {noun}", "the {noun} of {place}", "{person}", "{surname}", "{surname}’s {noun}", "Mr {surname}", "Ms {surname}", "{place}", "{nouns} in {place}", "{a} {noun}", "{a} {adjective} {noun}",
            "the {institution}", "{institution}", "{adjective} {nouns}", "he", "she", "they", "it", "its {noun}", "the {noun} {noun}", "{count} {nouns}", "{place}’s {noun}", "most {nouns}", "{nouns} and {nouns}", "the {abstract}",
        ),
        "object": (
            "{surname}’s {noun}", "the {noun}", "the {adjective} {noun}", "{a} {noun}", "{a} {adjective} {noun}", "{place} and {place}", "the {noun}’s {noun}", "the {capitals}", "the {abstract} of the {noun}", "{nouns}", "{adjective} {nouns}", "its {abstract}", "their {nouns}", "his {noun}", "her {adjective} {noun}",
            "{number} {nouns}", "the {noun} in {place}", "{surname}", "the {institution}", "{person}", "{a} {abstract}", "any {abstract} {about}", "the {noun} {noun}", "{a} {noun}-{noun} {abstract}", "{an} {abstract} between {nouns} and {nouns}",
        ),
        "agent": ("{person}", "the {noun}", "the {institution}", "{a} {noun} from {place}", "{nouns}", "{surname}"),
        "speaker": ("{surname}", "{person}", "{person}, {apposition},", "the {noun}", "one {noun}", "{a} {noun} for the {institution}", "he", "she"),
        "apposition": ("{a} {noun} from {place}", "{number}, {a} {adjective} {noun}", "the {noun}’s {noun}", "who {did} {object}", "which {did} {object} {when}", "once {a} {noun}", "a {number}-year-old {noun}"),
        "tail": ("which {did} {object}", "{going} {object}", "but {clause}", "while {clause}", "because {clause}", "with {number} {nouns} {done}", "as {clause}", "before {going} {object}", "and {surname} {did} {object}", "even though {clause}", "so that {clause}", "rather than {verb} {object}"),
        "when": ("on {weekday}", "in {month}", "in {month} {year}", "since {year}", "last {weekday}", "after the {noun}", "before the {noun}", "during the {noun}", "at {place}", "for {number} years", "without {a} {noun}", "{number} days later", "with {a} {noun}", "under {surname}", "in {place}", "{how}", "on {number} {month}", "despite the {abstract}"),
        "when_first": ("On {weekday}", "In {month}", "In {year}", "After the {noun}", "In {place}", "At the {noun}", "Since {month} {year}", "During the {abstract}", "Without {a} {noun}", "For {nouns} such as {surname}", "By {weekday}", "Under the {abstract}", "Near {place}", "As {surname} {did} {object}", "Across {place}"),
        "where": ("in {place}", "near the {noun}", "at the {noun}", "across {place}", "behind the {noun}", "outside the {institution}", "on the {noun}", "between {place} and {place}", "around the {noun}"),
        "about": ("about the {noun}", "over {nouns}", "of {nouns}", "in the {noun}", "with {surname}", "against {a} {noun}"),
        "did": ("{past}", "{past}", "{past}", "{past}", "had {past}", "has {past}", "have {past}", "{how} {past}", "would {verb}", "couldn’t {verb}", "didn’t {verb}", "will {verb}", "wanted to {verb}", "tried to {verb}", "began to {verb}"),
        "done": ("{past}", "{past}", "{past} {how}"),
        "was": ("was", "was", "were", "is", "has been", "had been", "will be", "could be", "are"),
        "said": ("said", "said", "said", "said on {weekday}", "told {object}", "added", "argued", "wrote in {month}", "says"),
        "that": ("that", "that", "", "on {weekday} that", "in {place} that"),
        "though": ("Although", "While", "When", "Because", "If", "As", "After", "Before", "Once", "Unless", "Even if", "Since"),
        "link": ("But", "And", "Yet", "Still,", "However,", "Instead,", "For now,", "In fact,", "Meanwhile,", "So far,", "Even so,", "Then", "By contrast,", "{How},"),
        "according": ("according to {agent}", "{surname} {said}", "the {noun} {said}", "{agent} argued", "a {noun} showed"),
        "compared": ("against", "compared with", "up from", "down from"),
        "would": ("would", "could", "will", "may", "should", "might", "must", "can"),
        "count": ("two", "three", "four", "six", "ten", "a dozen", "several", "{number}", "{number}", "dozens of", "hundreds of", "thousands of", "nearly {number}", "more than {number}", "only {number}", "at least {number}"),
        "no": ("no", "little", "hardly any", "some", "a great deal of", "much"),
        "how": ("{adverb}", "{adverb}", "{manner}", "{manner}"),
        "price": ("£{number}m", "${number},{hundred}", "{number}.{digit} million", "€{number}bn", "{number},{hundred}"),
        "head": ("{Adjective} {noun}", "The {noun} of {place}", "{Abstract} and {abstract}", "{Going} the {noun}", "{A} {adjective} {abstract}", "{Nouns} without {nouns}", "{surname}’s {noun}", "What the {noun} {past}", "From {noun} to {noun}", "Why {nouns} {verb}", "{Abstract} in {place}"),
        "end": ("{surname} {past} {object}.", "It {was} {adjective}.", "Nobody {past} {object}.", "Then came the {noun}.", "The {noun} is {adjective}.", "“{Clause}.”"),
        "more": (", {tail}", " {when}", " and {did} {object}", ", {according}", " {where}", ", and {clause}", ", {going} {object}"),
        "title": ("{place} {past} its {adjective} {noun} after {number} {nouns}", "{surname} {past} {noun} over {adjective} {abstract} in {place}", "Why {nouns} in {place} {past} the {noun}", "{Adjective} {nouns}, {adjective} {nouns}: the {abstract} of {place}"),
        "month": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
        "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "institution": ("{place} {Institution}", "{Adjective} {Institution}", "{place} {Institution} of {Abstract}", "National {Noun} {Institution}", "{capitals}", "{name} {Institution}"),
    },
    "fr": {
        "sentence": (
            "{sujet} {a} {objet} {quand}.", "{sujet} {a} {objet}, {suite}.", "{quand_tete}, {sujet} {a} {objet}.", "{sujet} {a} {objet} et {a} {objet}.",
            "{sujet}, {apposition}, {a} {objet}.", "{sujet} a déclaré que {phrase}.", "{bien} {phrase}, {phrase}.", "{lien} {phrase}, {suite}.", "{lien} {phrase}.",
            "{sujet} {a} {objet} {lieu}, et {phrase}.", "{phrase} : {objet}, {objet} et {objet}.", "{phrase}, {selon}.", "Il n’y a {pas} de {nom} {lieu}.",
            "« {Dit} », {dit} {orateur}.", "« {Dit}, {dit} {orateur}, mais {phrase}. »", "« {Dit} », {a} {orateur}, {suite}.", "« {Dit} », {dit} {orateur}, {suite}.", "{orateur} parle de « {un} » et de « {un} ».", "« {Dit}. {Phrase}. »", "« {Dit} », {dit} {famille}. « {Dit}. »", "{orateur} y voit « {un} ».",
            "C’est {prenom} {famille} qui {a} {objet} {quand}.", "{les} {ont} {objet}, {suite}.", "{Combien} {noms} {ont} {objet} {quand}.", "{les} {ont} {objet} {quand}.",
            "{phrase} de {nombre} % {quand}.", "Pour {infinitif} {objet}, {phrase}.", "Faut-il {infinitif} {objet} ?", "{sujet} {a} {objet} pour {prix}, contre {prix} en {annee}.",
            "À {lieu_dit}, {phrase}, {suite}.", "{sujet} – {apposition} – {a} {objet}.", "{sujet} {a} {objet} ; {phrase}.", "Ni {le} ni {le} ne {verbait} {objet}.", "{comment}, {phrase}.", "Reste à {infinitif} {objet} : {phrase}.", "Depuis {annee}, {les} {ont} {objet} ({nombre} {noms}).",
        ),
        "phrase": ("{sujet} {a} {objet}", "{sujet} {a} {objet} {quand}", "{sujet} {verbera} {objet}", "{sujet} {verbait} {objet}", "{sujet} n’{a_vide} pas {participe} {objet}", "{sujet} doit {infinitif} {objet}", "{les} {ont} {objet}", "il faut {infinitif} {objet}", "{sujet} veut {infinitif} {objet}", "on ne peut {infinitif} {objet} sans {nom}"),
        "Dit": ("{Phrase}", "Nous devons {infinitif} {objet}", "On {verbait} {objet}", "Il faut {infinitif} {objet}", "Je ne {verbait_je} pas {objet}", "Vous {infinitif_allez} {objet}", "C’est {un} {lieu}"),
        "sujet": ("{le}", "{le}", "{le_qualifie}", "{le} de {lieu_dit}", "{prenom} {famille}", "{famille}", "{famille}", "{institution}", "{un}", "il", "elle", "{le} de {le}", "on", "{lieu_dit}", "chaque {nom}", "{son}"),
        "objet": ("{le}", "{le_qualifie}", "{un}", "{un}", "{les}", "{des}", "{le} de {le}", "{le} de {lieu_dit}", "{son}", "{nombre} {noms}", "{famille}", "{institution}", "{le} et {le}", "{un} de {nom}", "{le} des {noms}"),
        "orateur": ("{famille}", "{prenom} {famille}", "{prenom} {famille}, {apposition}", "{le}", "{un} de {lieu_dit}"),
        "apposition": ("{un} de {lieu_dit}", "{nombre} ans, {un}", "qui {a} {objet}", "dont {le} {a} {objet}", "{le} de {institution}", "naguère {un}"),
        "suite": ("qui {a} {objet}", "mais {phrase}", "alors que {phrase}", "parce que {phrase}", "tandis que {les} {ont} {objet}", "avec {nombre} {noms}", "avant de {infinitif} {objet}", "sans {infinitif} {objet}", "et {famille} {a} {objet}", "si bien que {phrase}", "comme {le}", "au point de {infinitif} {objet}", "où {phrase}"),
        "quand": ("{jour}", "en {mois}", "en {mois} {annee}", "depuis {annee}", "après {le}", "avant {le}", "pendant {le}", "à {lieu_dit}", "depuis {nombre} ans", "sans {nom}", "{nombre} jours plus tard", "avec {un}", "sous {famille}", "{comment_bas}", "le {nombre} {mois}", "malgré {le}", "{jour} matin", "dès {mois}"),
        "quand_tete": ("{Jour}", "En {mois}", "En {annee}", "Après {le}", "À {lieu_dit}", "Depuis {mois} {annee}", "Pendant {le}", "Sans {nom}", "Pour {le} de {famille}", "Malgré {le}", "Selon {famille}", "Dans {le}", "Face à {le}", "Entre {lieu_dit} et {lieu_dit}", "Le {nombre} {mois}"),
        "lieu": ("à {lieu_dit}", "dans {le}", "près de {lieu_dit}", "devant {le}", "derrière {le}", "sur {le}", "entre {lieu_dit} et {lieu_dit}", "autour de {le}"),
        "dit": ("explique", "affirme", "raconte", "a déclaré", "assure", "résume", "estime", "a dit {jour}", "regrette", "a confié"),
        "selon": ("selon {famille}", "selon {le}", "d’après {prenom} {famille}", "a dit {orateur}", "note {le}"),
        "bien": ("Quand", "Si", "Alors que", "Parce que", "Lorsque", "Tandis que", "Puisque", "Depuis que", "Pendant que"),
        "lien": ("Mais", "Et", "Or", "Pourtant,", "Cependant,", "En fait,", "Pour l’heure,", "Du coup,", "D’ailleurs,", "Certes,", "Enfin,", "En revanche,", "De son côté,", "Au contraire,", "{comment},"),
        "combien": ("deux", "trois", "quatre", "six", "dix", "plusieurs", "{nombre}", "des dizaines de", "des centaines de", "beaucoup de", "près de {nombre}", "plus de {nombre}", "quelque {nombre}", "au moins {nombre}"),
        "pas": ("pas", "guère", "plus", "point"),
        "prix": ("{nombre} millions d’euros", "{nombre} {centaine} euros", "{nombre},{chiffre} milliards", "{nombre} euros"),
        "head": ("{Le}", "{Un}", "{Le} de {lieu_dit}", "{Le} et {le}", "Ce que {famille} {a}", "{Nom} sans {nom}", "{Un} à {lieu_dit}", "De {le} à {le}", "Pourquoi {infinitif} {le}"),
        "end": ("{famille} {a} {objet}.", "Personne ne {verbait} {objet}.", "C’était {jour}.", "Puis vint {le}.", "« {Dit}. »", "{le} {a} {objet}."),
        "more": (", {suite}", " {quand}", " et {a} {objet}", ", {selon}", " {lieu}", ", et {phrase}", ", {suite}"),
        "title": ("{lieu_dit} {a} {le_qualifie} après {nombre} {noms}", "Pourquoi {le} de {lieu_dit} {a} {objet}", "{famille} {a} {objet} à {lieu_dit}", "{Le_qualifie}, {le} et {le_qualifie}"),
        "mois": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        "jour": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        "institution": ("le {Institution} de {lieu_dit}", "le {Institution} national", "{majuscules}", "le {Institution} {name}", "le {Institution} des {noms}"),
    },
})  # fmt: skip
"""What sentences grow from. A symbol in capitals begins with one; those without frames are words (`_Words`)."""

ASIDES: Mapping[str, Mapping[str, float]] = MappingProxyType({
    "en": {
        "in this {noun}": 250, "with this {adjective} {noun}": 200, "like this": 80, "more than {number} {nouns}": 150, "more {adjective} than {a} {noun}": 120, "with more {nouns}": 100,
        "of all {nouns}": 100, "for all the {nouns} they had {done}": 80, "after all": 50, "or {a} {noun}": 200, "one of the {nouns}": 150, "around us": 80, "for our {noun}": 100, "out of {nouns}": 120, "at the time": 90,
        "the first {noun} to {verb} {object}": 90, "for the first time": 30, "two {nouns} at a time": 100, "into the {noun}": 120, "for other people": 80, "like other {nouns}": 80, "with new {nouns}": 120, "for new people in {place}": 60, "for three years": 60,
        "as well": 70, "that way": 60, "right now": 40, "of these {nouns}": 90, "where they {past} it": 90, "through the {noun}": 60, "in the world": 80, "in the US": 120, "for the EU": 30, "to see {a} {noun}": 16, "who found {a} {noun}": 8, "more from {nouns}": 4, "breaking the {noun}": 5, "as {a} {noun}": 250, "from {place}": 250, "from the {noun}": 120, "for my {noun}": 80, "if you {verb} it": 120, "that they {past} him": 100, "you can {verb}": 60, "I don’t {verb} it": 60, "we’re {going} it": 60,
        "a few minutes later": 12, "in {number} minutes": 11, "for hours": 28, "within {number} hours": 26, "to share {a} {noun}": 9, "for a share of the {noun}": 5, "to follow {a} {noun}": 12, "whatever may follow": 12, "following the {noun}": 40, "followed by {a} {noun}": 40, "with a photo of {a} {noun}": 6, "in photographs": 15,
        "in a video": 13, "in video of the {noun}": 13, "who had read {a} {noun}": 16, "to read the {noun}": 16, "next year": 25, "next week": 18, "next to the {noun}": 18, "at the next {noun}": 18, "where {nouns} live": 24, "to live in {place}": 18, "close to {place}": 34, "at close quarters": 13, "to watch the {noun}": 7, "on the menu": 3, "in print": 5, "in reply": 3,
        "by email": 16, "to save {object}": 26, "with nowhere to hide": 4, "at the top of the {noun}": 40, "for a top {noun}": 40, "in the image of {place}": 7, "a different story": 12, "for the story of {a} {noun}": 13, "in the news": 18, "after news of the {noun}": 24, "without comment": 6, "who declined to comment": 6, "as a sign of {abstract}": 12, "in a report": 40, "after a report by the {institution}": 40,
        "related to the {noun}": 20, "with related {nouns}": 8, "with the support of {nouns}": 40, "in support of {place}": 18, "for information": 20, "with information about {nouns}": 90, "published in {year}": 24, "{number} days a week": 10, "an hour": 15, "a month": 20, "a year": 22, "a day": 20, "in the text": 18, "a service of the {institution}": 24, "in search of {a} {noun}": 16, "about the author": 3, "on Facebook": 9, "on Twitter": 11, "on Instagram": 9, "over WhatsApp": 8,
        "by the editor": 6, "for reporters": 16, "yesterday": 10, "to get the {noun}": 13, "in English": 13, "{a} {noun} with {number} profiles": 8, "on the home front": 7, "at second hand": 10, "the latest {noun}": 9, "since it was updated": 12, "in a posted {noun}": 14,
    },
    "fr": {
        "par {le}": 300, "par {un}": 200, "dans {un}": 400, "dans {le}": 300, "sur {le}": 300, "sur {un}": 200, "avec ses {noms}": 200, "ou {un}": 250, "cette fois": 90, "cette année": 120, "comme les autres": 100, "avec d’autres {noms}": 100, "pour la première fois": 50, "dans deux {noms} sur trois": 60, "chez eux": 40, "ce jour-là": 80, "ce qui est {adjective}": 150,
        "dans le monde": 80, "dans le pays": 80, "pour nous": 80, "et même {le}": 80, "avec leur {nom}": 100, "plus de {nombre} {noms}": 250, "de plus en plus": 60, "le plus souvent": 120, "plus que {le}": 200, "aussi bien que {le}": 70, "lui aussi": 70, "eux aussi": 60, "s’il le faut": 100, "ce qui s’est passé": 90, "qui ont été {participe_s}": 200, "où ils se sont {participe_s}": 200, "qui sont {adjectif_s}": 250, "comme il l’avait dit": 150, "par lui-même": 60, "tout de même": 60, "à lui faire {infinitif} {objet}": 90,
        "à lire {le}": 15, "pour lire {un}": 15, "à voir {le}": 40, "sans rien voir": 30, "en photo": 10, "sur une photo de {lieu_dit}": 12, "en vidéo": 8, "dans une vidéo de {lieu_dit}": 12, "dans la suite de {le}": 20, "par la suite": 20, "tout en haut": 14, "grâce à le sport": 20, "selon la météo": 5, "comme aux jeux": 10, "avec le suivi de {le}": 8, "pour partager {le}": 6, "à suivre {le}": 8, "en {nombre} minutes": 18, "dix minutes plus tard": 12, "{nombre} heures plus tard": 16, "à cinq heures": 16,
        "à l’image de {le}": 15, "dans un article de {annee}": 18, "sans commentaire": 4, "en direct de {lieu_dit}": 10, "en lien avec {le}": 10, "publié en {mois}": 16, "à le service de {le}": 20, "avec les services de {le}": 40, "selon les informations de {institution}": 40, "sans dire comment": 60, "comment {infinitif} {objet}": 80, "sur Facebook": 12, "sur Twitter": 8, "dans le texte": 16, "dans l’édition de {annee}": 8, "sans avis contraire": 6, "il y a {nombre} ans": 24,
    },
})  # fmt: skip
"""What is added to sentences, with how often it stands in a megabyte: words that labels of sites are made of."""

_SLOT = re.compile(r"\{(\w+)\}")
_AN = re.compile(r"\b([Aa]) (?=[aeiouAEIO])")
_CLOSE = re.compile(r"(?:[.?!,]?”| [»?!;:]|[.?!;:,])(?=[^.?!,]*[.?!]?”?$)")
_QUOTED = re.compile(r"(?:“|« )?")
_TYPED = {'"': ("« ", " »", "“", "”"), "'": ("’",)}
_VOWEL = "[aeiouyhâàéèêëîïôœû]"
_SPOKEN = re.compile(rf"\b(le|la|de|que|ne|se|je|ce|me) (?=[«“]?(?i:{_VOWEL}))")
_CONTRACTED = {apart: (joined, joined.capitalize()) for apart, joined in (("de le", "du"), ("de les", "des"), ("à le", "au"), ("à les", "aux"), ("de des", "de"))}  # fmt: skip
_JOINED = re.compile(rf"\b(?:de les|à les|de des|(?:de|à) le(?= (?!{_VOWEL})))(?!\w)", re.IGNORECASE)
_ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sch sh sk sl sm sn sp st str t th tr v w y z"  # fmt: skip
_RIMES = "a aa ae ai al am an ang ar as at au av e ea eck ed ee ein el em en er ert es et i ia ic ie il im in ing is it o ob och ol om on ong oo or os ot ou ov u ul um un ur us y"  # fmt: skip
_SYLLABLES = _ONSETS.split(), _RIMES.split()
_CLOSES = ("", "", "", "berg", "court", "d", "dale", "ford", "ham", "heim", "k", "l", "land", "ley", "mont", "n", "na", "nd", "nov", "r", "ra", "rd", "res", "s", "sen", "ski", "stad", "t", "ton", "vic", "ville", "x", "z")  # fmt: skip


def name(rng: Random) -> str:
    """Draw the name of a place or a family.

    >>> name(Random(1)) == name(Random(1))
    True
    """
    syllables = (rng.choice(_SYLLABLES[0]) + rng.choice(_SYLLABLES[1]) for _ in range(rng.choice((1, 1, 2, 2, 3))))
    drawn = "".join(syllables) + rng.choice(_CLOSES)
    return drawn.capitalize() if len(drawn) > 3 else name(rng)


def drawn(words: Sequence[str], rng: Random) -> str:
    """Draw a word by its rank: one of twice the rank is half as frequent, but for the first ones.

    >>> drawn(["bridge"], Random(1))
    'bridge'
    """
    return words[min(len(words) - 1, int(_FLAT * (exp(rng.random() * log((len(words) + _FLAT) / _FLAT)) - 1)))]


class Author:
    """Write the sentences of one article after the other; `begin` starts the next."""

    def __init__(self, lang: str, seed: int):
        self.lang, self.rng = lang, Random(f"{lang}/{seed}")
        self._words = {kind: tuple(self.rng.sample(words, len(words))) for kind, words in WORDS[lang].items()}
        self._known = [name(self.rng) for _ in range(_KNOWN)]
        self._asides, self._rates = tuple(ASIDES[lang]), tuple(accumulate(ASIDES[lang].values()))
        self.begin()

    def begin(self) -> None:
        """Choose what the next article keeps to."""
        rng = self.rng
        self._topic = {
            kind: [drawn(words, rng) for _ in range(_TOPIC[kind])]
            for kind, words in self._words.items()
            if kind in _TOPIC
        }
        self._people = [(rng.choice(self._words["first"]), name(rng)) for _ in range(rng.randint(3, 8))]
        self._places = [drawn(self._known, rng) for _ in range(rng.randint(2, 6))]
        self._said: set[str] = set()
        self._opened: set[str] = set()
        self._straight = rng.random() < _STRAIGHT

    def sentence(self) -> str:
        """Write a sentence that the article has not yet, opening as none of its others does."""
        for _ in range(_DRAFTS):
            draft = self._lengthened(self._draft("sentence"))
            if self.rng.random() < self._rates[-1] * _BYTES / 1e6:
                draft = self._with_aside(draft)
            text = self._set(draft)
            if text[:OPENING].lower() not in self._opened:
                break
        self._opened.add(text[:OPENING].lower())
        return text

    def write(self, kind: str) -> str:
        """Write a heading, a title or a short last sentence that the article has not yet."""
        for _ in range(_DRAFTS):
            text = self._set(self._draft(kind))
            if text not in self._said:
                break
        self._said.add(text)
        return text

    def resume(self, text: str) -> str:
        """Write a sentence that opens as an earlier one does."""
        at = text.find(" ", _RESUMED)
        opening = text[:at].rstrip(",.;: ") if at > 0 else text[:-1]
        more = self._lengthened(f"{self._fill(GRAMMAR[self.lang]['more'][0])}.")
        return opening + self._set(more, capital=False)

    def _draft(self, kind: str) -> str:
        return self._fill(self.rng.choice(GRAMMAR[self.lang][kind]))

    def _lengthened(self, text: str) -> str:
        """Go on with a sentence that ends with a plain stop, as often as not."""
        while text[-1] == "." and self.rng.random() < _LONGER and len(text) < _LONG:
            text = f"{text[:-1]}{self._draft('more')}."
        return text

    def _with_aside(self, text: str) -> str:
        """Put an aside before what closes a sentence."""
        aside = self.rng.choices(self._asides, cum_weights=self._rates)[0]
        match = _CLOSE.search(text, len(text) // 2)
        at = match.start() if match else len(text)
        return f"{text[:at]} {self._fill(aside)}{text[at:]}"

    def _fill(self, frame: str) -> str:
        return "".join(self._symbol(part) if at % 2 else part for at, part in enumerate(_parts(frame)))

    def _symbol(self, symbol: str) -> str:
        frames = GRAMMAR[self.lang].get(symbol)
        if frames:
            return self._fill(self.rng.choice(frames))
        make = _WORDS[self.lang].get(symbol)
        if make:
            return make(self)
        lower = self._symbol(symbol[0].lower() + symbol[1:])
        return lower[:1].upper() + lower[1:]

    def _set(self, text: str, capital: bool = True) -> str:
        """Settle articles, capitals, quotation marks and spaces."""
        if capital:
            at = _QUOTED.match(text).end()  # type: ignore[union-attr]
            text = text[:at] + text[at : at + 1].upper() + text[at + 1 :]
        text = contracted(text) if self.lang == "fr" else _AN.sub(r"\1n ", text.replace("  ", " "))
        if self._straight:
            for typed, kinds in _TYPED.items():
                for kind in kinds:
                    text = text.replace(kind, typed)
        return typeset(text) if self.lang == "fr" else text

    def word(self, kind: str) -> str:
        """Draw a word of a kind: often one of those that the article keeps to."""
        topic = self._topic.get(kind)
        if topic and self.rng.random() < _ON_TOPIC:
            return self.rng.choice(topic)
        word = drawn(self._words[kind], self.rng)
        return self._compound(word, kind) if self.rng.random() < _COMPOUND else word

    def _compound(self, word: str, kind: str) -> str:
        """Make a rare word of a common one."""
        if kind == "noun" and self.rng.random() < 0.75:
            return word + self.rng.choice(SECOND_PARTS)
        return self.rng.choice(FIRST_PARTS[self.lang].get(kind, ("",))) + word

    def place(self) -> str:
        """Name a place."""
        return self.rng.choice(self._places) if self.rng.random() < 0.7 else drawn(self._known, self.rng)

    def person(self) -> tuple[str, str]:
        """Name a person: given name and family."""
        if self.rng.random() < 0.65:
            return self.rng.choice(self._people)
        return self.rng.choice(self._words["first"]), name(self.rng)

    def noun(self) -> tuple[str, bool]:
        """Draw a French noun, with whether it is feminine."""
        feminine = self.rng.random() < _STRAIGHT
        return self.word("feminine" if feminine else "masculine"), feminine

    def nominal(self, article: str, qualified: bool = False, several_: bool = False) -> str:
        """Write a French noun behind its article, with an adjective now and then."""
        noun, feminine = self.noun()
        article = (
            {"le": "la", "un": "une", "son": "son" if elides(noun) else "sa"}.get(article, article)
            if feminine
            else article
        )
        text = f"{article} {several(noun) if several_ else noun}"
        if qualified or self.rng.random() < 0.25:
            text += f" {agreeing(self.word('adjective'), feminine, several_)}"
        return text


def contracted(text: str) -> str:
    """Join French articles and prepositions to what follows.

    >>> contracted("de le port à le quai, de les îles et le hasard que il aime")
    'du port au quai, des îles et l’hasard qu’il aime'
    """
    text = _JOINED.sub(lambda match: _CONTRACTED[match[0].lower()][match[0][0].isupper()], text)
    return _SPOKEN.sub(lambda match: f"{match[1][:-1] if match[1] != 'que' else 'qu'}’", text)


def typeset(text: str) -> str:
    """Put no-break spaces where French typography has them.

    >>> typeset("« Non » : pourquoi ?").count(chr(0xA0))
    4
    """
    for mark in ":?!;%»":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")


def _stem(verb: str) -> str:
    """Return a French verb less its ending, as the imperfect has it."""
    stem = verb[:-2]
    return f"{stem}e" if stem.endswith("g") else f"{stem[:-1]}ç" if stem.endswith("c") else stem


def _perfect(auxiliary: str) -> Callable[[Author], str]:
    return lambda author: f"{auxiliary} {author.word('verb')[:-2]}é"


def _number(author: Author) -> str:
    return str(int(exp(author.rng.uniform(log(2), log(60)))))


def _year(author: Author) -> str:
    return str(author.rng.randint(*author.rng.choice(((1890, 2024), (1990, 2025), (2010, 2025), (2019, 2025)))))


def _initials(author: Author) -> str:
    return "".join(author.rng.choices("ABCDEFGILMNOPRSTUV", k=author.rng.randint(3, 4)))


_SHARED: Mapping[str, Callable[[Author], str]] = {
    "name": lambda author: author.person()[1],
    "number": _number, "nombre": _number,
    "year": _year, "annee": _year,
    "hundred": lambda author: f"{author.rng.randint(0, 999):03}", "centaine": lambda author: f"{author.rng.randint(0, 999):03}",
    "digit": lambda author: str(author.rng.randint(1, 9)), "chiffre": lambda author: str(author.rng.randint(1, 9)),
    "capitals": _initials, "majuscules": _initials,
    "adjective": lambda author: author.word("adjective"),
    "adverb": lambda author: author.word("adverb"),
    "Institution": lambda author: author.rng.choice(WORDS[author.lang]["institution"]),
}  # fmt: skip

_WORDS: Mapping[str, Mapping[str, Callable[[Author], str]]] = {
    "en": {
        **_SHARED,
        "noun": lambda author: author.word("noun"),
        "nouns": lambda author: plural(author.word("noun")),
        "abstract": lambda author: author.word("abstract"),
        "verb": lambda author: author.word("verb").rstrip("*"),
        "past": lambda author: past(author.word("verb")),
        "going": lambda author: going(author.word("verb")),
        "manner": lambda author: manner(author.word("adjective")),
        "place": Author.place,
        "surname": lambda author: author.person()[1],
        "person": lambda author: " ".join(author.person()),
        "a": lambda author: "a",
        "an": lambda author: "a",
    },
    "fr": {
        **_SHARED,
        "nom": lambda author: author.noun()[0],
        "noms": lambda author: several(author.noun()[0]),
        "le": lambda author: author.nominal("le"),
        "le_qualifie": lambda author: author.nominal("le", qualified=True),
        "un": lambda author: author.nominal("un"),
        "son": lambda author: author.nominal("son"),
        "les": lambda author: author.nominal("les", several_=True),
        "des": lambda author: author.nominal("des", several_=True),
        "a": _perfect("a"),
        "ont": _perfect("ont"),
        "a_vide": lambda author: "a",
        "participe": lambda author: f"{author.word('verb')[:-2]}é",
        "participe_s": lambda author: f"{author.word('verb')[:-2]}és",
        "adjectif_s": lambda author: agreeing(author.word("adjective"), False, True),
        "infinitif": lambda author: author.word("verb"),
        "infinitif_allez": lambda author: f"allez {author.word('verb')}",
        "verbera": lambda author: f"{author.word('verb')}a",
        "verbait": lambda author: f"{_stem(author.word('verb'))}ait",
        "verbait_je": lambda author: f"{_stem(author.word('verb'))}ais",
        "comment": lambda author: author.word("adverb").capitalize(),
        "comment_bas": lambda author: author.word("adverb"),
        "lieu_dit": Author.place,
        "famille": lambda author: author.person()[1],
        "prenom": lambda author: author.person()[0],
    },
}  # fmt: skip


@cache
def _parts(frame: str) -> tuple[str, ...]:
    """Split a frame: text and symbols by turns."""
    return tuple(_SLOT.split(frame))
