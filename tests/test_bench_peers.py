"""The peers: each is complete, is found by its name, and takes what pages and texts there are without harm."""

from __future__ import annotations

import pickle
import socket
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.bench.case import Body, Case
from cleaner.bench.metrics import score_tokens
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers import GROUP, PEERS, find_peer, find_peers, list_offers, registry
from cleaner.bench.peers.given import language
from cleaner.bench.peers.lines import drop_flagged, keep_longest, keep_sentences
from cleaner.bench.peers.ours import host_rules
from cleaner.errors import OptionError
from cleaner.model import Document, Page

BODY = (
    "The old bridge over the river opens again on Friday, two years after the flood that broke its middle arch.",
    "Workers laid the last stone this week, said the mayor, who had promised to walk across first with the children.",
    "It cost nine million in the end, three more than planned, because the ground under the pillars had been washed out.",
    "Buses will use the crossing from Monday, and the ferry that stood in for it makes its last trip on Sunday evening.",
    "Nobody in the town will miss the queue at the landing, yet many came this week to wave at the ferryman once more.",
)
PAGE = f"""<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Bridge opens - The Ferryman</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/jobs">Jobs</a></li></ul></nav>
<article><h1>Bridge opens</h1><p>{BODY[0]} {BODY[1]}</p><p>{BODY[2]} {BODY[3]} {BODY[4]}</p></article>
<footer><a href="/legal">Legal notice</a> <a href="/contact">Contact</a></footer></body></html>"""
DUMP = "\n".join(("Home", "Sport", *BODY, "12 comments", "READ MORE"))
URL = "https://ferryman.example/bridge"
ODD_PAGES: dict[str, str | bytes] = {
    "invented": PAGE,
    "empty": "",
    "blank": " \n",
    "broken": "<html><body><p>The bridge <b>opens <table><tr><p>on Friday</div></script><![CDATA[ <!-- never closed",
    "cut off": PAGE[: len(PAGE) // 2],
    "no markup": BODY[0],
    "nested deeply": f"<html><body>{'<div>' * 2000}<p>{BODY[0]}",
    "many links": "<html><body><ul>" + '<li><a href="/bridge">Bridge</a></li>' * 1000,
    "bytes": PAGE.encode(),
    "bytes of Latin-1": PAGE.replace("utf-8", "iso-8859-1").replace("river", "Röder").encode("latin-1"),
    "declared as XML": f'<?xml version="1.0" encoding="utf-8"?>{PAGE}',
    "Arabic": PAGE.replace("en-GB", "ar").replace(
        BODY[0], "يفتح الجسر القديم من جديد يوم الجمعة بعد عامين من الفيضان. " * 4
    ),
    "Chinese": PAGE.replace("en-GB", "zh-CN").replace(
        BODY[0], "旧桥将于周五重新开放，距离冲垮中间拱的洪水已有两年。" * 4
    ),
    "Japanese": PAGE.replace("en-GB", "ja").replace(BODY[0], "洪水から二年、古い橋は金曜日に再び開通する。" * 4),
    "Korean": PAGE.replace("en-GB", "ko").replace(
        BODY[0], "홍수가 난 지 이 년 만에 낡은 다리가 금요일에 다시 열린다. " * 4
    ),
    "Hindi": PAGE.replace("en-GB", "hi").replace(BODY[0], "बाढ़ के दो साल बाद पुराना पुल शुक्रवार को फिर खुलेगा। " * 4),
    "a language nobody has": PAGE.replace("en-GB", "tlh"),
}
ODD_TEXTS = {
    "invented": DUMP,
    "empty": "",
    "blank": " \n\n ",
    "one word": "Bridge",
    "marks": "{ } \x00 \u202e lorem ipsum",
}

pages = [peer for peer in PEERS if peer.takes == "html"]
texts = [peer for peer in PEERS if peer.takes == "text"]
made: dict[Peer, Extract] = {}


def prepare(peer: Peer) -> Extract:
    """Make a peer once for all tests; skip the test where it is not installed."""
    for name in peer.needs:
        pytest.importorskip(name)
    return made.setdefault(peer, peer.make()) if peer not in made else made[peer]


def answer(peer: Peer, case: Case) -> str | None:
    """Run a peer; None where it raises what a harness catches."""
    extract = prepare(peer)
    try:
        return extract(case)
    except Exception:
        return None


class NetworkUsed(BaseException):
    """Say that a peer went to the network; no library swallows it."""


def a_page(html: str | bytes, lang: str | None = None, held_out: Sequence[str] = ()) -> Case:
    return Case("1", "invented", Page("1", html, URL, lang=lang), Body("\n".join(BODY)), URL, tuple(held_out))


def a_text(text: str, held_out: Sequence[str] = ()) -> Case:
    return Case("1", "invented", Document("1", text, URL), Body("\n".join(BODY)), URL, tuple(held_out))


def name_of(peer: Peer) -> str:
    return f"{peer.name}, {peer.takes}"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise NetworkUsed

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def silent(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


@pytest.mark.parametrize("peer", PEERS, ids=name_of)
def test_an_entry_is_complete_and_travels_to_another_process(peer: Peer) -> None:
    """Each says how it is called and whose versions count, and can be sent to a worker."""
    assert peer.call.strip()
    assert peer.packages
    assert peer.family in ("cleaner", "extractor", "filter", "floor")
    again = pickle.loads(pickle.dumps(peer))
    assert (again.name, again.call, again.packages) == (peer.name, peer.call, peer.packages)


@pytest.mark.parametrize("peer", PEERS, ids=name_of)
def test_the_versions_of_an_installed_peer_are_known(peer: Peer) -> None:
    prepare(peer)
    assert "(not installed)" not in peer.version


@pytest.mark.parametrize("peer", pages, ids=name_of)
def test_a_peer_finds_the_body_of_an_invented_page(peer: Peer, offline: None, silent: None) -> None:
    """It returns nearly the whole body, and more of it than of the rest, without a sound or a look at the network."""
    text = prepare(peer)(a_page(PAGE))
    score = score_tokens("\n".join(BODY), text)
    assert score.recall > 0.95
    assert score.precision > (0.8 if peer.family == "floor" else 0.9)


@pytest.mark.parametrize("html", ODD_PAGES.values(), ids=list(ODD_PAGES))
@pytest.mark.parametrize("peer", pages, ids=name_of)
def test_a_peer_answers_an_odd_page_or_raises(peer: Peer, html: str | bytes, offline: None, silent: None) -> None:
    """Whatever the page, a peer returns text or raises an error that a harness can catch."""
    assert isinstance(answer(peer, a_page(html)), str | None)


@pytest.mark.parametrize("peer", pages, ids=name_of)
def test_bytes_give_what_their_text_gives(peer: Peer) -> None:
    extract = prepare(peer)
    assert extract(a_page(PAGE.encode())) == extract(a_page(PAGE))


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=list(ODD_TEXTS))
@pytest.mark.parametrize("peer", texts, ids=name_of)
def test_a_filter_answers_an_odd_text_or_raises(peer: Peer, text: str, offline: None, silent: None) -> None:
    assert isinstance(answer(peer, a_text(text)), str | None)


@pytest.mark.parametrize("peer", texts, ids=name_of)
def test_a_filter_of_lines_keeps_the_body(peer: Peer, silent: None) -> None:
    """All but those that drop a whole document for its share of noise keep the body of an invented dump."""
    text = prepare(peer)(a_text(DUMP))
    assert text == "" if peer.name == "RefinedWeb" else set(BODY) <= set(text.split("\n"))


def test_identity_returns_the_text_as_it_came() -> None:
    assert find_peer("identity", "text").make()(a_text(DUMP)) == DUMP


@pytest.mark.parametrize("takes", ["html", "text"])
def test_rules_held_out_are_not_used(takes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that names rules is cleaned without them, and the next one with them again."""
    from cleaner.clean import Cleaner

    text = "\n".join((*BODY[:2], "Advertisement", *BODY[2:]))
    guilty = tuple({rule for cut in Cleaner().clean(text, url=URL).cuts for rule in cut.rules})
    assert guilty
    page = PAGE.replace(f"<p>{BODY[2]}", f"<p>Advertisement</p><p>{BODY[2]}")
    kind, source = (a_page, page) if takes == "html" else (a_text, text)
    extract = find_peer("cleaner", takes).make()  # type: ignore[arg-type]
    whole = extract(kind(source))
    assert "Advertisement" not in whole
    if takes == "text":
        assert "Advertisement" in extract(kind(source, held_out=guilty))
    assert extract(kind(source, held_out=guilty)) == extract(kind(source, held_out=guilty))
    assert extract(kind(source)) == whole


def test_a_peer_says_when_it_is_given_the_other_surface() -> None:
    with pytest.raises(TypeError, match="takes texts"):
        find_peer("identity", "text").make()(a_page(PAGE))
    with pytest.raises(TypeError, match="takes pages"):
        find_peer("cleaner", "html").make()(a_text(DUMP))


@pytest.mark.parametrize(
    ("html", "lang", "found"),
    [
        (PAGE, None, "en"),
        (PAGE, "de-AT", "de"),
        ("<HTML dir=rtl LANG=ar>", None, "ar"),
        ("<html lang='zh-Hans'>", None, "zh"),
        ("<html data-lang-set>", None, ""),
        ("<p lang=de>", None, ""),
        ("<p>Bridge " + "旧桥将于周五重新开放。" * 30, None, "zh"),
        ("<p>" + "يفتح الجسر القديم من جديد يوم الجمعة. " * 30, None, ""),
        ("<p>" + "Über den Fluß führt größtenteils die Brücke. " * 99, None, ""),
    ],
)
def test_the_language_is_the_sets_or_the_pages(html: str, lang: str | None, found: str) -> None:
    assert language(a_page(html, lang), html) == found


# the registry


def test_a_name_means_the_peer_on_all_surfaces() -> None:
    assert [(peer.name, peer.takes) for peer in find_peers(["cleaner", "identity"])] == [
        ("cleaner", "html"),
        ("cleaner", "text"),
        ("identity", "text"),
    ]
    assert find_peers(["identity", "identity"]) == find_peers(["identity"])
    assert find_peers() == list(PEERS)


def test_names_stand_once_for_each_surface() -> None:
    assert len({(peer.name, peer.takes) for peer in PEERS}) == len(PEERS)


def test_an_unknown_name_is_answered_with_close_ones_and_all() -> None:
    with pytest.raises(
        OptionError, match=r"no peer is called 'trafilatur'.*'trafilatura'.*There are.*jusText.*MODULE:NAME"
    ):
        find_peers(["trafilatur"])


def test_a_peer_takes_no_other_surface() -> None:
    with pytest.raises(OptionError, match="'identity' takes no html"):
        find_peer("identity", "html")


MODULE = """
from cleaner.bench.peer import Peer
def make():
    return lambda case: case.input.text.upper()
SHOUT = Peer("shout", "filter", "text", make, "text.upper()")
BOTH = [SHOUT, Peer("whisper", "filter", "text", make, "text.lower()")]
OURS = Peer("identity", "filter", "text", make, "another of this name")
NOTHING = 7
EXTRACTS = Peer("extracts", "mine", "html", make, "of a family of its own")
READS = Peer("reads", "floor", "page", make, "takes what nobody gives")
MADE = Peer("made", "floor", "html", 3, "is not made")
PACKED = Peer("packed", "floor", "html", make, "names one package", packages=("lxml"))
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "my_own_peers.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    yield "my_own_peers"
    sys.modules.pop("my_own_peers", None)


def test_a_module_in_the_folder_names_peers_of_its_own(module: str) -> None:
    """One peer, or several, beside those that are known by their names."""
    assert [peer.name for peer in find_peers([f"{module}:BOTH", "cleaner"])] == [
        "shout",
        "whisper",
        "cleaner",
        "cleaner",
    ]
    assert find_peers([f"{module}:SHOUT"])[0].make()(a_text("bridge")) == "BRIDGE"


def test_peers_are_listed_by_their_names(module: str) -> None:
    """Before a run one can look at a peer of one's own, and at no others."""
    found = [(offer.peer.name, offer.origin) for offer in list_offers(["identity", f"{module}:SHOUT"])]
    assert found == [("identity", "cleaner"), ("shout", f"{module}:SHOUT")]


def test_two_peers_of_one_name_are_refused(module: str) -> None:
    with pytest.raises(OptionError, match="two peers that take text are called 'identity'"):
        find_peers(["identity", f"{module}:OURS"])
    assert find_peers([f"{module}:OURS"])[0].call == "another of this name"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("NOTHING", "is a int, and no Peer"),
        ("ABSENT", "names no peer: .*ABSENT"),
        ("", "names no peer"),
        ("EXTRACTS", "`family` is 'mine'; it is one of cleaner, extractor, filter, floor"),
        ("READS", "`takes` is 'page'; it is one of html, text"),
        ("MADE", "`make` is a int; it is a function"),
        ("PACKED", "`packages` is a str; write a tuple"),
    ],
)
def test_what_is_no_peer_is_refused(module: str, name: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        find_peers([f"{module}:{name}"])


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def make(:", "SyntaxError"),
        ("model = nowhere", "NameError: .*nowhere"),
        ("raise SystemExit(4)", "SystemExit: 4"),
    ],
)
def test_a_module_that_fails_is_refused(module: str, code: str, says: str) -> None:
    """What is wrong in a module of one's own is told in one line."""
    Path("faulty_peers.py").write_text(code, encoding="utf-8")
    with pytest.raises(OptionError, match=f"its module fails with {says}"):
        find_peers(["faulty_peers:PEER"])


