"""Stand before an ASGI app and let in what is meant for it: its own names, its own pages, who holds the token, small bodies.

A page of another site can make a browser send requests to this machine, and by a name of its own that leads here (DNS
rebinding) even read the answers. So `Host` must be one of the names that were given out, `Origin` and `Sec-Fetch-Site` must
be its own, and a link from elsewhere may only open a page, never fetch. A token is either the first segment of
the path, without which there is nothing but 404, or a Bearer token. All answers, refusals too, carry the headers that keep
a browser from running, framing, sharing or storing them.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Collection, Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cleaner.errors import OptionError

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the playground's page may do; its editor puts style elements into the page."""

DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""What data may do that a browser takes for a page: nothing."""

LEAST_TOKEN = 16
"""Characters of the shortest token."""

SILENCE = 30.0
"""Seconds within which the next part of a body must arrive."""

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-embedder-policy": b"require-corp",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cache-control": b"no-store",
}
_NOTHING = "nothing is here"
_DIGITS = 18  # of the longest length that is read as a number: Python itself refuses some thousands
_T = TypeVar("_T")


def hosts_of(host: str, port: int, more: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of `Host` that mean a server that listens on `host` and `port`.

    For the loopback, and for all addresses (`0.0.0.0`, `::`), these are the loopback's names; `more` are names, with a port
    or without, that lead to it from elsewhere.

    >>> sorted(hosts_of("127.0.0.1", 8417))
    ['127.0.0.1:8417', '[::1]:8417', 'localhost:8417']
    """
    names = {"127.0.0.1", "localhost", "[::1]"} if is_loopback(host) or _is_any(host) else set()
    if not _is_any(host):
        names.add(f"[{host}]" if ":" in host else host)
    hosts = {f"{name}:{port}" for name in names} | (names if port == 80 else set())
    for name in more:
        hosts |= {name} if name.rpartition(":")[2].isdigit() and not name.endswith("]") else {name, f"{name}:{port}"}
    return frozenset(host.lower() for host in hosts)


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is that of this machine alone."""
    if host.lower() == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _is_any(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_unspecified
    return not host


def check_token(token: str) -> str:
    """Return a token that is long enough and may stand in an address; raise `OptionError` for any other."""
    if not re.fullmatch(rf"[A-Za-z0-9._~-]{{{LEAST_TOKEN},}}", token) or not token.strip("."):
        raise OptionError(
            f"a token has at least {LEAST_TOKEN} letters, digits, dots, dashes, underscores or tildes; "
            f"`python -c 'import secrets; print(secrets.token_urlsafe(16))'` makes a good one"
        )
    return token


def guard(
    app: ASGIApp,
    *,
    hosts: Collection[str],
    most_bytes: int,
    path_token: str = "",
    bearer_token: str = "",
    open_paths: Collection[str] = (),
    policy: str = PAGE_POLICY,
    silence: float = SILENCE,
) -> ASGIApp:
    """Return an app that lets through to `app` only what is meant for it.

    `hosts` are the values of `Host` it answers to, as `hosts_of` gives them. Of the tokens, `path_token` is the first segment of
    every path, and moves to the app's `root_path`; `bearer_token` stands in `Authorization`, but for `open_paths`. A body
    has at most `most_bytes`, and no more than `silence` seconds between its parts. `policy` is the content security policy.
    """
    return _Door(app, frozenset(hosts), most_bytes, path_token, bearer_token, frozenset(open_paths), policy, silence)


async def while_there(request: Request, work: Awaitable[_T]) -> _T:
    """Wait for work as long as the client does; raise `ClientDisconnect`, the work cancelled, where it goes away.

    The body must have been read, as this listens for what comes after it.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_leave(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.wait((working, leaving))
        if not working.cancelled():
            working.exception()  # seen, so that nobody complains that it was not


async def _leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Door:
    def __init__(
        self,
        app: ASGIApp,
        hosts: frozenset[str],
        most_bytes: int,
        path_token: str,
        bearer_token: str,
        open_paths: frozenset[str],
        policy: str,
        silence: float,
    ):
        self._app, self._hosts, self._most, self._open, self._silence = app, hosts, most_bytes, open_paths, silence
        self._segment, self._bearer = path_token.encode(), bearer_token.encode()
        self._headers = [(b"content-security-policy", policy.encode()), *_HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._headers, self._most, self._silence)
        if refusal := self._refuse(scope):
            await visit.refuse(*refusal)
        elif self._segment and scope["path"].count("/") == 1:
            await visit.refuse(307, "the page is one slash further", more=_location(scope))
        else:
            if self._segment:
                scope = {**scope, "root_path": f"{scope.get('root_path', '')}/{self._segment.decode()}"}
            await visit.enter(self._app, scope)

    def _refuse(self, scope: Scope) -> tuple[int, str, str, list[tuple[bytes, bytes]]] | None:
        """Return status, message, hint and further headers for what is not let in."""
        given = _headers(scope)
        if any(len(given.get(name, ())) > 1 for name in (b"host", b"origin", b"authorization", b"content-length")):
            return 400, "a header stands there twice", "send Host, Origin and Authorization once", []
        if b"transfer-encoding" in given and b"content-length" in given:  # a proxy may see another end than we do
            return 400, "the body has two lengths", "send Content-Length or Transfer-Encoding, not both", [_CLOSE]
        host = given.get(b"host", [b""])[0].decode("latin-1").lower()
        if host not in self._hosts:
            return 421, "this server does not answer to that name", "use the address that it printed as it started", []
        if self._segment and not hmac.compare_digest(
            scope["path"][1:].encode(errors="replace").split(b"/")[0], self._segment
        ):
            return 404, _NOTHING, "", []
        origin = given.get(b"origin", [None])[0]
        if origin is not None and not self._is_own(origin.decode("latin-1").lower()):
            return 403, "a page of another site asked for this", "only the server's own pages, and programs, may", []
        if not _is_from_here(scope["method"], given):
            return 403, "a page of another site asked for this", "open the address itself", []
        if self._bearer and scope["path"] not in self._open:
            return _check_bearer(given.get(b"authorization", [b""])[0], self._bearer)
        return None

    def _is_own(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return scheme in ("http", "https") and host in self._hosts


class _Visit:
    """Hold one request that came in: what may still be read of it, and whether its answer has begun."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: list[tuple[bytes, bytes]],
        most: int,
        silence: float,
    ):
        self._scope, self._receive, self._send = scope, receive, send
        self._headers, self._most, self._silence = headers, most, silence
        self._read = 0
        self._whole = self._begun = self._refused = False

    async def enter(self, app: ASGIApp, scope: Scope) -> None:
        """Let the app answer; should it fail before it begins, answer in its place."""
        length = _headers(scope).get(b"content-length", [b"0"])[0]
        if not length.isdigit():
            await self.refuse(400, "Content-Length is no number", "send the number of bytes of the body")
            return
        if len(length.lstrip(b"0")) > _DIGITS or int(length) > self._most:
            await self._refuse_size()
            return
        try:
            await app(scope, self._take, self._give)
        except ClientDisconnect:
            return
        except Exception:
            if self._refused:
                return
            if not self._begun:
                await self.refuse(500, "something went wrong here", "the server's log says more")
            raise

    async def refuse(self, status: int, message: str, hint: str = "", more: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Answer with an error in JSON."""
        self._refused = True
        body = json.dumps({"error": {"message": message, "hint": hint}}, ensure_ascii=False).encode()
        start = {
            "type": "http.response.start",
            "status": status,
            "headers": self._dress(
                [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
            ),
        }
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"" if self._scope["method"] == "HEAD" else body})

    async def _refuse_size(self) -> None:
        about = f"the body is larger than {self._most:,} bytes".replace(",", " ")
        await self.refuse(413, about, "send it in parts, or start the server with a higher limit", [_CLOSE])

    async def _take(self) -> Message:
        """Give the app what comes; a body that is too large or stays away is refused here, whatever the app does then."""
        if self._refused:
            return {"type": "http.disconnect"}
        try:
            message = await (self._receive() if self._whole else asyncio.wait_for(self._receive(), self._silence))
        except TimeoutError:
            if not self._begun:
                about = f"the rest of the body did not arrive within {self._silence:g} seconds"
                await self.refuse(408, about, "send it at once", [_CLOSE])
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._read > self._most:
                if not self._begun:
                    await self._refuse_size()
                return {"type": "http.disconnect"}
        return message

    async def _give(self, message: Message) -> None:
        """Send on what the app answers, with the headers that all answers have."""
        if self._refused:
            return
        if message["type"] == "http.response.start":
            self._begun = True
            message = {**message, "headers": self._dress(message.get("headers", ()))}
        await self._send(message)

    def _dress(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        own = {name for name, _ in self._headers} | {b"server"}
        return [(name, value) for name, value in headers if name.lower() not in own] + self._headers


_CLOSE = (b"connection", b"close")


def _headers(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _is_from_here(method: str, given: dict[bytes, list[bytes]]) -> bool:
    """Tell whether a request comes from the server's own page, from no page, or opens a page by a link."""
    site, mode, target = (
        given.get(name, [b""])[0] for name in (b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")
    )
    by_link = method in ("GET", "HEAD") and mode == b"navigate" and target == b"document"
    return site in (b"", b"same-origin", b"none") or by_link


def _check_bearer(given: bytes, token: bytes) -> tuple[int, str, str, list[tuple[bytes, bytes]]] | None:
    scheme, _, told = given.partition(b" ")
    if scheme.lower() == b"bearer" and hmac.compare_digest(told.strip(), token):
        return None
    wrong = b', error="invalid_token"' if given else b""
    about = "the token is not the server's" if given else "this server wants a token"
    header = (b"www-authenticate", b'Bearer realm="cleaner"' + wrong)
    return 401, about, "send the header `Authorization: Bearer TOKEN`", [header]


def _location(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Lead on to the same address with a slash at its end, in words that hold behind a proxy as well."""
    path: Any = scope["path"]
    return [(b"location", f".{path}/".encode())]
