"""Invented sentences, by language, between which the tests of proposed rules put noise, and headlines for lists of them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Neutral:
    """Hold two sentences of an invented article, a sentence that quotes something, and three headlines."""

    before: str
    after: str
    quoting: str
    headlines: tuple[str, str, str]


_ENGLISH = Neutral(
    "The bridge opens on Friday after two years of work.",
    "Nobody was hurt while it was built.",
    'Visitors wondered why "{}" stood on the old sign beside the bridge.',
    ("Storm closes the northern harbour", "Council votes on the new library", "Ferry returns after a long winter"),
)
_KNOWN = MappingProxyType(
    {
        "en": _ENGLISH,
        "fr": Neutral(
            "Le pont ouvre vendredi après deux ans de travaux.",
            "Personne n'a été blessé pendant le chantier.",
            "Les visiteurs se demandaient pourquoi « {} » figurait sur le vieux panneau près du pont.",
            (
                "La tempête ferme le port du nord",
                "Le conseil vote la nouvelle bibliothèque",
                "Le bac revient au printemps",
            ),
        ),
        "de": Neutral(
            "Die Brücke öffnet am Freitag nach zwei Jahren Bauzeit.",
            "Verletzt wurde beim Bau niemand.",
            "Besucher fragten sich, warum „{}“ auf dem alten Schild neben der Brücke stand.",
            (
                "Sturm schließt den nördlichen Hafen",
                "Rat stimmt über Bücherei ab",
                "Fähre kehrt nach dem Winter zurück",
            ),
        ),
        "es": Neutral(
            "El puente abre el viernes tras dos años de obras.",
            "Nadie resultó herido durante la construcción.",
            "Los visitantes se preguntaban por qué «{}» figuraba en el viejo cartel junto al puente.",
            ("La tormenta cierra el puerto del norte", "El pleno vota la nueva biblioteca", "El barco vuelve en abril"),
        ),
        "it": Neutral(
            "Il ponte apre venerdì dopo due anni di lavori.",
            "Nessuno è rimasto ferito durante la costruzione.",
            "I visitatori si chiedevano perché «{}» fosse sul vecchio cartello vicino al ponte.",
            (
                "La tempesta chiude il porto del nord",
                "Il consiglio vota la nuova biblioteca",
                "Il traghetto torna in aprile",
            ),
        ),
        "pt": Neutral(
            "A ponte abre na sexta-feira após dois anos de obras.",
            "Ninguém ficou ferido durante a construção.",
            "Os visitantes perguntavam por que “{}” estava na velha placa ao lado da ponte.",
            ("Tempestade fecha o porto do norte", "Câmara vota a nova biblioteca", "Balsa volta depois do inverno"),
        ),
        "nl": Neutral(
            "De brug opent vrijdag na twee jaar werk.",
            "Niemand raakte gewond tijdens de bouw.",
            "Bezoekers vroegen zich af waarom „{}” op het oude bord naast de brug stond.",
            (
                "Storm sluit de noordelijke haven",
                "Raad stemt over nieuwe bibliotheek",
                "Veerboot keert terug na de winter",
            ),
        ),
        "pl": Neutral(
            "Most zostanie otwarty w piątek po dwóch latach prac.",
            "Podczas budowy nikt nie ucierpiał.",
            "Przechodnie pytali, dlaczego „{}” widnieje na starej tablicy obok mostu.",
            ("Sztorm zamyka północny port", "Rada głosuje nad nową biblioteką", "Prom wraca po długiej zimie"),
        ),
        "ru": Neutral(
            "Мост откроется в пятницу после двух лет работ.",
            "Во время строительства никто не пострадал.",
            "Прохожие спрашивали, почему «{}» написано на старой табличке возле моста.",
            ("Шторм закрыл северный порт", "Совет голосует за новую библиотеку", "Паром вернулся после зимы"),
        ),
        "bg": Neutral(
            "Мостът се отваря в петък след две години работа.",
            "Никой не е пострадал по време на строежа.",
            "Минувачите питаха защо „{}“ стои на старата табела до моста.",
            (
                "Буря затвори северното пристанище",
                "Съветът гласува за новата библиотека",
                "Фериботът се завърна след зимата",
            ),
        ),
        "ar": Neutral(
            "يفتح الجسر يوم الجمعة بعد عامين من العمل.",
            "لم يصب أحد أثناء البناء.",
            "تساءل الزوار لماذا كتب «{}» على اللوحة القديمة قرب الجسر.",
            ("العاصفة تغلق الميناء الشمالي", "المجلس يصوت على المكتبة الجديدة", "العبارة تعود بعد شتاء طويل"),
        ),
        "vi": Neutral(
            "Cây cầu mở cửa vào thứ sáu sau hai năm thi công.",
            "Không ai bị thương trong lúc xây dựng.",
            "Du khách hỏi vì sao “{}” được ghi trên tấm biển cũ bên cầu.",
            ("Bão đóng cửa cảng phía bắc", "Hội đồng biểu quyết về thư viện mới", "Phà trở lại sau mùa đông"),
        ),
        "zh": Neutral(
            "这座桥历时两年施工，将于周五通车。",
            "施工期间无人受伤。",
            "游客们问起，桥边旧牌子上的“{}”究竟是什么意思。",
            ("风暴迫使北部港口关闭", "议会就新图书馆进行表决", "渡轮在漫长冬季后恢复运行"),
        ),
        "ja": Neutral(
            "橋は二年間の工事を経て金曜日に開通する。",
            "工事中のけが人はいなかった。",
            "橋のそばの古い看板に「{}」とある理由を見物客は尋ねた。",
            ("嵐で北の港が閉鎖される", "議会が新しい図書館を採決", "長い冬を経て渡し船が再開"),
        ),
    }
)


def neutral(lang: str) -> Neutral:
    """Return the sentences of a language, English ones where there are none."""
    return _KNOWN.get(lang, _ENGLISH)