def test_a_module_that_is_not_there_is_refused(module: str) -> None:
    with pytest.raises(OptionError, match="no_such_module"):
        find_peers(["no_such_module:PEER"])


@pytest.fixture
def entry(module: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    entries: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: entries if group == GROUP else [])
    registry._installed.cache_clear()
    yield entries
    registry._installed.cache_clear()


def test_peers_of_other_packages_are_listed_with_their_origin_and_found_by_name(entry: list[EntryPoint]) -> None:
    entry.append(EntryPoint("loud", "my_own_peers:BOTH", GROUP))
    assert [(offer.peer.name, offer.origin) for offer in list_offers()][-2:] == [
        ("shout", "my_own_peers:BOTH"),
        ("whisper", "my_own_peers:BOTH"),
    ]
    assert [peer.name for peer in find_peers(["whisper"])] == ["whisper"]
    assert "whisper" not in {peer.name for peer in find_peers()}


def test_a_package_that_offers_what_cannot_be_loaded_is_named(entry: list[EntryPoint]) -> None:
    entry.append(EntryPoint("broken", "my_own_peers:ABSENT", GROUP))
    assert find_peers(["identity"])
    with pytest.raises(OptionError, match=r"my_own_peers:ABSENT.*AttributeError"):
        find_peers(["whisper"])


