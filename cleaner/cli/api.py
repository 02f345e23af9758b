"""`cleaner serve --api`: its options, and how it starts."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from cleaner.bulk.pool import count_cores
from cleaner.cli.options import Amount, Processes, option
from cleaner.errors import OptionError
from cleaner.io.record import Fields

Function = TypeVar("Function", bound=Callable[..., Any])

_DAY = 86_400  # seconds
_CLASSES = "of this class or id from the API; repeatable."


def api_options(function: Function) -> Function:
    """Add the options that only the API has."""
    for shown in (
        option(
            "--requests",
            type=click.IntRange(1, 10_000),
            default=16,
            show_default=True,
            metavar="N",
            help="API: serve so many requests at one time, and tell others to ask again.",
        ),
        option(
            "--request-deadline",
            type=Amount(min=1, max=_DAY),
            default=300.0,
            show_default=True,
            metavar="SECONDS",
            help="API: reject what is left of a request that takes longer.",
        ),
        option(
            "--deadline",
            type=Amount(min=0.1, max=_DAY),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="API: reject a document that takes longer.",
        ),
        option(
            "--most-records",
            type=click.IntRange(min=1),
            default=10_000,
            show_default=True,
            metavar="N",
            help="API: take so many records in one request.",
        ),
        option(
            "--most-megabytes",
            type=Amount(min=0.001, max=1 << 12),
            default=32.0,
            show_default=True,
            metavar="MB",
            help="API: take bodies of this size.",
        ),
        option(
            "--jobs",
            "-j",
            type=Processes(min=0),
            default="1",
            show_default=True,
            metavar="N",
            help="API: clean in so many processes; 0 or `auto` takes one a core.",
        ),
        option("--fast", is_flag=True, help="API: ask one extractor only about pages, as `clean --fast` does."),
        option("--without", multiple=True, metavar="CLASS|RULE", help=f"API: leave out rules {_CLASSES}"),
        option("--only", multiple=True, metavar="CLASS|RULE", help=f"API: run only rules {_CLASSES}"),
        click.option("--api", is_flag=True, help="Serve the HTTP API for programs instead of the page."),
    ):
        function = shown(function)
    return function


def refuse_api_options(ctx: click.Context) -> None:
    """Raise `OptionError` for an option on the command line that the page would pass over in silence."""
    for parameter in ctx.command.params:
        told = isinstance(parameter, click.Option) and (parameter.help or "").startswith("API: ")
        if told and parameter.name and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
            raise OptionError(f"{parameter.opts[0]} is for the API: add --api, or leave it out for the page")


def serve_api(settings: Mapping[str, Any], fields: Fields) -> None:
    """Serve the API until it is told to stop; the address is printed once it is ready.

    Without `--token` only loopback goes without one: elsewhere one is made and printed.
    """
    from cleaner.serve.api import Setting, run_api  # loaded late: they need the extra
    from cleaner.serve.door import check_token, hosts_of, is_loopback
    from cleaner.serve.server import bind, port_of

    host, token = settings["host"], settings["token"] or ""
    made = "" if token or is_loopback(host) else secrets.token_urlsafe(16)
    if settings["save"] or settings["id_"]:
        raise OptionError("--save and --id are for the page; --api has none")
    with bind(host, settings["port"]) as listener:
        port = port_of(listener)
        setting = Setting(
            hosts_of(host, port, settings.get("allow_host", ())),
            token=check_token(token) if token else made,
            rules=settings["rules"],
            packs=settings["pack"],
            only=settings["only"],
            without=settings["without"],
            fast=settings["fast"],
            fields=fields,
            jobs=settings["jobs"] or count_cores(),
            most_bytes=int(settings["most_megabytes"] * 1_000_000),
            most_records=settings["most_records"],
            seconds=settings["deadline"],
            request_seconds=settings["request_deadline"],
            requests=settings["requests"],
        )

        def tell() -> None:
            click.echo(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
            if made:
                click.echo(f"Authorization: Bearer {made}")
            sys.stdout.flush()

        run_api(setting, listener, tell)
