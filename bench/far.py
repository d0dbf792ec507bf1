"""On paper: what many more accounts and paths would need on many machines, from what one machine was measured to need.

Nothing here is measured beyond that machine. Every number is a constant of the benches, an assumption that is named, or
arithmetic with both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import clusters, long_runs, scale, taken_apart, widths

STORE_SHARE = 0.3
"""Of a machine's memory that Ray's object store takes unless told otherwise. Source: Ray, "Memory management"."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked, and the assumption about the network: ``link_gbit_s`` of each machine."""

    accounts: int = 1_000_000_000
    paths: int = 10_000
    sessions: int = 20
    machines: int = 100
    link_gbit_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Constants:
    """What one machine was measured to need. Seconds of a day are those of one thread."""

    cores: int
    memory_bytes: float
    account_bytes: float
    copied_bytes: float
    day_seconds_an_account: float
    build_seconds_an_account: float
    driver_bytes_an_account: float
    checkpoint_bytes_an_account: float
    record_bytes: float
    shard_traffic_bytes: float
    shard_step_seconds: float


@dataclass(frozen=True, slots=True)
class Worked:
    """The plan worked out. Bytes and seconds; ``met`` are the bounds in the order in which a run meets them, each with
    how many times over it is: of what there is, or of the seconds of the day that it serves."""

    accounts_a_machine: float
    table_bytes: float
    copied_bytes: float
    shards: int
    day_seconds: float
    step_seconds: float
    wire_seconds: float
    all_seconds: float
    traffic_bytes: float
    driver_bytes: float
    build_seconds: float
    dealt_bytes: float
    store_bytes: float
    checkpoint_bytes: float
    kept_bytes: float
    met: tuple[tuple[str, float], ...]

    @property
    def breaks(self) -> list[str]:
        """What is over its bound, what is met first before the rest."""
        return [name for name, times in self.met if times > 1.0]


def constants_of(found: Mapping[str, Any]) -> Constants:
    """The constants in a bench's JSON. Raises KeyError with the name of the figure that is not in it."""
    rows = {row["name"]: row for row in found["figures"]}
    days, step = rows[long_runs.NOISE_NAME], rows[clusters.STEP_NAME]
    built, country = rows[scale.BUILD_NAME], rows[long_runs.COUNTRY_MEMORY]
    threads = rows[taken_apart.READ_ALL]["details"]["threads"]
    traffic = rows[clusters.TRAFFIC_MANY]["details"]
    day_accounts = days["details"]["days"] * days["details"]["accounts"]
    return Constants(
        cores=found["machine"]["cores"],
        memory_bytes=found["machine"]["memory_gib"] * 2**30,
        account_bytes=_an_account(rows[widths.ALL_COLUMNS]),
        copied_bytes=_an_account(rows[widths.A_SCENARIO]),
        day_seconds_an_account=days["median"] * threads / day_accounts,
        build_seconds_an_account=built["median"] / built["details"]["accounts"],
        driver_bytes_an_account=country["median"] * 2**30 / built["details"]["accounts"],
        checkpoint_bytes_an_account=_an_account(rows[widths.CHECKPOINT_BYTES]),
        record_bytes=rows[widths.DAY_RECORD]["details"]["bytes"],
        shard_traffic_bytes=traffic["bytes"] / traffic["shards"],
        shard_step_seconds=step["median"] / 1e3 / step["details"]["shards"],
    )


def worked_out(known: Constants, plan: Plan) -> Worked:
    """The plan with these constants: accounts dealt evenly, an actor a core, every path run by all machines."""
    here = plan.accounts / plan.machines
    shards = plan.machines * known.cores
    table, copied = here * known.account_bytes, here * known.copied_bytes
    day = here * known.day_seconds_an_account / known.cores
    step = shards * known.shard_step_seconds
    traffic = shards * known.shard_traffic_bytes
    wire = 8 * traffic / (plan.link_gbit_s * 1e9)
    driver = plan.accounts * known.driver_bytes_an_account
    dealt = plan.accounts * known.account_bytes
    store = STORE_SHARE * known.memory_bytes
    met = (
        (f"the driver's memory to build {plan.accounts:,} accounts", driver / known.memory_bytes),
        ("the driver's object store, to hand them over", dealt / store),
        ("a machine's object store, to hold its part", table / store),
        ("a machine's memory, columns and copies", (table + copied) / known.memory_bytes),
        ("the driver's calls and joins, beside the day that they serve", step / day),
        ("the driver's link, beside the day that it serves", wire / day),
    )
    return Worked(
        accounts_a_machine=here,
        table_bytes=table,
        copied_bytes=copied,
        shards=shards,
        day_seconds=day,
        step_seconds=step,
        wire_seconds=wire,
        all_seconds=plan.paths * plan.sessions * (day + step + wire),
        traffic_bytes=traffic,
        driver_bytes=driver,
        build_seconds=plan.accounts * known.build_seconds_an_account,
        dealt_bytes=dealt,
        store_bytes=store,
        checkpoint_bytes=plan.accounts * known.checkpoint_bytes_an_account,
        kept_bytes=plan.paths * plan.sessions * known.record_bytes,
        met=met,
    )


def _an_account(row: Mapping[str, Any]) -> float:
    return float(row["details"]["bytes"] / row["details"]["accounts"])
