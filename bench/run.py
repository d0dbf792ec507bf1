"""Run all benches: ``python bench/run.py [--quick] [--only PART] [--repeats N] [--book DIR] [--out FILE]``."""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # read when Polars is first imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report

PARTS = ("day", "odds", "book", "state", "coins", "terra", "venue", "processes")


def main(arguments: list[str] | None = None) -> int:
    """Time everything, print the table, write the JSON. Returns 0 also where a target is missed: it says so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a hundredth of the country and of the book, few repeats, not judged"
    )
    parser.add_argument("--only", choices=PARTS, help="one of the parts")
    parser.add_argument("--repeats", type=int, help="pairs of runs for each peer")
    parser.add_argument("--book", type=Path, help="folder of `gaemi book --example 14000000`, to be used again")
    default = Path(__file__).parent / "results" / "latest.json"
    parser.add_argument("--out", type=Path, default=default, help=f"JSON file to write ({default.name})")
    asked = parser.parse_args(arguments)
    where = report.machine()
    figures = []

    def say(what: str) -> None:
        print(f"... {what}", file=sys.stderr, flush=True)

    if asked.only in (None, "day"):
        from bench import day

        figures += day.figures(100 if asked.quick else 1, asked.repeats or (2 if asked.quick else 5), say)
    if asked.only in (None, "odds"):
        from bench import odds

        figures += odds.figures(asked.quick, asked.repeats or (2 if asked.quick else 5), say)
    if asked.only in (None, "book"):
        from bench import book

        figures += book.figures(asked.quick, asked.repeats or (2 if asked.quick else 5), say, asked.book)
    if asked.only in (None, "state"):
        from bench import state

        figures += state.figures(asked.quick, asked.repeats or (1 if asked.quick else 3), say)
    if asked.only in (None, "coins"):
        from bench import coins

        figures += coins.figures(asked.quick, asked.repeats or (1 if asked.quick else 3), say)
    if asked.only in (None, "terra"):
        from bench import terra

        figures += terra.figures(asked.quick, asked.repeats or (1 if asked.quick else 3), say)
    if asked.only in (None, "venue"):
        from bench import venue

        figures += venue.figures(asked.quick, asked.repeats or (2 if asked.quick else 5), say)
    if asked.only in (None, "processes"):
        from bench import processes

        figures += processes.figures(asked.quick, 1, say)
    found = report.document(figures, asked.quick, where)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    report.print_table(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
