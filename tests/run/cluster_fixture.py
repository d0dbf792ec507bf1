"""Actors that were killed, and how long they take to be gone."""

from time import monotonic, sleep
from typing import Any


def until_gone(actor: Any, seconds: float = 60.0) -> None:
    """Wait until an actor has lost what it held: it is started anew, or there is no room for it."""
    until = monotonic() + seconds
    while not _is_gone(actor):
        assert monotonic() < until, "an actor does not outlive its process for long"
        sleep(0.1)


def _is_gone(actor: Any) -> bool:
    import ray

    try:
        return not ray.get(actor.known.remote(), timeout=5)
    except (ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError):
        return True
