"""The API: what it answers is what `cleaner clean` writes, and what it refuses it refuses with a reason."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="needs the extra serve")
pytest.importorskip("httpx", reason="starlette's client needs it")

from starlette.testclient import TestClient

from cleaner.cli.main import main
from cleaner.errors import OptionError, RuleError
from cleaner.serve.api import JSON, LINES, Setting, _gather, api, run_api
from cleaner.serve.door import DATA_POLICY, hosts_of
from cleaner.serve.openapi import describe
from cleaner.serve.order import read_order
from cleaner.serve.server import bind
from tests.making import LAST, MORE, PROSE, load, rule
from tests.slow_cleaners import SlowCleaners

ROOT = Path(__file__).parent.parent
HOSTS = hosts_of("127.0.0.1", 8417)
SETTING = Setting(HOSTS, most_bytes=2_000_000, most_records=3000, seconds=20.0)
NOISY = f"{PROSE}\nAdvertisement\n{MORE}\nMost read\n- Town sells its water tower\n- A fox in the cathedral"
PAGE = f"<html><body><article><p>{PROSE}</p><p>Advertisement</p><p>{MORE}</p><p>{LAST}</p></article></body></html>"
DUMP: tuple[bytes, ...] = (
    *(
        orjson.dumps({"id": path.stem, "text": path.read_text(encoding="utf-8")})
        for path in sorted((ROOT / "seeds").glob("*.txt"))
    ),
    orjson.dumps({"id": "page", "html": PAGE, "url": "https://post.example/a"}),
    orjson.dumps({"id": "bytes", "html_base64": base64.b64encode(PAGE.encode()).decode()}),
    b'{"id": 123456789012345678901234567890, "text": "' + PROSE.encode() + b'", "rate": 1.0, "rate": 1e5}',
    b'  {"text" : "' + NOISY.replace("\n", "\\n").encode() + b'", "weight": NaN}  \r',
    b'{"id": "surrogate", "text": "' + PROSE.encode() + b' \\ud800"}',
    b'{"id": "empty", "text": ""}',
    b'{"id": "other", "text": 12}',
    b'{"id": "done", "text": "x", "cleaning": {}}',
    b'{"id": "base", "html_base64": "%%"}',
    b'{"id": "none"}',
    b"{}",
)
"""Records as dumps hold them, each of which is JSON."""

BROKEN: tuple[bytes, ...] = (
    b'{"id": "cut short", "text": "' + PROSE.encode(),
    b'{"id": "garbled", "text": "\xff\xfe"}',
    b"",
    b"   ",
    b"null",
    b"[]",
    b"<script>alert(1)</script>",
    b"\x00",
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
)
"""Lines of which none is a record."""


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """Serve the shipped rules to all tests that change nothing of the server."""
    with serve(SETTING) as served:
        yield served


def serve(setting: Setting) -> TestClient:
    return TestClient(api(setting), base_url="http://127.0.0.1:8417", raise_server_exceptions=False)


def clean_lines(lines: Iterable[bytes], *options: str) -> list[bytes]:
    """Return what the command line makes of lines, each record or reject in its place."""
    lines = list(lines)
    places: dict[int, bytes] = {}
    with TemporaryDirectory() as folder:
        path, rejects = Path(folder, "out.jsonl"), Path(folder, "out.jsonl.rejects.jsonl")
        command = ["clean", "-", "-o", str(path), "--quiet", *options]
        result = CliRunner().invoke(main, command, input=b"\n".join(lines))
        assert result.exit_code in (0, 1), result.output
        for row in rejects.read_bytes().splitlines() if rejects.exists() else ():
            places[orjson.loads(row)["offset"]] = b'{"rejected":' + row + b"}"
        records = iter(path.read_bytes().split(b"\n")[:-1])
    out: list[bytes] = []
    offset = 0
    for line in lines:
        if offset in places:
            out.append(places[offset])
        elif line.strip():
            out.append(next(records))
        offset += len(line) + 1
    assert next(records, None) is None
    return out


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", []),
        ("?lean=true", ["--lean"]),
        ("?annotate=1&without=ad", ["--annotate", "--without", "ad"]),
        ("?only=ad&only=related", ["--only", "ad", "--only", "related"]),
        ("?articles_only=true&recleaning=true", ["--articles-only", "--recleaning"]),
    ],
)
def test_lines_leave_as_the_command_line_writes_them(client: TestClient, query: str, options: list[str]) -> None:
    """Records and rejects of a hostile dump are its output byte for byte, each in its place."""
    lines = [line for pair in zip(DUMP, [*BROKEN, *[b""] * len(DUMP)], strict=False) for line in pair]
    answer = client.post(f"/batch{query}", content=b"\n".join(lines), headers={"content-type": LINES})
    assert (answer.status_code, answer.headers["content-type"]) == (200, LINES)
    assert answer.content.split(b"\n")[:-1] == clean_lines(lines, *options)


def test_an_array_leaves_as_its_records_as_lines(client: TestClient) -> None:
    """The items of an array become what they become as lines, however they are laid out."""
    items = [*DUMP, b"1", b'"text"', b"[[], {}]", b"null"]
    body = b" [\n" + b" ,\r\n".join(items) + b"]\n"
    answer = client.post("/batch", content=body, headers={"content-type": "application/json; charset=UTF-8"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    expected = clean_lines([item.strip() for item in items])
    assert answer.content == b"[" + b",".join(expected) + b"]\n"
    assert len(answer.json()) == len(items)


def test_one_record_leaves_as_the_command_line_writes_it(client: TestClient) -> None:
    """Each record by itself is answered with what the command line writes, or with why it is rejected."""
    seen = set()
    for record, expected in zip(DUMP, clean_lines(DUMP), strict=True):
        answer = client.post("/clean", content=record, headers={"content-type": JSON})
        seen.add(answer.status_code)
        if expected.startswith(b'{"rejected":'):
            error = answer.json()["error"]
            assert (answer.status_code, error["message"]) == (422, orjson.loads(expected)["rejected"]["reason"])
            assert error["hint"]
        else:
            number = expected.partition(b'"id":"stdin#')[2].partition(b'"')[0]  # its place, where it has no name
            assert (answer.status_code, answer.content) == (200, expected.replace(b"stdin#" + number, b"stdin#1"))
    assert seen == {200, 422}


def test_line_ends_between_tokens_are_no_content(client: TestClient) -> None:
    """A record may be laid out over lines; the answer is that of the same record on one line."""
    record = {"id": "a", "text": NOISY, "deep": {"list": [1, {"a": "b\\n"}]}}
    laid_out = json.dumps(record, indent=2).replace("\n", "\r\n").encode()
    answer = client.post("/clean", content=laid_out, headers={"content-type": JSON})
    [expected] = clean_lines([laid_out.replace(b"\r\n", b"  ")])
    assert answer.content == expected


CHUNKS = st.lists(st.sampled_from([b"", b"a", b"\n", b"b\nc", b"\xef", b"\xbb", b"\xbf", b"\xef\xbb\xbf", b"\n\n", b"d" * 70_000, b"e\n" * 40_000]), max_size=8)  # fmt: skip


@given(CHUNKS)
def test_lines_do_not_depend_on_chunks(chunks: list[bytes]) -> None:
    """However a body is cut, its parcels are whole lines in order, with their places; only a mark at its beginning is missing."""

    async def stream() -> Any:
        for chunk in chunks:
            yield chunk

    async def gathered() -> list[Any]:
        return [lines async for lines in _gather(stream())]

    body = b"".join(chunks)
    parcels = asyncio.run(gathered())
    skipped = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    assert b"".join(lines.raw for lines in parcels) == body[skipped:]
    for lines in parcels:
        assert lines.raw
        before = body[: lines.offset]
        assert body[lines.offset :].startswith(lines.raw)
        assert before[skipped:] == b"" or before.endswith(b"\n")
        assert lines.number == 1 + before.count(b"\n")
    assert all(lines.raw.endswith(b"\n") for lines in parcels[:-1])


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "message"),
    [
        ("POST", "/clean", {"content-type": "text/plain"}, b"{}", 415, "the body is text/plain"),
        ("POST", "/clean", {}, b"{}", 415, "the body is of no type"),
        ("POST", "/clean", {"content-type": LINES}, b"{}", 415, "x-ndjson"),
        ("POST", "/clean", {"content-type": "application/json; charset=latin-1"}, b"{}", 415, "latin-1"),
        ("POST", "/clean", {"content-type": JSON, "content-encoding": "gzip"}, b"{}", 415, "compressed"),
        ("POST", "/clean", {"content-type": JSON}, b"", 400, "bad JSON"),
        ("POST", "/clean", {"content-type": JSON}, b'{"text": "a', 400, "bad JSON"),
        ("POST", "/clean", {"content-type": JSON}, b'{"text": "a\nb"}', 400, "bad JSON"),
        ("POST", "/clean", {"content-type": JSON}, b"[" * 100_000, 400, "bad JSON: nested too deeply"),
        ("POST", "/clean", {"content-type": JSON}, b'{"text": "\xff"}', 400, "invalid UTF-8"),
        ("POST", "/clean", {"content-type": JSON}, b"[]", 400, "the body is no JSON object"),
        ("POST", "/clean?only=advert", {"content-type": JSON}, b"{}", 400, "'advert' is neither a rule nor a class"),
        ("POST", "/clean?withot=ad", {"content-type": JSON}, b"{}", 400, "did you mean without?"),
        ("POST", "/clean?lean=yes", {"content-type": JSON}, b"{}", 400, "give true or false"),
        ("POST", "/clean?lean=1&lean=0", {"content-type": JSON}, b"{}", 400, "lean stands there twice"),
        ("POST", "/clean?" + "&".join(["only=ad"] * 65), {"content-type": JSON}, b"{}", 400, "more than 64"),
        ("POST", "/clean", {"content-type": JSON}, b"x" * 2_000_001, 413, "larger than 2 000 000 bytes"),
        ("POST", "/batch", {"content-type": JSON}, b"{}", 400, "the body is no JSON array"),
        ("POST", "/batch", {"content-type": JSON}, b"[{}", 400, "bad JSON"),
        ("POST", "/batch", {"content-type": JSON}, b"[" + b",".join([b"1"] * 3001) + b"]", 413, "3001 records"),
        ("POST", "/batch", {"content-type": LINES}, b"1\n" * 3001, 413, "more than 3000 records"),
        ("POST", "/batch?without=nothing", {"content-type": LINES}, b"", 400, "'nothing' is neither"),
        ("GET", "/clean", {}, b"", 405, "does not take that method"),
        ("DELETE", "/batch", {}, b"", 405, "does not take that method"),
        ("OPTIONS", "/clean", {"access-control-request-method": "POST"}, b"", 405, "does not take that method"),
        ("GET", "/clean/", {}, b"", 404, "nothing is here"),
        ("GET", "/../etc/passwd", {}, b"", 404, "nothing is here"),
        ("GET", "/health?verbose=1", {}, b"", 400, "takes no parameters"),
        ("GET", "/health", {"host": "evil.example"}, b"", 421, "does not answer to that name"),
        ("POST", "/clean", {"content-type": JSON, "origin": "https://evil.example"}, b"{}", 403, "another site"),
        ("GET", "/rules", {"sec-fetch-site": "same-site"}, b"", 403, "another site"),
    ],
)  # fmt: skip
def test_refusals_teach(
    client: TestClient, method: str, path: str, headers: dict[str, str], body: bytes, status: int, message: str
) -> None:
    """What is wrong is refused with its own status, says what it was, and what to send instead; the browser is bound."""
    answer = client.request(method, path, headers=headers, content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == JSON
    error = answer.json()["error"]
    assert message in error["message"]
    assert set(error) == {"message", "hint"}
    assert answer.headers["content-security-policy"] == DATA_POLICY
    assert "server" not in answer.headers
    if status == 405:
        assert answer.headers["allow"]


def test_the_server_tells_of_itself(client: TestClient) -> None:
    """Health, rules, description and greeting agree with what runs."""
    health = client.get("/health").json()
    assert health["ready"]
    assert health["live"]
    rules = client.get("/rules").json()
    assert rules["digest"] == health["digest"]
    assert len(rules["rules"]) == health["rules"]
    answer = client.post("/clean", json={"text": NOISY}).json()
    assert answer["cleaning"]["rules"] == health["digest"]
    assert {name for cut in answer["cleaning"]["cuts"] for name in cut["rules"]} <= {r["id"] for r in rules["rules"]}
    described = client.get("/openapi.json").json()
    names = described["components"]["schemas"]["Name"]["enum"]
    assert described == describe(SETTING, names)
    assert set(names) >= {rule["id"] for rule in rules["rules"]} | {rule["class"] for rule in rules["rules"]}
    greeting = client.get("/").text
    assert all(path in greeting for path in described["paths"])
    assert client.head("/health").content == b""


def test_answers_keep_the_description(client: TestClient) -> None:
    """Every answer of every form is valid by the schema that the server gives out."""
    jsonschema = pytest.importorskip("jsonschema")
    described = describe(SETTING, [])
    told = json.dumps(described["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    schemas = json.loads(told)

    def check(name: str, value: Any) -> None:
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": schemas,
            "$ref": f"#/$defs/{name}",
        }
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(value)

    done = client.post("/batch", content=b"\n".join([*DUMP, *BROKEN]), headers={"content-type": LINES})
    for line in done.content.splitlines():
        value = orjson.loads(line.replace(b"NaN", b"0")) if b"\\ud800" not in line else json.loads(line)
        check("Rejected" if "rejected" in value else "Cleaned", value)
    check("Rules", client.get("/rules").json())
    check("Health", client.get("/health").json())
    check("Failure", client.get("/nowhere").json())
    check("Failure", client.post("/clean", json={"id": "a"}).json())
    examples = described["paths"]["/clean"]["post"]
    check("Record", examples["requestBody"]["content"][JSON]["example"])
    check("Cleaned", examples["responses"]["200"]["content"][JSON]["example"])


def test_the_examples_of_the_description_are_true(client: TestClient) -> None:
    """What the description shows is what the server answers, less the digest and the name of the rule."""
    shown = describe(SETTING, [])["paths"]["/batch"]["post"]
    given = shown["requestBody"]["content"][JSON]["example"]
    expected = shown["responses"]["200"]["content"][JSON]["example"]
    cleaned, rejected = client.post("/batch", json=given).json()
    for one in (cleaned, expected[0]):
        one["cleaning"]["rules"] = one["cleaning"]["cuts"][0]["rules"] = None
    assert cleaned == expected[0]
    assert rejected == expected[1]


def test_the_token_is_wanted(small: Setting) -> None:
    """With a token nothing but health is answered without it, and the description says so."""
    token = "Zm9yLXRlc3RzLW9ubHk"
    with serve(dataclasses.replace(small, token=token)) as client:
        for method, path in [("POST", "/clean"), ("GET", "/rules"), ("GET", "/openapi.json"), ("GET", "/nowhere")]:
            answer = client.request(method, path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == 'Bearer realm="cleaner"'
        assert client.get("/health").status_code in (200, 503)
        described = client.get("/openapi.json", headers={"authorization": f"Bearer {token}"}).json()
        assert described["security"] == [{"token": []}]
        assert described["paths"]["/health"]["get"]["security"] == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """Serve one rule alone, which is read at once."""
    ruleset = load(tmp_path_factory.mktemp("rules"), "rules:\n" + rule("line: {eq: Mind the gap}", name="own.gap"))
    return dataclasses.replace(SETTING, rules=ruleset)


@pytest.fixture(scope="module")
def slow(small: Setting) -> Iterator[TestClient]:
    """Serve with a second for a document, and texts that take longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.serve.api.Cleaners", SlowCleaners)
        patch.setattr("cleaner.serve.api._GRACE", 0.3)
        with serve(dataclasses.replace(small, seconds=1.0)) as served:
            yield served


