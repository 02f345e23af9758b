"""The playground over HTTP, through its door: every call, and what must not get in, get out, or hold others up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cleaner import load_rules, write_compiled
from cleaner.io.inputs import find_inputs
from cleaner.serve.desk import Setting
from cleaner.serve.playground import Playground, build
from tests.test_serve_desk import AD, PAGE, TEXT, letter, write_records

TOKEN = "a-token-that-is-long-enough"
HOST = "127.0.0.1:8417"
SLOW = """\
rules:
  - id: own.slow
    class: ad
    why: A pattern that takes for ever on one long line.
    span: {re: "Advert(?:a|aa)+(?P<cut>b)X"}
    tests: [{in: "One AdvertabX", out: "One AdvertaX"}, {keep: Two}]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("playground")
    (place / "base.yaml").write_text(AD)
    write_compiled(load_rules([place / "base.yaml"]), place / "base.rules")
    rows: list[dict[str, Any]] = [{"id": f"d{n}", "text": TEXT} for n in range(5)]
    write_records(place, [*rows, {"id": "page", "html": PAGE}, {"id": "half", "text": f"\ud800\0 {TEXT}"}])
    (place / "own").mkdir()
    return place.resolve()


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    """Serve one playground to all tests: its processes take a while to start."""
    inputs = tuple(find_inputs([str(place / "news.jsonl")]))
    playground = Playground(
        Setting(rules=(str(place / "base.rules"),), save=str(place / "own"), inputs=inputs, open="d1"), seconds=60.0
    )
    app = build(playground, hosts={HOST}, token=TOKEN, most_bytes=3_000_000)
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as client:
        yield client


def get(client: TestClient, path: str, **more: Any) -> Any:
    return client.get(f"/{TOKEN}/{path}", **more)


