"""The playground over HTTP: one page, its files from a closed list, and the calls of a `Desk` in JSON.

Three processes work for it: one for the document on the page, one for the sample, one that reads inputs. So a comparison
of many documents, or a dump that is searched, keeps nobody from typing; and a pattern that never ends takes its process
with it and nothing else. The page itself and what it shows first wait for none of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cleaner.deadline import Overdue
from cleaner.errors import CleanerError, InputError, OutputError, RuleError
from cleaner.io.splice import dump, parse
from cleaner.report.frame import templates
from cleaner.serve.desk import Desk, Missing, Setting, check_setting
from cleaner.serve.door import guard
from cleaner.serve.folder import Changed
from cleaner.serve.workers import Busy, WorkerFault, WorkerLost, Workers

BYTES = 32_000_000
"""Bytes of a request, at most."""

SECONDS = 10.0
"""Seconds that a question about one document may take."""

READING = 60.0
"""Seconds that a step of reading inputs, or of cleaning the sample for the first time, may take."""

COMPARING = 120.0
"""Seconds that a comparison over the sample may take in all."""

_HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_LOG = logging.getLogger("cleaner.serve")

Call = Callable[[Request, Mapping[str, Any]], Awaitable[Any]]


class Playground:
    """Hold the processes of a playground, and answer its calls."""

    def __init__(self, setting: Setting, seconds: float = SECONDS, start: Mapping[str, Any] | None = None):
        """Load the rules to see that they are right, unless `start` has told of them, and get ready to serve.

        Raises `RuleError` where a file is wrong.
        """
        self._setting, self._seconds = setting, seconds
        self._corpus: dict[str, Any] = {"documents": 0, "characters": 0, "ready": not setting.inputs}
        self._here = Workers(partial(Desk, setting, ready=True), seconds=seconds)
        self._there: Workers | None = None
        self._shelf = Workers(partial(Desk, setting), seconds=READING) if setting.inputs else None
        self._turns: dict[int, asyncio.Lock] = {}
        try:
            self._start = dict(start if start is not None else check_setting(setting))
        except BaseException:
            self.close()
            raise

    @asynccontextmanager
    async def life(self, _: Starlette) -> AsyncIterator[None]:
        """Read and clean the sample beside all else, and end the processes with the server."""
        gathering = asyncio.create_task(self._gather())
        try:
            yield
        finally:
            gathering.cancel()
            with suppress(asyncio.CancelledError):
                await gathering
            await asyncio.to_thread(self.close)

    def close(self) -> None:
        """End the processes."""
        for workers in (self._here, self._there, self._shelf):
            if workers:
                workers.close()

    def call(self, name: str) -> Call:
        """Return what answers a call of the interface."""
        found: Call = getattr(self, f"_call_{name}")
        return found

    async def _call_start(self, request: Request, _: Mapping[str, Any]) -> Any:
        """Tell what is known, without waiting for rules that are still being compiled, or for a long question."""
        if self._here.warm and not self._turn(self._here).locked():
            try:
                self._start = await self._ask(request, self._here, "start")
            except CleanerError as error:  # a file of rules was broken meanwhile: what it was before is shown
                return {**self._known(), "trouble": str(error)}
        return self._known()

    def _known(self) -> dict[str, Any]:
        limits = {"bytes": BYTES, "seconds": self._seconds}
        return {**self._start, "corpus": self._corpus, "limits": limits}

    async def _call_schema(self, request: Request, _: Mapping[str, Any]) -> Any:
        return await self._ask(request, self._here, "schema")

    async def _call_documents(self, request: Request, _: Mapping[str, Any]) -> Any:
        if self._shelf is None:
            return {"documents": [], "next": None, "more": False, "rejected": 0, "troubles": []}
        asked = request.query_params
        after = asked.get("after") or "0"
        if not (after.isascii() and after.isdigit() and len(after) < 12):
            raise InputError("`after` is what `next` of the list before said")
        return await self._ask(request, self._shelf, "documents", asked.get("find", ""), int(after))

    async def _call_document(self, request: Request, _: Mapping[str, Any]) -> Any:
        return await self._fetch(request, "document", request.query_params.get("id"))

    async def _call_clean(self, request: Request, body: Mapping[str, Any]) -> Any:
        document = await self._document(request, body)
        return await self._ask(request, self._here, "clean", document, body.get("draft"))

    async def _call_rule(self, request: Request, _: Mapping[str, Any]) -> Any:
        return await self._ask(request, self._here, "rule", request.query_params.get("id", ""))

    async def _call_rules(self, request: Request, _: Mapping[str, Any]) -> Any:
        return await self._ask(request, self._here, "rules", request.query_params.get("find", ""))

    async def _call_check(self, request: Request, body: Mapping[str, Any]) -> Any:
        return await self._ask(request, self._here, "check", body.get("draft"))

    async def _call_test(self, request: Request, body: Mapping[str, Any]) -> Any:
        return await self._ask(request, self._here, "test", body.get("draft"))

    async def _call_propose(self, request: Request, body: Mapping[str, Any]) -> Any:
        document = await self._document(request, body)
        parts = (body.get("from"), body.get("to"), body.get("draft"))
        return await self._ask(request, self._here, "propose", document, *parts)

    async def _call_save(self, request: Request, body: Mapping[str, Any]) -> Any:
        parts = (body.get("draft"), body.get("file"), body.get("digest"))
        told = await self._ask(request, self._here, "save", *parts)
        self._start = told.pop("start")
        return told

    async def _call_compare(self, request: Request, body: Mapping[str, Any]) -> Any:
        """Compare step by step, so that who has gone, or types on, keeps nobody waiting."""
        if not self._setting.inputs:
            none = {"documents": 0, "pieces": 0, "characters": 0}
            return {"documents": 0, "changed": 0, "cut": none, "kept": none, "samples": [], "seconds": 0.0}
        until = asyncio.get_running_loop().time() + COMPARING
        while asyncio.get_running_loop().time() < until:
            told = await self._ask(request, self._sampling(), "compare", body.get("draft"))
            if told is not None:
                return told
        raise Overdue(f"it took longer than {COMPARING:g} seconds")

    async def _document(self, request: Request, body: Mapping[str, Any]) -> Any:
        """Return the document of a request: as it was sent, or as it was read where only its id was sent."""
        document = body.get("document")
        if isinstance(document, Mapping) and document.get("id") and not document.keys() & {"text", "html"}:
            return await self._fetch(request, "raw", document["id"])
        return document

    async def _fetch(self, request: Request, method: str, id_: Any) -> Any:
        if not isinstance(id_, str) or not id_:
            raise InputError("`id` is missing: the id of a document")
        if self._shelf is None:
            raise Missing(f"no document has the id {id_!r}: the playground was started without any")
        while (found := await self._ask(request, self._shelf, method, id_)) is None:
            pass
        return found

    async def _ask(self, request: Request, workers: Workers, method: str, *args: Any) -> Any:
        """Ask in turn; who has gone meanwhile is not served, and what has begun is not broken off."""
        async with self._turn(workers):
            if await request.is_disconnected():
                raise ClientDisconnect
            return await asyncio.shield(workers.ask(method, *args))

    def _turn(self, workers: Workers) -> asyncio.Lock:
        return self._turns.setdefault(id(workers), asyncio.Lock())

    def _sampling(self) -> Workers:
        if self._there is None:
            self._there = Workers(partial(Desk, self._setting, ready=True), seconds=self._seconds)
        return self._there

    async def _gather(self) -> None:
        """Read and clean the sample once the rules are compiled, which are in a cache by then."""
        try:
            await self._here.ask("start")
            while not self._corpus["ready"]:
                self._corpus = await self._sampling().ask("gather", seconds=READING)
        except (CleanerError, Overdue, WorkerFault) as error:
            self._corpus = {**self._corpus, "ready": True, "trouble": str(error)}


def build(playground: Playground, *, hosts: Collection[str], token: str, most_bytes: int = BYTES) -> ASGIApp:
    """Return the app, behind its door: it answers to `hosts`, and to nobody without the token in the path."""
    files = _files()
    page = templates(_HERE / "templates").get_template("playground.html").render()

    async def show(_: Request) -> Response:
        return Response(page, media_type="text/html; charset=utf-8")

    async def give(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            raise HTTPException(404, "nothing is here")
        return Response(files[name], media_type=_TYPES[Path(name).suffix])

    routes = [
        Route("/", show),
        Route("/static/{name}", give),
        *(Route(f"/api/{name}", _answer(playground, name, ("GET",)), methods=["GET"]) for name in _GET),
        *(Route(f"/api/{name}", _answer(playground, name, ("POST",)), methods=["POST"]) for name in _POST),
    ]
    app = Starlette(
        routes=routes,
        lifespan=playground.life,
        exception_handlers={HTTPException: _tell},  # type: ignore[dict-item]
    )
    app.router.redirect_slashes = False
    return guard(app, hosts=hosts, most_bytes=most_bytes, path_token=token)


_GET = ("start", "schema", "documents", "document", "rule", "rules")
_POST = ("clean", "check", "test", "compare", "propose", "save")


def _answer(playground: Playground, name: str, methods: Collection[str]) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers one call: its result in JSON, or its error."""
    call = playground.call(name)

    async def answer(request: Request) -> Response:
        try:
            body = await _body(request) if "POST" in methods else {}
            return _json(200, await call(request, body))
        except (CleanerError, Overdue, WorkerFault) as error:
            return _refuse(error)

    return answer


