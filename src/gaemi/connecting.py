"""Reaching a Ray cluster: one on this machine, or a running one at an address; what is wrong is told in time."""

import os
import socket
from contextlib import closing
from threading import Thread
from typing import Any

from gaemi.errors import refuse
from gaemi.workers import cores

ANSWER_SECONDS, START_SECONDS = 3.0, 5.0
"""How long an address has to answer at all, and then as a cluster: a wrong one is told within ten seconds."""

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Nothing is sent anywhere: Ray's own reports of use are off."""

QUIETLY: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
INSTALL = "pip install 'gaemi[cluster]'"
ALIKE = "install the same gaemi with the same constraints.txt on every machine"
START = "start one with ray start --head, join others with ray start --address HOST:PORT, give --address HOST:PORT"


def be_quiet() -> None:
    """Switch off what Ray would send, before it is imported."""
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})


def connect(address: str | None, shards: int | None) -> tuple[Any, bool]:
    """Ray, connected, and whether this process connected it. Raises Refused in words, within ten seconds."""
    be_quiet()
    try:
        import ray
    except ImportError:
        raise refuse("--workers ray", "Ray is not installed", "needs the extra cluster", INSTALL) from None
    if ray.is_initialized():
        return ray, False
    if address is None:
        ray.init("local", num_cpus=max(shards or 1, cores()), include_dashboard=False, **QUIETLY)
        return ray, True
    if address != "auto":
        reach(address)
    problem: list[BaseException] = []

    def begin() -> None:
        try:
            ray.init(address, **QUIETLY)
        except BaseException as found:
            problem.append(found)

    thread = Thread(target=begin, daemon=True)
    thread.start()
    thread.join(START_SECONDS)
    if thread.is_alive():
        raise refuse("--address", address, "what answers there is no Ray cluster", START)
    if problem:
        found = str(problem[0]).strip().splitlines()
        if "mismatch" in str(problem[0]).lower():
            raise refuse("--address", f"{address}: {' '.join(found)}"[:400], "versions must be alike", ALIKE)
        raise refuse("--address", f"{address}: {found[0] if found else problem[0]!r}"[:300], "no cluster there", START)
    return ray, True


def reach(address: str) -> None:
    """Refuse an address at which nothing listens."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise refuse("--address", f"'{address}'", "must be HOST:PORT of a running cluster, or auto", START)
    try:
        with closing(socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS)):
            return
    except OSError as problem:
        raise refuse("--address", f"{address}: {problem}", "no cluster answers there", START) from None
