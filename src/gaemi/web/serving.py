"""Start the site: the address, who may ask, and what is told before the first visitor comes."""

import os
import re
import secrets
import socket
import sys
from contextlib import ExitStack, suppress
from datetime import date
from errno import EADDRNOTAVAIL, EAFNOSUPPORT

import uvicorn

from gaemi.errors import refuse
from gaemi.web.app import make_site
from gaemi.web.guard import LOOPBACK

LOCAL = "Only this machine can ask it."
OPEN = "Whoever has this address and its token can ask it; it is not encrypted."
LEAST_TOKEN = 16
MOST_CONNECTIONS = 256


def run_site(
    port: int, book: str | None, host: str, names: tuple[str, ...], token: str | None, on: date | None = None
) -> None:
    """Serve until Ctrl-C, with the ``book`` of the date ``on``.

    Raises Refused for a port that is taken, a short token, a book that is not there.
    """
    is_local = host in LOOPBACK
    if token is not None and not re.fullmatch(rf"[\w.~-]{{{LEAST_TOKEN},}}", token, re.ASCII):
        found, help = f"{len(token)} letters", "leave it out and one is made up"
        raise refuse("--token", found, f"must have {LEAST_TOKEN} letters or more, of A-Z a-z 0-9 . _ ~ -", help)
    if book is not None and "://" not in book and not os.path.exists(book):
        help = "give a file or a folder as gaemi book takes it; `gaemi book --example 10000 --out DIR` makes one"
        raise refuse("--book", f"'{book}'", "must be a file or a folder that is there", help)
    bound = _bound(host, port)
    shown = token or (None if is_local else secrets.token_urlsafe(24))
    if names == () and host not in ("0.0.0.0", "::"):
        names = (host,)
    site = make_site(book, names, shown, on)
    name = next(iter(names), None) or ("127.0.0.1" if is_local else socket.gethostname())
    if not is_local and name not in names:
        site.hosts = (*site.hosts, name)
    at = f"http://{f'[{name}]' if ':' in name else name}:{bound.getsockname()[1]}/"
    print(f"gaemi is at {at}{f'?token={shown}' if shown else ''}", flush=True)
    print(f"{LOCAL if is_local else OPEN} Ctrl-C ends it.", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        site, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=15,
        limit_concurrency=MOST_CONNECTIONS, timeout_graceful_shutdown=2, h11_max_incomplete_event_size=64 << 10,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    """The socket of the site. Raises Refused where it cannot be had."""
    if not 0 <= port <= 65535:
        raise refuse("--port", str(port), "must be from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as opened:
        try:
            bound = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            bound.listen(MOST_CONNECTIONS)  # whoever comes before the first page is ready waits for it
        except (TypeError, ValueError):
            raise refuse("--host", f"'{host[:80]}'", "must be an address of this machine", "as 127.0.0.1") from None
        except OSError as problem:
            of_host = isinstance(problem, socket.gaierror) or problem.errno in (EADDRNOTAVAIL, EAFNOSUPPORT)
            where, found = ("--host", f"'{host}'") if of_host else ("--port", str(port))
            help = "choose another, as --host 127.0.0.1" if of_host else "choose another, as --port 8801"
            raise refuse(where, found, f"cannot be had ({problem.strerror})", help) from None
        opened.pop_all()
    return bound
