"""From bytes to a tree: the right encoding, nothing lost silently, nothing raised, and a limit in time."""

from __future__ import annotations

import gzip
import random
import re
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cleaner.deadline import Overdue, deadline
from cleaner.html.decode import decode, name_encoding
from cleaner.html.parse import Parsed, parse
from cleaner.html.tame import MAX_ATTRIBUTES, MAX_DEPTH, tame

RUSSIAN = "Мост откроют в пятницу после двух лет работ на обоих берегах реки, сообщил мэр города в понедельник. "
GREEK = "Η γέφυρα ανοίγει την Παρασκευή μετά από δύο χρόνια εργασιών στις δύο όχθες, είπε ο δήμαρχος. "
POLISH = "Most zostanie otwarty w piątek po dwóch latach prac na obu brzegach rzeki, ogłosił burmistrz; ludzie są źli. "
GERMAN = "Die Brücke öffnet am Freitag nach zwei Jahren Bauzeit an beiden Ufern, sagte der Bürgermeister für alle. "
CHINESE = "经过两年的施工，这座大桥将于星期五开放，市长星期一表示。工程耗资九百万，是原计划的两倍。"
JAPANESE = "二年間の工事を経て、橋は金曜日に開通すると市長が月曜日に発表した。費用は九百万で、予定の二倍だった。"
KOREAN = "다리는 이 년간의 공사 끝에 금요일에 개통된다고 시장이 월요일에 밝혔다. 비용은 구백만으로 계획의 두 배였다. "
ARABIC = "سيفتح الجسر يوم الجمعة بعد عامين من العمل على ضفتي النهر كما قال رئيس البلدية يوم الاثنين. "
TONGUES = [
    ("cp1251", RUSSIAN), ("koi8-r", RUSSIAN), ("cp1253", GREEK), ("iso8859-2", POLISH), ("cp1252", GERMAN),
    ("gb18030", CHINESE), ("cp950", "經過兩年的施工，這座大橋將於星期五開放，市長星期一表示。"), ("cp932", JAPANESE),
    ("euc_jp", JAPANESE), ("cp949", KOREAN), ("cp1256", ARABIC),
]  # fmt: skip


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}<title>t</title></head><body>{body}</body></html>"


def text_of(parsed: Parsed) -> str:
    return "" if parsed.root is None else "".join(parsed.root.itertext())


def words(parsed: Parsed) -> list[str]:
    return re.findall(r"[\w-]+", "" if parsed.root is None else " ".join(parsed.root.itertext()))


# --- bytes to text


@pytest.mark.parametrize(("encoding", "text"), TONGUES)
def test_content_tells_the_encoding(encoding: str, text: str) -> None:
    """Where nothing is declared the bytes tell."""
    html = page("".join(f"<p>{text * 2}</p>" for _ in range(6)))
    found = decode(html.encode(encoding))
    assert (found.text, found.flags) == (html, ())


@pytest.mark.parametrize(("encoding", "text"), [pair for pair in TONGUES if pair[0] not in ("cp1252", "iso8859-2")])
def test_a_western_declaration_does_not_make_letters_noise(encoding: str, text: str) -> None:
    """A page of another script that calls itself Western is read by its content, and flagged."""
    html = page("".join(f"<p>{text * 2}</p>" for _ in range(6)), '<meta charset="iso-8859-1">')
    found = decode(html.encode(encoding))
    assert found.text == html
    assert found.flags == (f"html:encoding declared iso-8859-1, read as {found.encoding}",)


