"""The door: only what is meant for the server reaches it, and no answer lets a browser do more than it must."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cleaner.errors import OptionError
from cleaner.serve.door import DATA_POLICY, PAGE_POLICY, check_token, guard, hosts_of, while_there

TOKEN = "Zm9yLXRlc3RzLW9ubHk"
HOSTS = hosts_of("127.0.0.1", 8417)
HERE = ("host", "127.0.0.1:8417")
ALWAYS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
Pairs = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return str(json.loads(self.body)["error"]["message"])


def call(
    app: ASGIApp,
    path: str = f"/{TOKEN}/",
    headers: Pairs = (HERE,),
    method: str = "GET",
    body: Iterable[bytes | None] = (b"",),
) -> Answer:
    """Send one request, its body in these parts (None: silence for ever), and take the one answer."""
    parts = list(body)
    given: list[Message] = []

    async def receive() -> Message:
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        if part is None:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        given.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))  # type: ignore[arg-type]
    start, *rest = given
    assert [message["type"] for message in given] == ["http.response.start"] + ["http.response.body"] * len(rest)
    assert not rest[-1].get("more_body", False)
    headers_given = [(name.decode(), value.decode()) for name, value in start["headers"]]
    assert len(dict(headers_given)) == len(headers_given), "a header stands there twice"
    return Answer(start["status"], dict(headers_given), b"".join(message.get("body", b"") for message in rest))


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body(), headers={"Server": "echo/1.0", "Cache-Control": "public"})


async def place(request: Request) -> Response:
    return PlainTextResponse(f"{request.scope['root_path']} {request.url_for('place')}")


async def fail(request: Request) -> Response:
    raise ZeroDivisionError("a secret detail")


async def careless(request: Request) -> Response:
    """Answer whatever becomes of the body."""
    try:
        await request.body()
    except Exception:
        return PlainTextResponse("all is well")
    return PlainTextResponse("all is well")


APP = Starlette(
    routes=[
        Route("/", echo, methods=["GET", "POST"]),
        Route("/place", place, name="place"),
        Route("/fail", fail),
        Route("/careless", careless, methods=["POST"]),
    ]
)
PAGE = guard(APP, hosts=HOSTS, most_bytes=100, path_token=TOKEN, silence=0.2)
API = guard(APP, hosts=HOSTS, most_bytes=100, bearer_token=TOKEN, open_paths={"/place"}, policy=DATA_POLICY)
OPEN = guard(APP, hosts=HOSTS, most_bytes=100)


@pytest.mark.parametrize("host", ["127.0.0.1:8417", "localhost:8417", "LocalHost:8417", "[::1]:8417"])
def test_own_names_are_answered(host: str) -> None:
    """The names of the loopback are the server's, with its port."""
    assert call(PAGE, headers=[("host", host)]).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("host", "")],
        [("host", "evil.example")],
        [("host", "evil.example:8417")],
        [("host", "127.0.0.1")],
        [("host", "127.0.0.1:80")],
        [("host", "127.0.0.1:8417.evil.example")],
        [("host", "evil.example@127.0.0.1:8417")],
        [("host", "127.0.0.1:8417 ")],
        [("host", "127.0.0.2:8417")],
        [("host", "[::]:8417")],
        [("host", "localhost.:8417")],
        [("x-forwarded-host", "127.0.0.1:8417"), ("host", "evil.example")],
    ],
)
def test_other_names_are_refused(headers: Pairs) -> None:
    """A page that reached this machine by a name of its own (DNS rebinding) gets nothing, token or not."""
    answer = call(PAGE, headers=headers)
    assert (answer.status, answer.message) == (421, "this server does not answer to that name")


def test_a_header_sent_twice_is_refused() -> None:
    """Two Hosts may mean one to a proxy and the other to the server."""
    assert call(PAGE, headers=[HERE, ("Host", "evil.example")]).status == 400
    assert call(PAGE, headers=[HERE, ("origin", "http://127.0.0.1:8417"), ("Origin", "null")]).status == 400