# lines


@pytest.mark.parametrize(
    "line",
    [
        "READ THE WHOLE STORY HERE",
        "12.11.2025",
        "3 likes",
        "1,204 Views",
        "Sport",
        "Sign-in to read on",
        "The storm: read more",
        "2 items in cart",
    ],
)
def test_refinedweb_flags_a_line(line: str) -> None:
    assert drop_flagged(f"{BODY[0]}\n{line}", rejects=False) == BODY[0]


@pytest.mark.parametrize(
    "line",
    [
        "In 2025 the bridge had 3 likes.",
        "يفتح الجسر القديم من جديد",
        "旧桥将于周五重新开放",
        "Friday, said the mayor",
    ],
)
def test_refinedweb_leaves_a_line(line: str) -> None:
    assert drop_flagged(f"{BODY[0]}\n{line}", rejects=False) == f"{BODY[0]}\n{line}"


def test_refinedweb_drops_a_document_with_over_five_percent_of_flagged_words() -> None:
    words = "one two three four five six seven eight nine ten"
    kept = "\n".join([words] * 9 + [" ".join(words.split()[:5])])
    assert drop_flagged(f"{kept}\n3 likes\n4 likes") == kept
    assert drop_flagged(f"{kept}\n3 likes\n4 likes\n5 likes") == ""


