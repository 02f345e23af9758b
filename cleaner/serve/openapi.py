"""Describe the API in OpenAPI 3.1: every address, parameter, form, limit and status, with examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from cleaner.rules.compiled import version
from cleaner.serve.order import NAMES

_PROSE = "The bridge opens on Friday after two years of work on both banks, the mayor said."
_NOISY = f"{_PROSE}\nAdvertisement\nIt cost nine million."
_RECORD = {"id": "harbour-1", "url": "https://post.example/harbour", "text": _NOISY}
_CLEANED = {
    **_RECORD,
    "text": f"{_PROSE}\nIt cost nine million.",
    "cleaning": {
        "status": "cleaned",
        "flags": [],
        "rules": "0f3c…",
        "repairs": [],
        "cuts": [{"start": 82, "end": 96, "text": "Advertisement\n", "class": "ad", "rules": ["ad.labels"]}],
        "drops": [],
        "metadata": {},
        "resolved": {},
        "origins": {},
        "related": [],
        "headlines": [],
    },
}
_REJECTED = {"rejected": {"id": "stdin#2", "path": "-", "offset": 185, "reason": "`text` is a JSON number, not a string", "raw": "eyJpZCI6IjIiLCJ0ZXh0IjoxfQ=="}}  # fmt: skip

_STATUS = {
    "400": "The parameters or the body are not what they should be: JSON that breaks off, a rule that is not there.",
    "401": "The Bearer token is missing or wrong.",
    "403": "A web page of another site asked for this.",
    "408": "The rest of the body did not arrive.",
    "413": "The body, or the number of its records, is beyond the limit.",
    "415": "The body is of another type, another encoding than UTF-8, or compressed.",
    "421": "The server does not answer to the name in `Host`.",
    "422": "This is JSON, but no record that can be cleaned; the message says why.",
    "500": "The process that worked on it ended, or something went wrong.",
    "503": "The server is starting, or as many requests are being served as are allowed; ask again after `Retry-After` seconds.",
    "504": "Cleaning took longer than the limit.",
}
_ALWAYS = ("401", "403", "421", "500")


class Limits(Protocol):
    """Hold what is to be told of how the API is served."""

    @property
    def token(self) -> str: ...  # noqa: D102
    @property
    def most_bytes(self) -> int: ...  # noqa: D102
    @property
    def most_records(self) -> int: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def request_seconds(self) -> float: ...  # noqa: D102
    @property
    def requests(self) -> int: ...  # noqa: D102


def describe(limits: Limits, names: Sequence[str]) -> dict[str, Any]:
    """Return the description as JSON values; `names` are those of the rules and classes that a request may choose."""
    about = (
        "Records in, records out, as `cleaner clean` writes them: the fields of a record leave as they came, `text` is "
        "cleaned, `title` filled, and `cleaning` accounts for every character removed. "
        f"A body has at most {limits.most_bytes} bytes and {limits.most_records} records; a document gets "
        f"{limits.seconds:g} seconds, a request {limits.request_seconds:g}; {limits.requests} requests are served at one time."
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cleaner",
            "version": version(),
            "description": about,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        **({"security": [{"token": []}]} if limits.token else {}),
        "paths": {
            "/": {"get": _greet()},
            "/clean": {"post": _clean()},
            "/batch": {"post": _batch(limits.most_records)},
            "/rules": {"get": _rules()},
            "/health": {"get": _health()},
            "/openapi.json": {"get": _openapi()},
        },
        "components": {
            **({"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if limits.token else {}),
            "parameters": _PARAMETERS,
            "responses": {status: _failure(status) for status in _STATUS},
            "schemas": {
                "Name": {"description": "A class of rules, or the id of a rule.", "enum": list(names)},
                **_SCHEMAS,
            },
        },
    }


def _clean() -> dict[str, Any]:
    return {
        "operationId": "clean",
        "summary": "Clean one record.",
        "parameters": [_ref("parameters", name) for name in _PARAMETERS],
        "requestBody": {"required": True, "content": {"application/json": _content("Record", _RECORD)}},
        "responses": {
            "200": {
                "description": "The record, cleaned.",
                "content": {"application/json": _content("Cleaned", _CLEANED)},
            },
            **_failures("400", "408", "413", "415", "422", "503", "504"),
        },
    }


def _batch(most: int) -> dict[str, Any]:
    answers = {"type": "array", "items": {"anyOf": [_ref("schemas", "Cleaned"), _ref("schemas", "Rejected")]}}
    array = {
        "type": "array",
        "maxItems": most,
        "items": {"description": "A record; what is none is answered with why."},
    }
    return {
        "operationId": "batch",
        "summary": "Clean many records, in order.",
        "description": "Each record is answered in its place: cleaned, or `rejected` with the reason and its bytes. Lines are "
        "answered as they come; an answer that breaks off is not whole.",
        "parameters": [_ref("parameters", name) for name in _PARAMETERS],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": array, "example": [_RECORD, {"id": "2", "text": 1}]},
                "application/x-ndjson": {"schema": {"type": "string", "description": "One record a line."}},
            },
        },
        "responses": {
            "200": {
                "description": "What became of each record, in the form in which they came.",
                "content": {
                    "application/json": {"schema": answers, "example": [_CLEANED, _REJECTED]},
                    "application/x-ndjson": {"schema": {"type": "string", "description": "One object a line."}},
                },
            },
            **_failures("400", "408", "413", "415", "503", "504"),
        },
    }


def _rules() -> dict[str, Any]:
    return _reading("rules", "List the rules that run.", "Rules", "400", "503", "504")


def _health() -> dict[str, Any]:
    health = _reading("health", "Tell whether the server is ready.", "Health", "400")
    health["security"] = []
    health["responses"]["503"] = {
        "description": "It lives, but its rules are not read yet.",
        "content": {"application/json": _content("Health")},
    }
    return health


def _openapi() -> dict[str, Any]:
    answer = {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": "openapi", "summary": "Describe the API.", "responses": {"200": answer, **_failures()}}


def _greet() -> dict[str, Any]:
    answer = {"description": "A few lines for people.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"operationId": "greet", "summary": "Say what this is.", "responses": {"200": answer, **_failures()}}


def _reading(name: str, summary: str, schema: str, *failures: str) -> dict[str, Any]:
    answer = {"description": summary, "content": {"application/json": _content(schema)}}
    return {"operationId": name, "summary": summary, "responses": {"200": answer, **_failures(*failures)}}


def _failures(*more: str) -> dict[str, Any]:
    return {status: _ref("responses", status) for status in sorted({*_ALWAYS, *more})}


def _failure(status: str) -> dict[str, Any]:
    failure: dict[str, Any] = {
        "description": _STATUS[status],
        "content": {"application/json": {"schema": _ref("schemas", "Failure")}},
    }
    if status == "503":
        failure["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if status == "401":
        failure["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return failure


def _content(schema: str, example: Any = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _ref("schemas", schema)}
    return content if example is None else {**content, "example": example}


def _ref(part: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{part}/{name}"}


def _switch(name: str, about: str) -> dict[str, Any]:
    schema = {"type": "boolean", "default": False}
    return {"name": name, "in": "query", "description": about, "schema": schema}


def _choice(name: str, about: str) -> dict[str, Any]:
    schema = {"type": "array", "maxItems": NAMES, "items": _ref("schemas", "Name")}
    return {"name": name, "in": "query", "description": about, "schema": schema, "style": "form", "explode": True}


_PARAMETERS = {
    "only": _choice("only", "Run only rules of this class or id; repeatable."),
    "without": _choice("without", "Leave out rules of this class or id; repeatable."),
    "annotate": _switch("annotate", "Leave text and title as they are, only write the account."),
    "lean": _switch("lean", "Leave the texts of cuts out of the account."),
    "articles_only": _switch("articles_only", "Reject pages that are no article, with the reason."),
    "recleaning": _switch("recleaning", "Accept records that have been cleaned before."),
}


def _object(about: str, required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "description": about, "required": required, "properties": properties}


_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_NUMBER = {"type": "integer", "minimum": 0}
_TEXTS = {"type": "array", "items": _TEXT}
_MAP = {"type": "object", "additionalProperties": _TEXT}

_CONTENT = ("text", "html", "html_base64")
_FULL = {"type": "string", "minLength": 1}
_EMPTY = {"enum": [None, ""]}
_BASE64 = {
    "type": "string",
    "minLength": 1,
    "contentEncoding": "base64",
    "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}

_SCHEMAS: dict[str, Any] = {
    "Record": {
        "type": "object",
        "description": "A document: its text, or the page it stands on, the first of text, html and html_base64 that is not empty. "
        "All other fields leave as they came. One that has `cleaning` already is refused, unless `recleaning` is set.",
        "properties": {
            "id": {"description": "Named after its place, where there is none."},
            "text": {"description": "The text as scraped."},
            "html": {"description": "The page, where there is no text."},
            "html_base64": {"description": "The page as bytes, where there is neither."},
            "url": {"description": "Where it was found; rules for one site go by its host."},
            "source": {"description": "The name of its source."},
            "lang": {"description": "Its language, as in `en`; else it is guessed where it matters."},
            "title": {"description": "Its title; where there is none it is looked for."},
            "crawled": {"description": "When it was fetched."},
        },
        "anyOf": [
            {"required": ["text"], "properties": {"text": _FULL}},
            {"required": ["html"], "properties": {"text": _EMPTY, "html": _FULL}},
            {"required": ["html_base64"], "properties": {"text": _EMPTY, "html": _EMPTY, "html_base64": _BASE64}},
            *(
                {"required": [name], "properties": {**dict.fromkeys(_CONTENT, _EMPTY), name: {"const": ""}}}
                for name in _CONTENT
            ),
        ],
    },
    "Cleaned": _object(
        "The record with its text cleaned, its title filled, and the account.",
        ["cleaning"],
        cleaning=_ref("schemas", "Cleaning"),
    ),
    "Cleaning": _object(
        "The account: `text` is the source without the cuts. Offsets count code points of the source.",
        [
            "status",
            "flags",
            "rules",
            "repairs",
            "cuts",
            "drops",
            "metadata",
            "resolved",
            "origins",
            "related",
            "headlines",
        ],
        status=_TEXT,
        flags=_TEXTS,
        rules={**_TEXT, "description": "The digest of the rules that ran."},
        repairs=_TEXTS,
        cuts={"type": "array", "items": _ref("schemas", "Cut")},
        drops={
            "type": "array",
            "items": _object("An element taken out of a page.", ["path", "rule"], path=_TEXT, rule=_TEXT, text=_TEXT),
        },
        metadata=_MAP,
        resolved=_MAP,
        origins=_MAP,
        related={"type": "array", "items": _ref("schemas", "Related")},
        headlines=_TEXTS,
        source={**_TEXT, "description": "With `annotate`: what offsets count in, where it is not the text."},
    ),
    "Cut": _object(
        "A piece of the source that went.",
        ["start", "end", "class", "rules"],
        start=_NUMBER,
        end=_NUMBER,
        text=_TEXT,
        **{"class": _TEXT},
        rules=_TEXTS,
        because=_TEXTS,
    ),
    "Related": _object(
        "An article that was appended to this one.",
        ["title", "source", "age", "url", "text", "start", "end", "cuts", "metadata"],
        title=_MAYBE,
        source=_MAYBE,
        age=_MAYBE,
        url=_MAYBE,
        text=_MAYBE,
        start={"type": ["integer", "null"]},
        end={"type": ["integer", "null"]},
        cuts={"type": "array", "items": _ref("schemas", "Cut")},
        metadata=_MAP,
    ),
    "Rejected": _object(
        "What could not be cleaned, in the place of its record.",
        ["rejected"],
        rejected=_object(
            "What `cleaner clean` writes to its rejects.",
            ["id", "path", "offset", "reason", "raw"],
            id=_TEXT,
            path=_TEXT,
            offset={**_NUMBER, "description": "Bytes from the beginning of the lines."},
            reason=_TEXT,
            raw={**_TEXT, "contentEncoding": "base64"},
        ),
    ),
    "Rules": _object(
        "The rules that run unless a request chooses.",
        ["digest", "rules"],
        digest=_TEXT,
        rules={
            "type": "array",
            "items": _object(
                "A rule.",
                ["id", "class", "kind", "status", "rev", "why"],
                id=_TEXT,
                **{"class": _TEXT},
                kind=_TEXT,
                status=_TEXT,
                rev=_NUMBER,
                why=_TEXT,
            ),
        },
    ),
    "Health": _object(
        "How the server is.",
        ["live", "ready", "workers"],
        live={"const": True},
        ready={"type": "boolean"},
        version=_TEXT,
        digest=_TEXT,
        rules={**_NUMBER, "description": "How many rules run."},
        workers=_object("The processes.", ["count", "warm"], count=_NUMBER, warm=_NUMBER),
    ),
    "Failure": _object(
        "What went wrong, and what to do instead.",
        ["error"],
        error=_object("The error.", ["message", "hint"], message=_TEXT, hint=_TEXT, id=_TEXT),
    ),
}
