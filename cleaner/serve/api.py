"""Serve cleaning over HTTP: records in, records out, as `cleaner clean` writes them, byte for byte.

`run_api(setting, listener)` serves until it is told to stop, `api(setting)` is the ASGI app alone, with its guard. Records
are cleaned in processes of their own; one that takes too long, or ends its process, costs itself. What cannot be
cleaned is answered in its place with the reason: nothing is lost.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cleaner.bulk.batch import late
from cleaner.deadline import Overdue
from cleaner.errors import CleanerError, OptionError
from cleaner.io.record import USUAL, Fields
from cleaner.io.splice import dump
from cleaner.io.stream import BOM, Lines
from cleaner.model import Rejected
from cleaner.rules.ruleset import Ruleset
from cleaner.serve.cleaners import Cleaners, TooMany, Unreadable, give_up, part
from cleaner.serve.door import DATA_POLICY, guard, while_there
from cleaner.serve.openapi import describe
from cleaner.serve.order import Order, read_order
from cleaner.serve.server import run
from cleaner.serve.workers import Busy, WorkerFault, WorkerLost, Workers

JSON, LINES = "application/json", "application/x-ndjson"

_AHEAD = 2  # parcels of one request under way for each process
_LOAD = 1 << 16  # bytes of lines that are cleaned together
_READING = 60.0  # seconds that telling of all rules may take
_GRACE = 2.0  # seconds beyond a document's own limit after which its process is ended

_SILENCE = 30.0  # seconds beyond the request's limit that a client has to take its answers

log = logging.getLogger("cleaner.serve")


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold how the API is served.

    `hosts` are the values of `Host` it answers to (`door.hosts_of`), `token` the Bearer token it wants, if any. `rules`,
    `packs`, `only`, `without`, `fast` and `fields` are what `cleaner clean` takes. `seconds` are given to one document,
    `request_seconds` to all of one request; `requests` are served at one time.
    """

    hosts: Collection[str]
    token: str = ""
    rules: Ruleset | tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fast: bool = False
    fields: Fields = field(default=USUAL)
    jobs: int = 1
    most_bytes: int = 32_000_000
    most_records: int = 10_000
    seconds: float = 30.0
    request_seconds: float = 300.0
    requests: int = 16


def run_api(setting: Setting, listener: socket.socket, tell: Callable[[], object] = lambda: None) -> None:
    """Serve the API on a socket until SIGINT or SIGTERM; requests under way are finished. `tell` is called when it is ready.

    Raises `RuleError` or `OptionError`, before anybody is answered, for rules that are wrong.
    """
    with _hire(setting) as workers:
        asyncio.run(workers.ask("tell", seconds=_READING))
        tell()
        run(api(setting, workers), listener)


def api(setting: Setting, workers: Workers | None = None) -> ASGIApp:
    """Return the API as an ASGI app; without `workers` it has its own from its lifespan's start to its end."""
    counter = _Counter(setting)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        counter.workers = workers or _hire(setting)
        learning = asyncio.ensure_future(counter.learn())
        try:
            yield
        finally:
            learning.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await learning
            if not workers:
                await asyncio.to_thread(counter.workers.close)

    routes = [
        Route("/", counter.greet, methods=["GET"]),
        Route("/clean", counter.clean, methods=["POST"]),
        Route("/batch", counter.batch, methods=["POST"]),
        Route("/rules", counter.rules, methods=["GET"]),
        Route("/health", counter.health, methods=["GET"]),
        Route("/openapi.json", counter.openapi, methods=["GET"]),
    ]
    told: dict[Any, Any] = dict.fromkeys((HTTPException, *_OURS), _explain)
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=told)
    app.router.redirect_slashes = False
    return guard(
        app,
        hosts=setting.hosts,
        most_bytes=setting.most_bytes,
        bearer_token=setting.token,
        open_paths={"/health"},
        policy=DATA_POLICY,
    )


