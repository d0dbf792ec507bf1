"""The figures as a table for people and as JSON for programs, with the machine they were taken on."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Figure

SCHEMA = "gaemi.bench/1"
VERSIONS = ("gaemi", "numpy", "numba", "llvmlite", "polars", "pyarrow", "duckdb", "mesa", "ray")


def machine() -> dict[str, Any]:
    """Cores, memory, system and versions, and the day on which that was so."""
    return {
        "on": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in VERSIONS}},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def document(figures: Sequence[Figure], quick: bool, where: dict[str, Any]) -> dict[str, Any]:
    """All that a run found, JSON-ready."""
    return {
        "schema": SCHEMA,
        "quick": quick,
        "machine": where,
        "figures": [figure.document() for figure in figures],
        "missed": [figure.name for figure in figures if figure.verdict == "missed"],
    }


def print_table(found: dict[str, Any]) -> None:
    """Print the document: one row a figure, misses as plainly as hits."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 132, highlight=False)
    where = found["machine"]
    console.print(
        f"{where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, load {where['load_average'][0]} "
        f"at the start; " + ", ".join(f"{name} {number}" for name, number in where["versions"].items())
    )
    table = Table(title="quick: a hundredth of the country and of the book, not judged" if found["quick"] else None)
    table.add_column("figure")
    for name in ("min", "median", "max"):
        table.add_column(name, justify="right")
    for name in ("unit", "target", "", "note"):
        table.add_column(name)
    for row in found["figures"]:
        target = row["target"]
        bound = "" if target is None else f"{'>=' if target['least'] else '<='} {target['bound']:g}"
        numbers = [f"{row[name]:,.{digits(row['median'])}f}" for name in ("min", "median", "max")]
        style = {"missed": "bold red", "reached": "green"}.get(row["verdict"] or "", "")
        verdict = f"[{style}]{row['verdict']}[/]" if style else ""
        table.add_row(row["name"], *numbers, row["unit"], bound, verdict, row["note"])
    console.print(table)
    words = furthest(found)
    if words:
        console.print(words)
    missed = found["missed"]
    console.print(f"targets missed: {', '.join(missed)}" if missed else "no target missed")


def furthest(found: Mapping[str, Any]) -> str:
    """Which part of a day is furthest from the memory's limit, and which loses most time to it; empty if unknown."""
    parts = [row for row in found["figures"] if "limit_share" in row["details"]]
    if not parts:
        return ""
    least = min(parts, key=lambda row: row["details"]["limit_share"])
    most = max(parts, key=lambda row: row["median"] * (1.0 - row["details"]["limit_share"]))
    return (
        f"Furthest from the memory's limit is {_part(least)}, at {percent(least['details']['limit_share'])} of the "
        f"speed of a plain read; most of the day beyond a plain read goes to {_part(most)}, {most['median']:.0f} ms."
    )


def percent(share: float) -> str:
    return f"{100 * share:.{digits(100 * share) if share < 0.1 else 0}f} %"


def _part(row: Mapping[str, Any]) -> str:
    return f"'{row['name'].split(': ')[-1]}'"


def digits(value: float) -> int:
    """Decimals that are worth printing."""
    return 0 if value >= 100 else 1 if value >= 10 else 2