def test_declared_encoding_is_believed_where_it_fits() -> None:
    """Header and meta are read as browsers read their labels, the header first."""
    html = page("<p>„Łódź” – wieś</p>", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">')
    assert decode(html.encode("cp1250")).text == html
    assert decode(html.encode("cp1250")).flags == ()
    short = "<p>d’été – “oui”</p>"
    assert decode(short.encode("cp1252"), "ISO-8859-1").text == short
    assert decode("<p>Łódź</p>".encode("iso8859-2"), "latin2").text == "<p>Łódź</p>"


def test_utf8_wins_over_any_declaration() -> None:
    """Valid UTF-8 with foreign letters is UTF-8, whatever header and page say."""
    html = page("<p>Été à Łódź</p>", '<meta charset="gb2312">')
    found = decode(html.encode(), "windows-1251")
    assert (found.text, found.encoding) == (html, "utf-8")
    assert found.flags == ("html:encoding declared windows-1251, read as utf-8",)


def test_ascii_agrees_with_every_declaration() -> None:
    """A page of ASCII alone contradicts nothing."""
    assert decode(b"<p>plain</p>", "gbk").flags == ()


def test_few_damaged_bytes_leave_utf8_in_place() -> None:
    """A page that was UTF-8 before a few bytes broke stays UTF-8; what was replaced is counted."""
    raw = page(f"<p>{RUSSIAN * 5}</p>").encode() + b"\xd0"
    found = decode(raw, "utf-8")
    assert (found.encoding, found.flags) == ("utf-8", ("html:encoding replaced 1",))
    assert RUSSIAN in found.text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_and_marks(encoding: str) -> None:
    """Byte order marks are evidence and no text; UTF-16 is known without one."""
    html = page(f"<p>{GREEK}</p>")
    assert decode(html.encode(encoding)).text == html


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstandard.compress])
def test_compressed_bytes_are_unpacked(pack) -> None:  # type: ignore[no-untyped-def]
    """A body that was stored as it travelled is unpacked, and flagged; a truncated one gives what is there."""
    html = page("".join(f"<p>{number} {GERMAN}</p>" for number in range(400)))
    found = decode(pack(html.encode()))
    assert found.text == html
    assert [flag.split()[0] for flag in found.flags] == ["html:compressed"]


def test_truncated_gzip_gives_its_beginning() -> None:
    """What can be unpacked counts, and a flag says that it is not all."""
    raw = gzip.compress(random.Random(3).randbytes(9_000).hex().encode())
    found = decode(raw[: len(raw) // 2])
    assert len(found.text) > 1_000
    assert "html:compressed gzip, cut short" in found.flags


@pytest.mark.parametrize(
    ("raw", "what"),
    [(b"%PDF-1.7\n%\xe2\xe3", "pdf"), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"), (b"PK\x03\x04\x14\0\0\0", "zip"),
     (b"GIF89a\x01", "gif"), (b"\0\0\0\x18ftypmp42", "mp4"), (bytes(range(32)) * 40, "binary")],
)  # fmt: skip
def test_binary_files_are_no_pages(raw: bytes, what: str) -> None:
    """What is no text gives none, and says what it seems to be."""
    assert decode(raw) == decode(raw, "utf-8")
    assert (decode(raw).text, decode(raw).flags) == ("", (f"html:not-html {what}",))


def test_labels_mean_what_browsers_take_them_for() -> None:
    """The usual mislabellings are read as the wider encoding."""
    labels = [
        "iso-8859-1",
        "us-ascii",
        "gb2312",
        "gbk",
        "shift_jis",
        "euc-kr",
        "big5",
        "latin5",
        " UTF8 ",
        "base64",
        "x",
    ]
    assert [name_encoding(label) for label in labels] == [
        "cp1252", "cp1252", "gb18030", "gb18030", "cp932", "cp949", "cp950", "cp1254", "utf-8", None, None,
    ]  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=400), st.none() | st.text(max_size=12) | st.sampled_from(["utf-16", "gbk", "rot13", "idna"]))
def test_decoding_never_raises(raw: bytes, charset: str | None) -> None:
    """Any bytes under any label give text that can be encoded."""
    for some in (raw, b"\x1f\x8b\x08" + raw, b"\x78\x9c" + raw, b"<meta charset=" + raw):
        decode(some, charset).text.encode()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_utf8_comes_back(text: str) -> None:
    """Text in UTF-8 is read as it was written."""
    html = "<p>" + text.removeprefix("\ufeff") + "é</p>"
    assert decode(html.encode()).text == html


# --- text to tree

SAMPLE = "<p>A</p>{}<p>END</p>"


