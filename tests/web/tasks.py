"""Tasks for the processes of a site's lanes that do what they are told: sleep, fail, die, make something large.

The first word of a question says what: the first holding of an account, or the shock of a country.
"""

import os
import signal
from datetime import date
from pathlib import Path
from time import sleep
from typing import Any

from gaemi.errors import Fault
from gaemi.web import worker
from gaemi.web.asks import Ask
from gaemi.web.worker import Made, report

STEP = 0.02


def begin(numbers: Any, label: Any, lane: str, scratch: str) -> None:
    """The beginning of a process without the question that makes it warm."""
    worker._warm = lambda lane: None
    worker.begin(numbers, label, lane, scratch)


def begin_badly(numbers: Any, label: Any, lane: str, scratch: str) -> None:
    def fail(lane: str) -> None:
        raise ValueError("nothing works here")

    worker._warm = fail
    worker.begin(numbers, label, lane, scratch)


def carry_out(ask: Ask, source: str | None, scratch: str, on: date | None = None) -> Made:
    """Do as the question says. The total of the progress is this process."""
    text = ask.fields.holding[0] if ask.view == "account" else ask.fields.shock
    verb, _, amount = text.partition(" ")
    report("자는 중, 아주 오래 자는 중이에요" if verb == "sleep" else "", 0, os.getpid())
    for name, content in ask.files.items():
        (Path(scratch) / name).write_bytes(content)
    (Path(scratch) / "left").write_text("figures of somebody")
    if verb == "sleep":
        for step in range(round(float(amount) / STEP)):
            report("asleep", step, os.getpid())
            sleep(STEP)
    if verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if verb == "fail":
        raise ValueError("a figure of somebody")
    if verb == "refuse":
        return Made(faults=(Fault("--shock", "x", "must be another"),))
    size = int(amount) if verb == "make" else 0
    return Made(b'{"process": %d}' % os.getpid(), {"table": bytes(size)})


def draw(document: bytes, name: str, *how: Any) -> bytes:
    if name == "sleep":
        sleep(0.3)
    if name == "none":
        raise KeyError(name)
    return f"{name} {os.getpid()}".encode()
