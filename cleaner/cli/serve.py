"""`cleaner serve`: the playground of rule authors in a browser, or the HTTP API for programs."""

from __future__ import annotations

import secrets
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import click

from cleaner.cli.api import api_options, refuse_api_options, serve_api
from cleaner.cli.options import field_options, option, rules_option, take_fields
from cleaner.errors import InputError, OptionError
from cleaner.io.inputs import Input, find_inputs

HOST, PORT = "127.0.0.1", 8417
_EXTRA = 'cleaner serve needs the extra `serve`: pip install "cleaner-news[serve]"'
_SAVING_OFF = "start with `--save FOLDER`, and rules are saved there"


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@rules_option
@option(
    "--save", type=click.Path(file_okay=False), metavar="FOLDER",
    help="Save rules in this folder, and load those in it; made if it is missing.  [default: the first folder of --rules]",
)  # fmt: skip
@option("--id", "id_", metavar="ID", help="Open this document first.")
@option(
    "--sample", type=click.IntRange(0, 100_000), default=200, show_default=True, metavar="N",
    help="Show what a rule changes in so many documents of the inputs.",
)  # fmt: skip
@option("--host", default=HOST, show_default=True, help="Listen on this address.")
@option(
    "--allow-host", multiple=True, metavar="NAME[:PORT]",
    help="Answer to this name as well, where others reach this machine by it; repeatable.",
)  # fmt: skip
@option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="Listen on this port; 0 takes any."
)
@option(
    "--token", metavar="TEXT", help="The secret in the address: 16 characters or more.  [default: a new one each time]"
)
@click.option("--browser/--no-browser", default=None, help="Open a browser.  [default: on a terminal]")
@api_options
@field_options
@click.pass_context
def serve(ctx: click.Context, /, inputs: tuple[str, ...], **settings: Any) -> None:
    """Open a page on which rules are tried, changed, made and saved, on documents of your own.

    INPUT is anything that `clean` reads; its documents can be picked on the page, and a sample of them shows what a
    change of a rule does elsewhere. The address is printed as the server starts. It holds a token: who does not know it
    is not let in. Only this machine is served unless --host says otherwise. Ctrl-C ends it.
    """
    fields = take_fields(settings)
    try:
        if settings["api"]:
            if inputs:
                raise OptionError("--api takes no inputs: records come with requests")
            serve_api(settings, fields)
            return
        refuse_api_options(ctx)
        from cleaner.serve.desk import Setting  # loaded late: all this needs the extra
        from cleaner.serve.door import check_token, hosts_of
        from cleaner.serve.playground import Playground, build
        from cleaner.serve.server import bind, port_of, run
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("starlette", "uvicorn", "anyio", "h11"):
            raise OptionError(_EXTRA) from None
        raise
    token = check_token(settings["token"]) if settings["token"] else secrets.token_urlsafe(16)
    rules, save = place_of_rules(settings["rules"], settings["save"])
    setting = Setting(
        rules=rules,
        packs=settings.get("pack", ()),
        save=save,
        why_not="" if save else _SAVING_OFF,
        inputs=tuple(find_documents(inputs)),
        fields=fields,
        sample=settings["sample"],
        open=settings["id_"],
    )
    listener = bind(settings["host"], settings["port"])
    with listener:
        host, port = settings["host"], port_of(listener)
        app = build(Playground(setting), hosts=hosts_of(host, port, settings["allow_host"]), token=token)
        address = address_of(host, port, token)
        click.echo(address)
        sys.stdout.flush()
        wanted = settings["browser"]
        if sys.stdout.isatty() if wanted is None else wanted:
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # some stay until they are closed
        run(app, listener)


def place_of_rules(rules: Sequence[str], save: str | None) -> tuple[tuple[str, ...], str | None]:
    """Return the paths of rules and the folder to save them in, which is made where it is missing.

    Without a folder for saving it is the first one among the rules. Raises `OptionError` where it cannot be made.
    """
    chosen = save or next((path for path in rules if Path(path).is_dir()), None)
    if chosen is None:
        return tuple(rules), None
    try:
        Path(chosen).mkdir(parents=True, exist_ok=True)
        folder = Path(chosen).resolve(strict=True)
    except OSError as error:
        raise OptionError(
            f"--save {chosen} cannot be made: {error.strerror or error}; choose a folder that you may write to"
        ) from None
    return tuple(path for path in rules if Path(path).resolve() != folder), str(folder)


def find_documents(paths: Sequence[str]) -> list[Input]:
    """Find the inputs. Raises `InputError` for what cannot be read, and for standard input."""
    if "-" in paths:
        raise InputError("standard input cannot be read again and again: write it to a file, and give that")
    return find_inputs(paths) if paths else []


def address_of(host: str, port: int, token: str) -> str:
    """Return the address of the page.

    >>> address_of("::1", 8417, "secret")
    'http://[::1]:8417/secret/'
    """
    name = {"": HOST, "0.0.0.0": HOST, "::": "::1"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/{token}/"