@pytest.mark.parametrize("levels", [300, 3_000, 40_000])
@pytest.mark.parametrize("tag", ["div", "b", "ul", "table", "x-y"])
def test_deep_nesting_keeps_all_text_in_order(levels: int, tag: str) -> None:
    """Beyond the depth that parsers bear, elements become siblings; no word is lost or moved."""
    html = SAMPLE.format("".join(f"<{tag}>w{n} " for n in range(levels)) + f"</{tag}>z " * levels)
    found = parse(html)
    assert words(found) == ["A", *(f"w{n}" for n in range(levels)), *["z"] * levels, "END"]
    assert found.flags == ("html:nested",)
    assert max(len(list(element.iterancestors())) for element in list(found.root.iter())[-50:]) < MAX_DEPTH + 60


def test_nested_page_is_fit_for_trafilatura() -> None:
    """An article 300 levels deep is extracted whole."""
    from trafilatura import bare_extraction

    lines = [f"The bridge opens on Friday after {n} years of work on both banks, the mayor said." for n in range(9)]
    html = page("<div>" * 300 + "".join(f"<p>{line}</p>" for line in lines) + "</div>" * 300)
    assert bare_extraction(parse(html).root, include_comments=False).text == "\n".join(lines)


@pytest.mark.parametrize(
    "middle",
    ["<p>{}</p>", "<script>{}</script>", "<!--{}-->", '<p title="{}">', "<style>{}</style>"],
)
def test_texts_over_ten_megabytes_lose_nothing_behind_them(middle: str) -> None:
    """What follows a huge text, script, comment or attribute is in the tree, and a flag says so."""
    found = parse(SAMPLE.format(middle.format("x " * 5_200_000)))
    assert (text_of(found)[-3:], found.flags) == ("END", ("html:huge-text",))


@pytest.mark.parametrize(
    ("middle", "what"),
    [("<!-- b ", "comment"), ("<script> b ", "script"), ("<style> b ", "style"), ("<title>b ", "title"),
     ("<textarea>b ", "textarea"), ("<plaintext>b ", "plaintext"), ('<a href="b>', "attribute"),
     ("<iframe>b ", "iframe")],
)  # fmt: skip
def test_what_is_never_closed_does_not_swallow_the_page(middle: str, what: str) -> None:
    """Text behind an unclosed construct is recovered as paragraphs, and flagged."""
    found = parse(SAMPLE.format(middle))
    assert [p.text for p in found.root.iter("p")] == ["A", "END"]
    assert found.flags == (f"html:unclosed {what}",)


def test_a_page_cut_within_a_tag_says_so() -> None:
    """The broken tag goes, what stands before it stays."""
    found = parse('<p>A</p><p>END</p><a href="https://x.ex')
    assert (text_of(found), found.flags) == ("AEND", ("html:unclosed tag",))


def test_text_behind_the_end_of_html_is_kept() -> None:
    """What follows `</html>`, and a second document, belong to the body, as in browsers."""
    found = parse("<html><body><p>A</p></body></html>\n<p>B</p><html><body><p>C</p></body></html>end")
    assert [element.tag for element in found.root] == ["body"]
    assert (text_of(found).split(), found.flags) == (["ABCend"], ())


