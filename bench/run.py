"""Run all benches: ``python bench/run.py [--quick] [--only PART] [--repeats N] [--out FILE] [--page FILE]``."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # read when Polars is first imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import page, report
from bench.figures import Figure

REPEATS = {
    "day": (5, 2),
    "odds": (5, 2),
    "book": (5, 2),
    "state": (3, 1),
    "coins": (3, 1),
    "terra": (3, 1),
    "venue": (5, 2),
    "pages": (5, 1),
    "processes": (1, 1),
    "scale": (5, 2),
}
"""How often each part repeats unless told, and how often with ``--quick``."""

PARTS = tuple(REPEATS)


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument(
        "--quick", action="store_true", help="a hundredth of the country and of the book, few repeats, not judged"
    )
    asks.add_argument("--only", choices=PARTS, help="one of the parts")
    asks.add_argument("--repeats", type=int, help="pairs of runs for each peer")
    asks.add_argument("--book", type=Path, help="folder of `gaemi book --example 14000000`, to be used again")
    default = Path(__file__).parent / "results" / "latest.json"
    asks.add_argument("--out", type=Path, default=default, help=f"JSON file to write ({default.name})")
    told = "rewrite the figures in this Markdown page (docs/scale.md), and beside it the JSON they come from"
    asks.add_argument("--page", type=Path, help=told)
    return asks


def main(arguments: list[str] | None = None) -> int:
    """Time everything, print the table, write the JSON. Returns 0 also where a target is missed: it says so."""
    asks = parser()
    asked = asks.parse_args(arguments)
    if asked.repeats is not None and asked.repeats < 1:
        asks.error("--repeats must be 1 or more")
    if asked.page is not None:
        fault = page.fault(asked.page, asked.quick, asked.only in (None, page.SCALE))
        if fault:
            asks.error(fault)
    where = report.machine()

    def say(what: str) -> None:
        print(f"... {what}", file=sys.stderr, flush=True)

    figures = [
        replace(figure, part=part) for part in PARTS if asked.only in (None, part) for figure in timed(part, asked, say)
    ]
    found = report.document(figures, asked.quick, where)
    text = json.dumps(found, indent=1) + "\n"
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(text, encoding="utf-8")
    report.print_table(found)
    if asked.page is not None:
        page.again(asked.page, asked.out)
    return 0


def timed(part: str, asked: argparse.Namespace, say: Callable[[str], None]) -> Iterator[Figure]:
    """The figures of one part."""
    repeats = asked.repeats or REPEATS[part][asked.quick]
    bench = import_module(f"bench.{part}")
    if part == "day":
        return bench.figures(100 if asked.quick else 1, repeats, say)  # type: ignore[no-any-return]
    if part == "book":
        return bench.figures(asked.quick, repeats, say, asked.book)  # type: ignore[no-any-return]
    return bench.figures(asked.quick, repeats, say)  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.exit(main())
