"""By what means a run is made: threads, a cluster, a folder to resume. Its result does not depend on any of them."""

from dataclasses import dataclass
from pathlib import Path

from gaemi.cluster import RayWorkers
from gaemi.errors import Fault, closest, refuse
from gaemi.workers import LocalWorkers, Workers

CHECKPOINT_SECONDS = 60.0
"""At most so much work of a scenario is lost, and the day that was being run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """By what means a run is made; its result does not depend on them.

    ``workers`` is local or ray; ``address`` that of a running cluster; ``shards`` how many parts the accounts are dealt
    to; ``resume`` a folder that keeps what is finished and, every ``checkpoint`` seconds at most, where a scenario is.
    """

    threads: int | None = None
    workers: str = "local"
    address: str | None = None
    shards: int | None = None
    resume: str | Path | None = None
    checkpoint: float = CHECKPOINT_SECONDS


KINDS = ("local", "ray")


def check_means(means: Means, faults: list[Fault]) -> None:
    """Add what is wrong with the means to the faults."""
    if means.threads is not None and means.threads < 1:
        faults.append(Fault("--threads", str(means.threads), "must be 1 or more"))
    if means.workers not in KINDS:
        allowed = f"workers are {', '.join(KINDS)}"
        faults.append(Fault("--workers", f"'{means.workers}'", allowed, closest(means.workers, KINDS)))
    if means.shards is not None and means.shards < 1:
        faults.append(Fault("--shards", str(means.shards), "must be 1 or more"))
    if means.address is not None and means.workers != "ray":
        faults.append(Fault("--address", means.address, "is of a Ray cluster", "say --workers ray too"))
    if means.checkpoint < 0:
        faults.append(Fault("--checkpoint", f"{means.checkpoint:g}", "must be 0 seconds or more"))


def only_here(means: Means, what: str) -> None:
    """Refuse workers of a cluster and a folder to resume for ``what`` has no use for them."""
    if means.workers != "local" or means.shards is not None:
        raise refuse("--workers, --shards", f"asked of {what}", "it runs on this machine", "leave them out")
    no_resume(means, what)


def no_resume(means: Means, what: str) -> None:
    """Refuse a folder to resume for ``what`` is over before one is of use."""
    if means.resume is not None:
        raise refuse("--resume", f"asked of {what}", "it takes too short to be resumed", "leave it out")


def crew(means: Means) -> Workers:
    """The workers that were asked for. Raises Refused where a cluster cannot be had."""
    if means.workers == "local":
        return LocalWorkers(means.threads, shards=means.shards or 1)
    return RayWorkers(means.shards, means.address, means.threads)