def test_entities_of_the_page_are_never_expanded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Neither a bomb nor an external entity expands; the definitions leave no text, but a flag."""
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    subset = (
        f'[<!ENTITY e0 "lol">{bomb}<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "http://x.example/d">%p;]'
    )
    for head in (f"<!DOCTYPE html {subset}>", f'<?xml version="1.0" encoding="utf-8"?>\n<!doctype html {subset} >'):
        found = parse(f"{head}<p>A &e9; &x; END</p>")
        assert (text_of(found), found.flags) == ("A &e9; &x; END", ("html:entities",))
    assert text_of(parse(f'<!DOCTYPE html SYSTEM "{secret.as_uri()}"><p>A &x;')) == "A &x;"


def test_characters_that_no_tree_may_hold_are_counted() -> None:
    """NULs, controls, lone surrogates and non-characters go, raw or as references; the tree can be edited."""
    found = parse("<p title='\x01'>E\0N\x0bD&#0;&#x1;&#31;&#xb; \ud800\uffff \ud83d\ude00&#128;&#10;</p>")
    assert found.root.find(".//p").text == "END \ufffd 😀€\n"
    assert found.flags == ("html:control-characters 9",)
    for element in found.root.iter():
        element.text = element.text


@pytest.mark.parametrize(
    "head",
    ['<?xml version="1.0" encoding="iso-8859-1"?>', "\ufeff", '<meta charset="gb2312">',
     "<meta http-equiv='content-type' content='text/html; charset=koi8-r'>"],
)  # fmt: skip
def test_declarations_inside_text_change_nothing(head: str) -> None:
    """A text is decoded already: what it says about its encoding is not applied again."""
    found = parse(f"{head}<p>Été 漢字</p>")
    assert (text_of(found), found.flags) == ("Été 漢字", ())


@pytest.mark.parametrize(("end", "flags"), [("<", ()), ("</", ("html:unclosed tag",)), ("<!", ("html:unclosed tag",))])
def test_a_page_may_end_in_a_bracket(end: str, flags: tuple[str, ...]) -> None:
    """The last bracket of a truncated page costs nothing but itself."""
    found = parse(f"<p>A</p><p>END {end}")
    assert (words(found), found.flags) == (["A", "END"], flags)


def test_a_script_within_a_commented_script_does_not_swallow_the_page() -> None:
    """Where a parser waits for a second end tag that never comes, the text behind is recovered."""
    found = parse(SAMPLE.format("<script><!-- <script>x</script><p>B</p>"))
    assert [p.text for p in found.root.iter("p")] == ["A", "B", "END"]


def test_cdata_is_text_outside_scripts() -> None:
    """The content of CDATA sections is kept; in scripts nothing is touched."""
    found = parse(SAMPLE.format("<![CDATA[ x <p>B</p> ]]> y"))
    assert (words(found), found.flags) == (["A", "x", "B", "y", "END"], ("html:cdata",))
    script = "<script>//<![CDATA[\nif (a < b) f()\n//]]></script>"
    found = parse(SAMPLE.format(script))
    assert (found.root.find(".//script").text, found.flags) == ("//<![CDATA[\nif (a < b) f()\n//]]>", ())


@pytest.mark.parametrize(
    ("middle", "shown"),
    [("<!-- <p>no</p> <script> -->", "AEND"), ("<noscript><p>B</p></noscript>", "ABEND"),
     ("<template><p>B</p></template>", "ABEND"), ('<base href="https://x.example/">', "AEND"),
     ("<?php echo '<p>' ?>", "A' ?>END"), ("<script>'<!--<p>B</p>-->'</script>", "A'<!--<p>B</p>-->'END"),
     ("<table><tr><td>B<p>C</table>", "ABCEND"), ("<select><option>B</select>", "ABEND")],
)  # fmt: skip
def test_ordinary_recovery_is_not_flagged(middle: str, shown: str) -> None:
    """Comments go, the rest stays where it is, and nothing is said about what every parser does."""
    assert (text_of(found := parse(SAMPLE.format(middle))), found.flags) == (shown, ())
    assert not list(found.root.iter(etree.Comment, etree.PI))


def test_storms_are_bounded() -> None:
    """Millions of nodes or attributes do not keep the parser busy; what was cut is flagged."""
    found = parse("<p>A" * 400_000)
    assert found.flags == ("html:cut-short",)
    crowd = " ".join(f"a{n}=1" for n in range(200_000))
    found = parse(SAMPLE.format(f"<p {crowd}>B</p>"))
    assert (words(found), found.flags) == (["A", "B", "END"], ("html:attributes",))
    assert max(len(element.attrib) for element in found.root.iter()) == MAX_ATTRIBUTES
    for storm in ("<", "<!--", '<a ="', "<script>", "</p>", "<a ", "<![CDATA[", "&#"):
        parse(storm * 30_000 + "END")


def test_empty_pages_have_no_tree() -> None:
    """Nothing in, nothing out; a fragment and plain text get a root all the same."""
    assert [parse(text) for text in ("", " \n", "<html></html>", "<!-- a -->")] == [Parsed(None)] * 4
    assert parse("<p>A").root.tag == "html"
    assert (text_of(parse("no markup")), parse("no markup").flags) == ("no markup", ("html:no-markup",))


@settings(deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<div ", ">", "<!--", "-->", '="', "'", "<script>", "</script", "<title>", "<![CDATA[", "]]>",
             "&#0;", "&#x", "\0", "\ud800", "</html>", "<body>", "<plaintext>", "<svg/>", "<!DOCTYPE [", "<?", "word "]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_parsing_never_raises(text: str) -> None:
    """Any text gives a tree, or none, that can be written out; rewriting it never raises either."""
    root = parse(text).root
    if root is not None:
        etree.tostring(root)
        assert root.getnext() is None
    tame(text)


_WORDS = st.lists(st.sampled_from(["river", "bridge", "mayor", "stone"]), min_size=1, max_size=4).map(" ".join)
_TREE = st.recursive(
    _WORDS,
    lambda inner: st.tuples(
        st.sampled_from(["div", "section", "span", "b", "ul", "td", "p"]), st.lists(inner, min_size=1, max_size=4)
    ).map(lambda pair: f"<{pair[0]} class='x>y'>{' '.join(pair[1])}</{pair[0]}>"),
)


@settings(deadline=None)
@given(_TREE, st.integers(0, 400))
def test_taming_keeps_every_word(html: str, levels: int) -> None:
    """The slow way holds the words of the fast way, in order, however deep the page stands."""
    shallow = words(parse(html))
    deep = "<div>" * levels + html + "</div>" * levels
    assert words(parse(deep)) == shallow
    assert words(parse(tame(deep).html)) == shallow


# --- deadlines


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(50))


def overdue(seconds: float | None, work: float) -> bool:
    try:
        with deadline(seconds):
            spin(work)
    except Overdue:
        return True
    return False


@pytest.mark.parametrize("thread", [False, True])
def test_deadline_ends_the_block_and_the_worker_goes_on(thread: bool) -> None:
    """A block that runs too long ends with `Overdue`, in the main thread and in others; the next one is not touched."""
    jobs = [(0.05, 30.0), (30.0, 0.0), (0.05, 30.0), (None, 0.01), (30.0, 0.2)]
    if thread:
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda job: overdue(*job), jobs))
    else:
        found = [overdue(*job) for job in jobs]
    assert found == [True, False, True, False, False]
    spin(0.3)


@pytest.mark.parametrize("thread", [False, True])
def test_deadlines_nest(thread: bool) -> None:
    """The deadline that is over first ends its own block, the outer one goes on counting."""

    def nested() -> list[str]:
        seen = []
        try:
            with deadline(0.4):
                seen.append("inner overdue" if overdue(0.05, 30) else "inner done")
                seen.append("inner overdue" if overdue(30, 0) else "inner done")
                spin(30)
        except Overdue:
            seen.append("outer overdue")
        return seen

    expected = ["inner overdue", "inner done", "outer overdue"]
    if thread:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(nested).result() == expected
    else:
        assert nested() == expected


@pytest.mark.parametrize("thread", [False, True])
def test_code_that_swallows_exceptions_is_ended_all_the_same(thread: bool) -> None:
    """`Overdue` is raised again until the block is left."""

    def careless() -> int:
        swallowed = 0
        try:
            with deadline(0.05):
                while swallowed < 3:
                    try:
                        spin(30)
                    except Exception:
                        swallowed += 1
                spin(30)
        except Overdue:
            return swallowed
        return -1

    if thread:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(careless).result() == 3
    else:
        assert careless() == 3


def test_nothing_fires_after_the_block() -> None:
    """Blocks that end about when their time is over raise inside or not at all."""

    def close_calls() -> None:
        for _ in range(150):
            overdue(0.002, 0.002)
        spin(0.15)

    close_calls()
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            close_calls()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []


TRACED_AFTER_A_LATE_BLOCK = """
import sys, threading, time
from cleaner.deadline import Overdue, deadline

def late():
    for _ in range(20):
        try:
            with deadline(0.001):
                time.sleep(0.003)  # over before the block is left, and told or not yet
        except Overdue:
            pass

worker = threading.Thread(target=late)
worker.start()
worker.join()
sys.settrace(lambda *_: None)
print(sum(int(str(number)) for number in range(10)))
"""


def test_late_blocks_leave_the_interpreter_as_it_was() -> None:
    """After blocks of a thread that ended late a trace function still works; a flag left up would halt it for ever."""
    command = [sys.executable, "-c", TRACED_AFTER_A_LATE_BLOCK]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "45\n"
