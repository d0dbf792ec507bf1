"""A local site for the tests: a real server on the loopback in this process, with its workers beside it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

import httpx
import uvicorn

from gaemi.web import app
from gaemi.web.guard import Allowance, Guard
from gaemi.web.runs import Runs
from gaemi.web.serving import _bound
from gaemi.web.worker import Made, tables_bytes

ROOT = Path(__file__).resolve().parents[2]
BOOK, BOOK_ON = ROOT / "examples" / "books" / "evening", "2025-10-31"
HELD, OWED = "005930 1000 @ 71000", "45m on 005930"
QUICK = {"holding": [HELD], "loan": [OWED], "quick": True, "paths": 200}
"""A small account."""

SHOCK = {"shock": "KOSPI -20%", "scale": 5_000, "days": 2}
"""A small country."""

PATIENCE = 20.0

LONG = {"replay": "covid-2020", "scale": 1}
"""A question that takes a minute or more."""


@dataclass(frozen=True)
class Here:
    """A site that runs: its address, a client, and what stands behind it."""

    port: int
    guard: Guard
    client: httpx.Client

    @property
    def runs(self) -> Runs:
        runs: Runs = self.guard.inner.state.runs  # type: ignore[attr-defined]
        return runs

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.client.post(path, **more)

    def asked(self, view: str, fields: dict[str, Any]) -> httpx.Response:
        """The answer of the API, waited for."""
        answer = self.post(f"/api/{view}?wait=30", json=fields)
        for _ in range(4):
            if answer.status_code != 202:
                break
            answer = self.get(f"/api/runs/{answer.json()['id']}/document")
            if answer.status_code == 202:
                self.get(f"/api/runs/{answer.json()['id']}?wait=30")
        return answer

    def run(self, view: str, fields: dict[str, Any]) -> str:
        """The id of a run that is done."""
        answer = self.asked(view, fields)
        assert answer.status_code == 200, answer.text
        return answer.headers["gaemi-run"]

    def ended(self, name: str) -> dict[str, Any]:
        """A run of the API, once it is at its end."""
        for _ in range(10):
            told: dict[str, Any] = self.get(f"/api/runs/{name}?wait=30").json()
            if told["state"] not in ("waiting", "running"):
                break
        return told


@contextmanager
def open_site(book: str | None = None, token: str | None = None) -> Iterator[Here]:
    """A site on a port of its own, ended at the end; nothing is asked of it at its start but its book.

    The weather is that of a few, so that no file of everybody's is needed.
    """
    guard = app.make_site(book, token=token)
    guard.allowance = Allowance(burst=1e9)
    bound = _bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(guard, log_level="error", access_log=False, server_header=False))
    with patch.object(app, "shipped_weather", small_weather):
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        until = monotonic() + 60
        while not server.started and monotonic() < until:
            sleep(0.01)
    port = bound.getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            # Each request is one of a new visitor: no cookie is kept.
            client.event_hooks = {"response": [lambda _: client.cookies.clear()]}
            yield Here(port, guard, client)
    finally:
        server.should_exit = True
        thread.join(20)


def small_weather() -> Made:
    import gaemi

    document = gaemi.country(scale=20_000, days=2).document
    return Made(json.dumps(document, ensure_ascii=False).encode(), tables_bytes(document))


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what tells two runs of one question apart: how long it took, and who asked how."""
    return {name: value for name, value in document.items() if name not in ("run", "timing")}


def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    end = monotonic() + seconds
    while not holds() and monotonic() < end:
        sleep(0.01)
    assert holds()