@pytest.mark.parametrize("how", ["hang", "sleep"])
def test_a_document_that_never_ends_is_ended(slow: TestClient, how: str) -> None:
    """Stuck in C code or in Python, it is told, and the next one is cleaned."""
    answer = slow.post("/clean", json={"id": how, "text": f"{PROSE} {how}"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (504, "it took longer than 1 seconds")
    assert slow.post("/clean", json={"text": PROSE}).status_code == 200


def test_a_process_that_ends_is_told(slow: TestClient) -> None:
    """One record over which the process ends is a failure of the server, which goes on."""
    answer = slow.post("/clean", json={"text": f"{PROSE} die"})
    assert (answer.status_code, "SIGKILL" in answer.json()["error"]["message"]) == (500, True)
    assert slow.post("/clean", json={"text": PROSE}).status_code == 200


def test_harm_costs_one_record_of_a_batch(slow: TestClient) -> None:
    """What never ends, or ends its process, is rejected in its place with its bytes; its neighbours are cleaned."""
    names = ("a", "hang", "b", "die", "sleep", "c")
    lines = [orjson.dumps({"id": name, "text": f"{PROSE} {name}"}) for name in names]
    answer = slow.post("/batch", content=b"\n".join(lines), headers={"content-type": LINES})
    told = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [row["id"] for row in told if "cleaning" in row] == ["a", "b", "c"]
    rejected = [told[at]["rejected"] for at in (1, 3, 4)]
    assert [base64.b64decode(row["raw"]) for row in rejected] == [lines[1], lines[3], lines[4]]
    assert [row["offset"] for row in rejected] == [len(b"\n".join(lines[:at])) + 1 for at in (1, 3, 4)]
    assert rejected[0]["reason"] == rejected[2]["reason"] == "it took longer than 1 seconds"
    assert "SIGKILL" in rejected[1]["reason"]


def test_a_request_has_its_time(small: Setting) -> None:
    """When the time of a request is over, what is left is rejected in its place, and nothing is lost."""
    with serve(dataclasses.replace(small, request_seconds=0.0)) as client:
        lines = [orjson.dumps({"id": str(n), "text": PROSE}) for n in range(5)]
        answer = client.post("/batch", content=b"\n".join(lines), headers={"content-type": LINES})
        rows = [orjson.loads(line)["rejected"] for line in answer.content.splitlines()]
        assert {row["reason"] for row in rows} == {"the request took longer than 0 seconds"}
        assert [base64.b64decode(row["raw"]) for row in rows] == lines


def test_too_many_requests_are_told_to_wait(small: Setting) -> None:
    """Beyond the limit a request is told when to ask again; health is answered all the same."""
    with serve(dataclasses.replace(small, requests=0)) as client:
        for path, headers in [("/clean", {"content-type": JSON}), ("/batch", {"content-type": LINES})]:
            answer = client.post(path, content=b"{}", headers=headers)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert "which is the most" in answer.json()["error"]["message"]
        assert client.get("/health").status_code in (200, 503)


def test_own_rules_and_choices_are_those_of_the_server(tmp_path: Path) -> None:
    """Rules laid on the shipped ones run; what the server left out no request brings back."""
    path = tmp_path / "own.yaml"
    path.write_text("rules:\n" + rule("line: {eq: Mind the gap}", name="own.gap", class_="nav"), encoding="utf-8")
    record = orjson.dumps({"id": "a", "text": f"{PROSE}\nMind the gap\n{MORE}\nAdvertisement\n{LAST}"})
    with serve(dataclasses.replace(SETTING, rules=(str(path),), without=("legal",))) as client:
        answer = client.post("/clean?without=ad", content=record, headers={"content-type": JSON})
        [expected] = clean_lines([record], "--rules", str(path), "--without", "ad", "--without", "legal")
        assert answer.content == expected
        assert b"own.gap" in expected
        assert client.post("/clean?only=legal", content=record, headers={"content-type": JSON}).status_code == 400


def test_the_api_starts_only_with_sound_rules(tmp_path: Path) -> None:
    """A rule file that is wrong is told as it is by every command, before anybody is answered."""
    path = tmp_path / "own.yaml"
    path.write_text("rules:\n" + rule("lines: {text: Mind the gap}", name="own.gap"), encoding="utf-8")
    with bind("127.0.0.1", 0) as listener, pytest.raises(RuleError, match=r"own\.yaml"):
        run_api(dataclasses.replace(SETTING, rules=(str(path),)), listener)


@pytest.mark.parametrize("query", [[("lean", "")], [("Lean", "1")], [("only", "ad"), ("annotate", "maybe")]])
def test_orders_are_strict(query: list[tuple[str, str]]) -> None:
    """A parameter that is misspelt or no truth value is refused, not passed over."""
    with pytest.raises(OptionError):
        read_order(query)
