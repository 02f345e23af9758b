"""Listen on an address and serve an app there until it is told to stop; then what is under way is finished."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from cleaner.errors import OptionError

GRACE = 10
"""Seconds that requests under way get when the server is told to stop."""

CONNECTIONS = 256
"""Connections at one time; a further one is told 503."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens; 0 takes any free port. Raises `OptionError` for an address that cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise OptionError(f"--host {host}: {error.strerror or error}; 127.0.0.1 is this machine") from None
    try:
        if os.name == "posix":  # elsewhere it would let another program take the same address
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        about = f"{host}:{port} cannot be listened on: {error.strerror or error}"
        if error.errno == errno.EADDRNOTAVAIL:
            raise OptionError(f"{about}; --host is an address of this machine, such as 127.0.0.1") from None
        raise OptionError(f"{about}; choose another --port, or 0 for any that is free") from None
    return listener


def port_of(listener: socket.socket) -> int:
    """Return the port that a socket listens on."""
    return int(listener.getsockname()[1])


def run(app: ASGIApp, listener: socket.socket, connections: int = CONNECTIONS) -> None:
    """Serve an app (its lifespan included) until SIGINT or SIGTERM; a second one does not wait for what is under way.

    Nothing is logged but failures of ours: addresses hold tokens, and anybody can send nonsense. Headers of proxies are not believed.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections,
        timeout_graceful_shutdown=GRACE,
    )
    with suppress(KeyboardInterrupt), listener:
        uvicorn.Server(config).run(sockets=[listener])