async def _body(request: Request) -> Mapping[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send JSON, with Content-Type: application/json")
    try:
        body = parse(await request.body())
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    if not isinstance(body, dict):
        raise HTTPException(400, "send a JSON object")
    return body


def _refuse(error: Exception) -> Response:
    """Turn an error into an answer: what was wrong, and what to do instead."""
    if isinstance(error, RuleError):
        about = {name: getattr(error, name) for name in ("line", "field", "rule", "path")}
        return _json(422, {"error": {"message": error.reason, "hint": error.hint, **about}})
    if isinstance(error, Overdue):
        hint = "A pattern may take too long on this text, or the document is very long; what worked on it was ended"
        return _json(503, {"error": {"message": str(error), "hint": hint}})
    if isinstance(error, WorkerFault):
        _LOG.error("%s\n%s", error, error.trace)
        return _json(500, {"error": {"message": str(error), "hint": "This is a fault of cleaner: please report it"}})
    return _json(_status(error), {"error": {"message": str(error), "hint": ""}})


def _status(error: Exception) -> int:
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return 422


_STATUS = ((Missing, 404), (Changed, 409), (Busy, 503), (WorkerLost, 503), (OutputError, 500))


async def _tell(_: Request, error: HTTPException) -> Response:
    return _json(error.status_code, {"error": {"message": error.detail, "hint": ""}}, error.headers)


def _json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dump(value), status, dict(headers or {}), "application/json")


def _files() -> dict[str, bytes]:
    """Read the files of the page; nothing else is ever given."""
    folder = _HERE / "static"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