@pytest.mark.parametrize(
    ("host", "port", "more", "hosts"),
    [
        ("localhost", 80, (), {"localhost", "localhost:80", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80"}),
        ("192.0.2.7", 8000, (), {"192.0.2.7:8000"}),
        ("2001:db8::7", 8000, (), {"[2001:db8::7]:8000"}),
        ("Desk.Example", 8000, (), {"desk.example:8000"}),
        ("0.0.0.0", 8000, ("clean.example",), {"127.0.0.1:8000", "localhost:8000", "[::1]:8000", "clean.example", "clean.example:8000"}),
        ("192.0.2.7", 8000, ("clean.example:443", "[2001:db8::7]"), {"192.0.2.7:8000", "clean.example:443", "[2001:db8::7]", "[2001:db8::7]:8000"}),
    ],
)  # fmt: skip
def test_hosts_are_those_given_out(host: str, port: int, more: Sequence[str], hosts: set[str]) -> None:
    """An address of its own stands for itself, all addresses for the loopback and what was named besides."""
    assert hosts_of(host, port, more) == hosts


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "",
        "*",
        "/favicon.ico",
        "/robots.txt",
        "/place",
        f"/{TOKEN[:-1]}",
        f"/{TOKEN[:-1]}/",
        f"/{TOKEN}x/",
        f"/{TOKEN.lower()}/",
        f"//{TOKEN}/",
        f"/x/{TOKEN}/",
        f"/./{TOKEN}/",
        f"/{TOKEN};/",
        f"/{TOKEN}\\",
        f"/%{TOKEN}/",
        "/\ud800/",
        "/тайна/",
        f"http://127.0.0.1:8417/{TOKEN}/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_the_token_there_is_nothing(path: str, method: str) -> None:
    """Every other path has one answer, byte for byte, whoever asks for it and however."""
    nothing = call(PAGE, "/", method="GET")
    assert nothing.status == 404
    assert call(PAGE, path.encode(errors="replace").decode(), method=method) == nothing
    assert (
        call(PAGE, path.encode(errors="replace").decode(), [HERE, ("origin", "https://evil.example")], method)
        == nothing
    )


def test_the_token_moves_to_the_root_path() -> None:
    """The app's own paths begin after it, and its links hold."""
    assert call(PAGE, f"/{TOKEN}/place").body == f"/{TOKEN} http://127.0.0.1:8417/{TOKEN}/place".encode()
    assert call(PAGE, f"/{TOKEN}/nowhere").status == 404


def test_an_address_without_its_last_slash_leads_to_it() -> None:
    """What was copied short still opens; relative, so that it holds behind a proxy."""
    answer = call(PAGE, f"/{TOKEN}")
    assert (answer.status, answer.headers["location"]) == (307, f"./{TOKEN}/")


OWN = "http://127.0.0.1:8417"


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        ([("origin", OWN)], "POST", 200),
        ([("origin", "http://localhost:8417")], "POST", 200),
        ([("origin", "https://localhost:8417")], "POST", 200),
        ([("origin", OWN), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], "POST", 200),
        ([("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], "GET", 200),
        ([("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], "GET", 200),
        ([("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], "POST", 403),
        ([("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], "GET", 403),
        ([("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")], "GET", 403),
        ([("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], "GET", 403),
        ([("sec-fetch-site", "cross-site")], "GET", 403),
        ([("sec-fetch-site", "nonsense")], "GET", 403),
        ([("origin", "null")], "POST", 403),
        ([("origin", "")], "POST", 403),
        ([("origin", "https://evil.example")], "GET", 403),
        ([("origin", "http://127.0.0.1")], "POST", 403),
        ([("origin", "http://127.0.0.1:8418")], "POST", 403),
        ([("origin", f"{OWN}.evil.example")], "POST", 403),
        ([("origin", f"{OWN}/")], "POST", 403),
        ([("origin", "file://127.0.0.1:8417")], "POST", 403),
        ([("origin", "chrome-extension://127.0.0.1:8417")], "POST", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("app", [PAGE, OPEN], ids=["token", "open"])
def test_pages_of_other_sites_may_only_link(app: ASGIApp, headers: Pairs, method: str, status: int) -> None:
    """What a browser says of where a request comes from must be the server itself, or the user; a link may open the page."""
    path = f"/{TOKEN}/" if app is PAGE else "/"
    assert call(app, path, [HERE, *headers], method).status == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("", 401),
        ("Bearer", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        ("Bearer тайна", 401),
    ],
)
def test_the_api_wants_its_token(given: str, status: int) -> None:
    """Only the whole token, as Bearer, opens; the refusal says how, and open paths need none."""
    headers = [HERE, ("authorization", given)] if given else [HERE]
    answer = call(API, "/", headers)
    assert answer.status == status
    if status == 401:
        assert answer.headers["www-authenticate"].startswith('Bearer realm="cleaner"')
        assert TOKEN not in answer.body.decode()
    assert call(API, "/place", headers).status == 200


@pytest.mark.parametrize(
    ("headers", "parts", "status"),
    [
        ([], [b"x" * 100], 200),
        ([], [b"x" * 50] * 2, 200),
        ([("content-length", "100")], [b"x" * 100], 200),
        ([("content-length", "101")], [None], 413),
        ([("content-length", "9" * 400)], [None], 413),
        ([("content-length", "5")], [b"x" * 101], 413),
        ([], [b"x" * 101], 413),
        ([("transfer-encoding", "chunked")], [b"x"] * 200, 413),
        ([], [b"x" * 101, None], 413),
        ([("content-length", "-1")], [b""], 400),
        ([("content-length", "ten")], [b""], 400),
        ([("content-length", "1"), ("content-length", "2")], [b"x"], 400),
        ([("content-length", "1"), ("transfer-encoding", "chunked")], [b"x"], 400),
        ([("content-length", "9" * 5000)], [None], 413),
        ([], [b"x", None], 408),
        ([("content-length", "5")], [None], 408),
    ],
)
@pytest.mark.parametrize("path", ["", "careless"])
def test_bodies_have_a_limit(headers: Pairs, parts: list[bytes | None], status: int, path: str) -> None:
    """Declared, chunked or lied about, a body beyond the limit is refused, and so is one that stops half-way.

    Whatever the app makes of a body that breaks off, the refusal is the answer.
    """
    answer = call(PAGE, f"/{TOKEN}/{path}", [HERE, *headers], "POST", parts)
    assert answer.status == status
    if status in (408, 413):
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{TOKEN}/", [HERE], 200),
        (f"/{TOKEN}", [HERE], 307),
        (f"/{TOKEN}/", [HERE, ("content-length", "x")], 400),
        (f"/{TOKEN}/", [HERE, ("origin", "null")], 403),
        ("/", [HERE], 404),
        (f"/{TOKEN}/nowhere", [HERE], 404),
        (f"/{TOKEN}/", [HERE, ("content-length", "1000")], 413),
        (f"/{TOKEN}/", [], 421),
    ],
)
def test_every_answer_binds_the_browser(path: str, headers: Pairs, status: int) -> None:
    """Answers and refusals carry the same headers once, whatever the app set, and do not tell what server this is."""
    answer = call(PAGE, path, headers)
    assert answer.status == status
    assert answer.headers.items() >= ALWAYS.items()
    assert "server" not in {name.lower() for name in answer.headers}
    assert (
        call(guard(APP, hosts=HOSTS, most_bytes=1, policy=DATA_POLICY), path, headers).headers[
            "content-security-policy"
        ]
        == DATA_POLICY
    )


def test_failures_tell_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An app that fails before it answers is answered for, with the headers, and the server still hears of it."""
    given: list[Answer] = []

    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError("a secret detail")

    async def kept(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(ZeroDivisionError):
            await guard(bare, hosts=HOSTS, most_bytes=1)(scope, receive, send)

    given.append(call(kept))
    assert given[0].status == 500
    assert b"secret" not in given[0].body
    assert given[0].headers.items() >= ALWAYS.items()


def test_heads_have_no_body() -> None:
    """A refusal of HEAD says how long it would be, and is empty."""
    get, head = call(PAGE, "/"), call(PAGE, "/", method="HEAD")
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_other_protocols_stay_outside() -> None:
    """A WebSocket is closed before it is one; the app still hears that the server starts and stops."""
    said: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        said.append(scope["type"])

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    door = guard(app, hosts=HOSTS, most_bytes=1)
    asyncio.run(door({"type": "websocket", "path": "/", "headers": []}, receive, send))  # type: ignore[arg-type]
    asyncio.run(door({"type": "lifespan"}, receive, send))  # type: ignore[arg-type]
    assert said == [{"type": "websocket.close", "code": 1008}, "lifespan"]


def test_work_ends_with_its_client() -> None:
    """A client that goes away cancels what was done for it; one that stays gets the result, or the error."""
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("ended")

    async def quick(error: Exception | None = None) -> str:
        await asyncio.sleep(0)
        if error:
            raise error
        return "done"

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def stays() -> Message:
        await asyncio.sleep(3600)
        return {}

    async def story() -> None:
        with pytest.raises(ClientDisconnect):
            await while_there(Request({"type": "http"}, gone), work())
        assert ended == ["ended"]
        assert await while_there(Request({"type": "http"}, stays), quick()) == "done"
        with pytest.raises(KeyError):
            await while_there(Request({"type": "http"}, stays), quick(KeyError("none")))

    asyncio.run(story())


@pytest.mark.parametrize(
    "token", ["", "short", "a" * 15, "with/a/slash/in/it/all", "with a space in it", "." * 16, "täglich-täglich-neu"]
)
def test_weak_tokens_are_refused(token: str) -> None:
    """A token is long enough not to be guessed, and may stand in an address as it is."""
    with pytest.raises(OptionError, match="at least 16"):
        check_token(token)
    assert check_token(TOKEN) == TOKEN