def _hire(setting: Setting) -> Workers:
    s = setting
    build = partial(Cleaners, s.rules, s.packs, s.only, s.without, s.fast, s.fields, s.seconds)
    waiting = setting.requests * max(1, _AHEAD * setting.jobs)
    return Workers(build, count=setting.jobs, seconds=setting.seconds + _GRACE, waiting=waiting)


class Refusal(Exception):
    """Say why a request is refused, with which status, and what to send instead."""

    def __init__(self, status: int, message: str, hint: str):
        self.status, self.hint = status, hint
        super().__init__(message)


_OURS = (CleanerError, TimeoutError, WorkerFault, Refusal)


class _Counter:
    """Take requests, have them worked on, and hand out what they become."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.workers: Workers
        self._about: dict[str, Any] = {}
        self._rules: dict[str, Any] = {}
        self._names: list[str] = []
        self._served = 0

    async def learn(self) -> None:
        """Ask once what rules there are."""
        self._about = await self._patiently("tell")

    async def greet(self, request: Request) -> Response:
        return PlainTextResponse(_GREETING)

    async def openapi(self, request: Request) -> Response:
        self._names = self._names or await self._patiently("names")
        return JSONResponse(describe(self.setting, self._names))

    async def health(self, request: Request) -> Response:
        _refuse_query(request)
        told = {"live": True, "ready": bool(self._about), **self._about}
        told["workers"] = {"count": self.setting.jobs, "warm": self.workers.warm}
        return JSONResponse(told, 200 if self._about else 503, headers=None if self._about else {"Retry-After": "1"})

    async def rules(self, request: Request) -> Response:
        _refuse_query(request)
        with self._room():
            self._rules = self._rules or {
                "digest": (self._about or await self.workers.ask("tell"))["digest"],
                "rules": await self._patiently("rules"),
            }
        return JSONResponse(self._rules)

    async def clean(self, request: Request) -> Response:
        """Clean one record."""
        order = read_order(request.query_params.multi_items())
        _take_form(request, JSON)
        with self._room():
            async with asyncio.timeout(self.setting.request_seconds):
                done = await self._clean_one(request, order)
        if not isinstance(done, Rejected):
            return Response(done, media_type=JSON)
        seconds = self.setting.seconds
        status, hint = (504, _SLOW) if done.reason == late(seconds) else (422, _hint_for(done.reason))
        return JSONResponse({"error": {"message": done.reason, "hint": hint, "id": done.id}}, status)

    async def _clean_one(self, request: Request, order: Order) -> Any:
        body = await request.body()
        try:
            return await while_there(request, self.workers.ask("clean_one", order, body))
        except Overdue:
            raise Overdue(late(self.setting.seconds)) from None

    async def batch(self, request: Request) -> ASGIApp:
        """Clean the records of an array, or of lines, which are answered as they come."""
        order = read_order(request.query_params.multi_items())
        form = _take_form(request, JSON, LINES)
        if order.only or order.without:
            await self.workers.ask("check", order)
        return _Batch(self, request, order, form)

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Serve no more requests at one time than are allowed."""
        if self._served >= self.setting.requests:
            raise Busy(f"{self._served} requests are being served, which is the most")
        self._served += 1
        try:
            yield
        finally:
            self._served -= 1

    async def _patiently(self, method: str) -> Any:
        """Ask what takes long only once, while rules are read for the first time."""
        return await self.workers.ask(method, seconds=_READING)