def post(client: TestClient, path: str, body: Any, status: int = 200) -> Any:
    answer = client.post(f"/{TOKEN}/api/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestCalls:
    def test_the_page_waits_for_nothing(self, client: TestClient) -> None:
        """The page and its files come with their types, and every file that the page names is one of them."""
        page = get(client, "")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        named = set(re.findall(r'static/([\w.-]+)"', page.text))
        assert named
        for name in named:
            answer = get(client, f"static/{name}")
            assert answer.status_code == 200
            assert not answer.headers["content-type"].startswith("text/html")

    def test_the_start(self, client: TestClient) -> None:
        """The page learns what there is, and in time that the sample is ready."""
        told = get(client, "api/start").json()
        assert (told["open"], told["rules"], told["save"]["why_not"]) == ("d1", 2, None)
        assert told["limits"] == {"bytes": 32_000_000, "seconds": 60.0}
        assert get(client, "api/schema").json()["title"] == "cleaner rule file"
        for _ in range(600):
            if (corpus := get(client, "api/start").json()["corpus"])["ready"]:
                break
            post(client, "check", {"draft": letter()})
        assert (corpus["documents"], corpus["ready"]) == (7, True)

    def test_documents(self, client: TestClient) -> None:
        """They are listed, searched, and given one by one."""
        assert [card["id"] for card in get(client, "api/documents").json()["documents"]][:2] == ["d0", "d1"]
        found = get(client, "api/documents", params={"find": "join our list"}).json()
        assert ([card["id"] for card in found["documents"]], found["more"]) == (["page"], False)
        assert get(client, "api/document", params={"id": "page"}).json()["html"] == PAGE
        assert get(client, "api/document", params={"id": "nope"}).status_code == 404
        assert get(client, "api/document").status_code == 422
        assert get(client, "api/documents", params={"after": "-1"}).status_code == 422

    def test_a_document_by_its_id_or_as_it_is(self, client: TestClient) -> None:
        """A document is cleaned as it is sent, or as it was read where only its id is sent."""
        sent = post(client, "clean", {"document": {"id": "d1", "text": TEXT}})
        assert post(client, "clean", {"document": {"id": "d1"}}) == sent
        assert post(client, "clean", {"document": {"id": "nope"}}, 404)["error"]["message"]

    def test_the_whole_path(self, client: TestClient, place: Path) -> None:
        """Select, propose, check, test, compare, save, and see that it is the set now."""
        document = {"id": "d1", "text": TEXT}
        start = TEXT.index("Join our letter now")
        at = {"at": TEXT.index("\n", TEXT.index("Advertisement")), "shown": 0}
        at["shown"] = start - at["at"]
        proposed = post(client, "propose", {"document": document, "from": at, "to": {**at, "shown": at["shown"] + 19}})
        assert proposed["why_not"] is None
        exact = [one for one in proposed["proposals"] if one["exact"]]
        draft = {"text": exact[0]["text"]}
        assert post(client, "check", {"draft": draft})["ok"]
        assert post(client, "test", {"draft": draft})["failed"] == 0
        told = post(client, "clean", {"document": document, "draft": draft})
        assert [piece["text"] for piece in told["changes"]["cut"]] == ["Join our letter now"]
        compared = post(client, "compare", {"draft": draft})
        assert (compared["documents"], compared["changed"]) == (7, 6)
        saved = post(client, "save", {"draft": draft, "file": "mine.yaml", "digest": None})
        (name,) = saved["rules"]
        assert (place / "own" / "mine.yaml").is_file()
        assert get(client, "api/start").json()["save"]["files"] == ["mine.yaml"]
        assert post(client, "clean", {"document": document})["rules"][name]["own"]
        assert post(client, "compare", {"draft": draft})["changed"] == 0
        opened = get(client, "api/rule", params={"id": name}).json()
        assert (opened["own"], opened["digest"]) == (True, saved["digest"])
        assert [rule["id"] for rule in get(client, "api/rules", params={"find": name}).json()["rules"]] == [name]
        refused = post(client, "save", {"draft": draft, "file": "mine.yaml", "digest": "0"}, 409)
        assert "has changed" in refused["error"]["message"]

    def test_errors_say_where(self, client: TestClient) -> None:
        """A wrong draft is answered with its line and field, a missing rule with 404."""
        error = post(
            client, "clean", {"document": {"text": ""}, "draft": {"text": "rules:\n  - id: x.y\n    nope: 1"}}, 422
        )
        assert (error["error"]["line"], error["error"]["field"]) == (3, "nope")
        assert get(client, "api/rule", params={"id": "no.such"}).status_code == 404
        assert post(client, "save", {"draft": letter(), "file": "../x.yaml", "digest": None}, 422)["error"]["message"]

    def test_without_documents(self, place: Path) -> None:
        """A playground of pasted texts alone has empty lists and compares nothing."""
        with TestClient(build(Playground(Setting(rules=(str(place / "base.rules"),))), hosts={HOST}, token=TOKEN),
                        base_url=f"http://{HOST}") as client:  # fmt: skip
            assert get(client, "api/documents").json()["documents"] == []
            assert post(client, "compare", {"draft": letter()})["documents"] == 0
            assert get(client, "api/document", params={"id": "a"}).status_code == 404
            assert get(client, "api/start").json()["corpus"]["ready"]


class TestAttacks:
    @pytest.mark.parametrize(
        "path",
        ["/", "/api/start", "/wrong-token-but-long-enough/", f"/{TOKEN}x/api/start", f"/{TOKEN[:-1]}/", f"//{TOKEN}/", "/static/main.js",
         f"/x/{TOKEN}/"],
    )  # fmt: skip
    def test_without_the_token_there_is_nothing(self, client: TestClient, path: str) -> None:
        """Whoever does not know the token learns nothing, not even what would be there."""
        assert client.get(path).status_code == 404

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:8417", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:8417", ""]
    )
    def test_other_names_are_refused(self, client: TestClient, host: str) -> None:
        """A name of somebody else's that leads to this machine is not answered."""
        assert get(client, "api/start", headers={"host": host}).status_code in (400, 421)

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", f"http://{HOST}.evil.example"]
    )
    def test_other_pages_are_refused(self, client: TestClient, origin: str) -> None:
        """A page of another site may neither read nor save."""
        headers = {"origin": origin}
        assert get(client, "api/start", headers=headers).status_code == 403
        body = {"draft": letter(), "file": "evil.yaml", "digest": None}
        assert client.post(f"/{TOKEN}/api/save", json=body, headers=headers).status_code == 403
        assert client.post(f"/{TOKEN}/api/save", json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403

    @pytest.mark.parametrize(
        "name",
        ["../desk.py", "..%2fdesk.py", "%2e%2e/desk.py", "..%5cdesk.py", "/etc/passwd", "%2fetc%2fpasswd", "", ".", "main.js/..", "main.js%00.css",
         "codemirror.js.map", "MAIN.JS", "__init__.py"],
    )  # fmt: skip
    def test_only_the_files_of_the_page_are_given(self, client: TestClient, name: str) -> None:
        """The list of files is closed; no path leads out of it."""
        assert get(client, f"static/{name}").status_code == 404

    @pytest.mark.parametrize(
        "name",
        ["../out.yaml", "/tmp/out.yaml", "a/../../out.yaml", "out.yaml\0.yaml", "..\\out.yaml", ".out.yaml", "out.txt"],
    )
    def test_nothing_is_saved_outside_the_folder(self, client: TestClient, place: Path, name: str) -> None:
        """Whatever the name, no file appears outside the folder, and none with such a name in it."""
        before = sorted(place.rglob("*"))
        post(client, "save", {"draft": letter("own.evil"), "file": name, "digest": None}, 422)
        assert sorted(place.rglob("*")) == before

    def test_links_lead_nowhere(self, client: TestClient, place: Path) -> None:
        """A link in the folder is neither read as own nor written through."""
        outside = place / "outside.yaml"
        outside.write_text("# mine\n")
        (place / "own" / "link.yaml").symlink_to(outside)
        try:
            post(client, "save", {"draft": letter("own.evil"), "file": "link.yaml", "digest": None}, 422)
        finally:
            (place / "own" / "link.yaml").unlink()
        assert outside.read_text() == "# mine\n"

    def test_bodies_have_a_limit(self, client: TestClient) -> None:
        """A body beyond the limit is refused, whether it says its length or comes in parts."""
        huge = {"document": {"text": "x" * 3_000_000}}
        assert post(client, "clean", huge, 413)["error"]["hint"]
        parts = (b"x" * 100_000 for _ in range(40))
        answer = client.post(f"/{TOKEN}/api/clean", content=parts, headers={"content-type": "application/json"})
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        ("content", "kind", "status"),
        [
            (b"{}", "text/plain", 415),
            (b"{}", "application/x-www-form-urlencoded", 415),
            (b"{", "application/json", 400),
            (b"[]", "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b'"\xff"', "application/json", 400),
            (b"{}", "application/json", 422),
            (b'{"document": "x"}', "application/json; charset=utf-8", 422),
            (b'{"document": {"text": "x"}, "draft": 7}', "application/json", 422),
        ],
    )
    def test_what_is_no_question(self, client: TestClient, content: bytes, kind: str, status: int) -> None:
        """A form, broken JSON, or JSON of another form is refused in JSON; a form could come from any page."""
        answer = client.post(f"/{TOKEN}/api/clean", content=content, headers={"content-type": kind})
        assert answer.status_code == status
        assert answer.json()["error"]["message"]

    def test_other_methods(self, client: TestClient) -> None:
        """Reading calls are not posted, changing ones not got."""
        assert client.post(f"/{TOKEN}/api/start", json={}).status_code == 405
        assert get(client, "api/save").status_code == 405
        assert get(client, "api/nothing").status_code == 404
        assert get(client, "api/start/").status_code == 404

    @pytest.mark.parametrize(
        "text",
        ["\ud800 half", "a\0b", "x" * 1_000_000, "<img src=x onerror=alert(1)>\u202e"],
        ids=["half", "nul", "endless", "markup"],
    )
    def test_hostile_documents_are_shown_as_text(self, client: TestClient, text: str) -> None:
        """Whatever a document holds, it is answered, drawn as text, and comes back as it was."""
        told = json.loads(client.post(
            f"/{TOKEN}/api/clean", content=json.dumps({"document": {"text": f"{text}\n{TEXT}"}}),
            headers={"content-type": "application/json"},
        ).text)  # fmt: skip
        assert text.rstrip("\u202e") in (told["title"] or "") + told["text"]
        assert "<img" not in told["drawing"]
        assert not any(char in told["drawing"] for char in "\0\u202e\ud800")

    def test_hostile_records_too(self, client: TestClient) -> None:
        """So is a record with half a character, listed and opened."""
        assert get(client, "api/document", params={"id": "half"}).json()["text"].startswith("\ud800\0 ")
        assert post(client, "clean", {"document": {"id": "half"}})["status"] == "cleaned"

    def test_a_pattern_that_never_ends_costs_its_process_alone(self, place: Path) -> None:
        """It is ended after the limit and says so; meanwhile documents are listed, and afterwards all goes on."""
        text = f"Advert{'a' * 60}!X\n{TEXT}"
        inputs = tuple(find_inputs([str(place / "news.jsonl")]))
        playground = Playground(Setting(rules=(str(place / "base.rules"),), inputs=inputs), seconds=4.0)
        with TestClient(build(playground, hosts={HOST}, token=TOKEN), base_url=f"http://{HOST}") as client:
            error = post(client, "clean", {"document": {"text": text}, "draft": {"text": SLOW}}, 503)
            assert "longer than 4 seconds" in error["error"]["message"]
            assert get(client, "api/documents").status_code == 200
            assert post(client, "clean", {"document": {"text": TEXT}})["status"] == "cleaned"

    def test_headers_keep_browsers_from_running_anything_else(self, client: TestClient) -> None:
        """All answers carry them, those of refusals and errors too."""
        for answer in (get(client, ""), get(client, "api/start"), get(client, "api/rule"), client.get("/")):
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