@given(st.lists(st.sampled_from([*BODY, "Home", "", "3 likes", "SPORT", "大桥将于周五重新开放。"])).map("\n".join))
def test_line_filters_take_lines_away_and_change_none(text: str) -> None:
    """What is left are lines of the text, in their order; a second pass of what judges lines alone takes nothing more."""
    for keep in (keep_sentences, keep_longest, lambda text: drop_flagged(text, rejects=False)):
        left = iter(text.split("\n"))
        assert all(line in left for line in keep(text).split("\n") if line)
    assert keep_sentences(keep_sentences(text)) == keep_sentences(text)


def test_the_steps_of_the_ablation_are_peers() -> None:
    """The steps by which `benchmarks` takes the extraction apart can be named like any peer, and do more and more."""
    steps = find_peers(["benchmarks.configurations:STEPS"])
    assert [peer.name for peer in steps] == [
        "1 parsed", "2 pruned", "3 longer", "4 gaps", "5 lead", "cleaner without hosts",
    ]  # fmt: skip
    assert score_tokens("\n".join(BODY), steps[0].make()(a_page(PAGE))).recall > 0.95
    assert "no rule and no opinion" in steps[0].call
    assert "opinions unpruned, longer, rescue)" in steps[2].call


def test_trafilatura_is_timed_with_metadata_too() -> None:
    """What `benchmarks` sets beside ours for CPU time returns the same text as the peer without metadata."""
    for peer in find_peers(["benchmarks.configurations:WITH_METADATA"]):
        plain = find_peer(peer.name.removesuffix(" with metadata"), "html")
        assert peer.make()(a_page(PAGE)) == plain.make()(a_page(PAGE)) != ""


def test_host_rules_are_those_of_the_host_folders() -> None:
    """What is left out as bound to hosts stands in `hosts/` or `networks/`, and something does."""
    left_out = host_rules()
    assert "daily8.tail" in left_out
    assert not [rule for rule in left_out if rule.startswith("generic.")]