class _Batch:
    """Read records, clean them and write what they become, all three at one time.

    Reading does not wait for the client to take answers: one that sends all before it reads anything would wait for ever.
    What is held meanwhile is bounded by the limits on the body and its records.
    """

    def __init__(self, counter: _Counter, request: Request, order: Order, form: str):
        self._counter, self._request, self._order, self._form = counter, request, order, form
        self._setting, self._workers = counter.setting, counter.workers
        self._until = asyncio.get_running_loop().time() + self._setting.request_seconds
        self._under_way = asyncio.Semaphore(_AHEAD * self._setting.jobs)
        self._done: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._counter._room():
            reading, writing = self._begin(self._read()), self._begin(self._write(send))
            try:
                most = self._setting.request_seconds + _SILENCE
                await asyncio.wait((reading, writing), timeout=most, return_when=asyncio.FIRST_COMPLETED)
                if not (reading.done() or writing.done()):
                    raise TimeoutError
                (writing if writing.done() else reading).result()
            except _OURS as error:
                if not self._begun:
                    raise
                about = _body_of(*_status_of(error)[1:3])
                await send({"type": "http.response.body", "body": about + b"\n", "more_body": True})
                raise ClientDisconnect from None  # cut off, so that nobody takes it for whole
            finally:
                tasks = [reading, writing, *self._tasks]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _read(self) -> None:
        """Have each parcel cleaned as it comes; then listen for a client that goes away."""
        records = 0
        async for lines in self._lines():
            records += sum(1 for line in lines.raw.split(b"\n") if line.strip())
            if records > self._setting.most_records:
                raise TooMany(f"more than {self._setting.most_records} records; send them in parts")
            await self._under_way.acquire()
            task = self._begin(self._clean(lines))
            task.add_done_callback(lambda _: self._under_way.release())
            await self._done.put(task)
        await self._done.put(None)
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect

    async def _lines(self) -> AsyncIterator[Lines]:
        if self._form == LINES:
            async for lines in _gather(self._request.stream()):
                yield lines
        else:
            body = await self._request.body()
            lines = await self._workers.ask("split", body, self._setting.most_records)
            async for some in _gather(_once(lines)):
                yield some

    async def _write(self, send: Send) -> None:
        """Write results in order, lines as they are, an array with its brackets and commas."""
        lines = self._form == LINES
        between, end = (b"", b"") if lines else (b"[", b"]\n")
        while task := await self._done.get():
            if done := await task:
                await self._send(send, between + (done + b"\n" if lines else done.replace(b"\n", b",")))
                between = b"" if lines else b","
        await self._send(send, end if lines or between == b"," else b"[]\n", more=False)

    async def _send(self, send: Send, body: bytes, more: bool = True) -> None:
        if not self._begun:
            self._begun = True
            headers = [(b"content-type", self._form.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": more})

    async def _clean(self, lines: Lines) -> bytes:
        """Clean lines; should that fail as a whole, each by itself, or reject it."""
        left = self._until - asyncio.get_running_loop().time()
        if left <= 0:
            return give_up(lines, self._overdue)
        most = self._setting.seconds + _GRACE
        try:
            done: bytes = await self._workers.ask("clean", self._order, lines, seconds=min(left, most))
        except (Overdue, WorkerLost, WorkerFault) as error:
            parts = part(lines)
            if len(parts) > 1:
                return b"\n".join([await self._clean(one) for one in parts])
            if isinstance(error, Overdue):
                return give_up(lines, late(self._setting.seconds) if left > most else self._overdue)
            return give_up(lines, "cleaning failed" if isinstance(error, WorkerFault) else str(error))
        return done

    @property
    def _overdue(self) -> str:
        return f"the request took longer than {self._setting.request_seconds:g} seconds"


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _gather(chunks: AsyncIterator[bytes]) -> AsyncIterator[Lines]:
    """Gather chunks into parcels of whole lines, as soon as there are any; a byte order mark at the beginning is left out."""
    held: list[bytes] = []
    offset, number, head = 0, 1, b""
    begun = False
    async for chunk in chunks:
        if not begun:
            chunk = head = head + chunk
            if len(head) < len(BOM) and BOM.startswith(head):
                continue
            begun = True
            if chunk.startswith(BOM):
                chunk, offset = chunk[len(BOM) :], len(BOM)
        at = 0
        while (cut := _cut(chunk, at)) > at:
            raw = b"".join([*held, chunk[at:cut]])
            yield Lines(offset, number, raw)
            offset, number, at, held = offset + len(raw), number + raw.count(b"\n"), cut, []
        if chunk[at:]:
            held.append(chunk[at:])
    if rest := b"".join(held) if begun else head:
        yield Lines(offset, number, rest)


def _cut(chunk: bytes, at: int) -> int:
    """Return where the lines end that are cleaned together from here on; here, where none ends."""
    if len(chunk) - at > _LOAD:
        near = chunk.rfind(b"\n", at, at + _LOAD)
        return (near if near >= 0 else chunk.find(b"\n", at + _LOAD)) + 1 or at
    return chunk.rfind(b"\n", at) + 1 or at


def _take_form(request: Request, *known: str) -> str:
    """Return the type of the body; refuse any other, and a body that is compressed."""
    form, _, more = request.headers.get("content-type", "").partition(";")
    form, charset = form.strip().lower(), more.strip().lower().replace('"', "")
    if form not in known or charset not in ("", "charset=utf-8", "charset=utf8"):
        given = request.headers.get("content-type", "of no type")[:100]
        raise Refusal(415, f"the body is {given}", f"send {' or '.join(known)}, in UTF-8")
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise Refusal(415, "the body is compressed", "send it as it is, without Content-Encoding")
    return form


def _refuse_query(request: Request) -> None:
    if request.url.query:
        raise Refusal(400, f"{request.url.path} takes no parameters", "leave out the question mark and what follows")


_SLOW = "clean it with the command line, or start the server with a higher --deadline"


def _hint_for(reason: str) -> str:
    if "--recleaning" in reason:
        return "add ?recleaning=true"
    if reason.startswith("not an article"):
        return "leave out articles_only to have it cleaned all the same"
    return "a record is a JSON object with `text`, `html` or `html_base64`"


def _status_of(error: Exception) -> tuple[int, str, str, dict[str, str]]:
    """Return status, message, hint and headers for an error."""
    match error:
        case Refusal():
            return error.status, str(error), error.hint, {}
        case HTTPException():
            return error.status_code, *_TOLD.get(error.status_code, (error.detail, "")), dict(error.headers or {})
        case Unreadable() | OptionError():
            return 400, str(error), "", {}
        case TooMany():
            return 413, str(error), "or start the server with a higher --most-records", {}
        case Busy():
            return 503, str(error), "ask again in a moment", {"Retry-After": str(error.after)}
        case TimeoutError():
            return 504, str(error) or "the request took too long", _SLOW, {}
        case WorkerLost():
            return 500, str(error), "if it happens again, this document needs more memory than there is", {}
    log.error("%s\n%s", error, getattr(error, "trace", ""))
    return 500, "something went wrong here", "the server's log says more", {}


_TOLD = {
    404: ("nothing is here", "GET /openapi.json tells what there is"),
    405: ("this address does not take that method", "GET /openapi.json tells which it takes"),
}


def _explain(request: Request, error: Exception) -> Response:
    """Answer with an error in JSON."""
    status, message, hint, headers = _status_of(error)
    return Response(_body_of(message, hint), status, headers, JSON)


def _body_of(message: str, hint: str) -> bytes:
    return dump({"error": {"message": message, "hint": hint}})


_GREETING = """\
This is the API of cleaner: it takes news articles as scraped, and gives them back without boilerplate and noise.

  POST /clean         one record: {"id": "1", "text": "..."} or {"id": "1", "html": "<html>...", "url": "..."}
  POST /batch         many: a JSON array, or lines of records (application/x-ndjson), answered in the same form
  GET  /rules         the rules that run
  GET  /health        whether it is ready, its version, and the digest of its rules
  GET  /openapi.json  all of this for programs

Parameters of the first two: only=CLASS|RULE, without=CLASS|RULE (repeatable), annotate, lean, articles_only, recleaning.
"""
