"""The figures of ``bench/scale.py`` as parts of a page of the docs: all of it follows from the JSON of one run.

``python -m bench.page docs/scale.md`` writes the page anew from the JSON that lies beside it, or from one that is named
after it, without measuring anything.
"""

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.report import digits, furthest, percent
from gaemi.answers.scoreboard import placed as between

if TYPE_CHECKING:
    from bench.far import Constants, Plan, Worked

SCALE = "scale"
"""The part of the benches whose figures a page shows."""

BLOCKS = ("measured", "on paper")
WIDTH = 118

Found = Mapping[str, Any]
Row = Mapping[str, Any]


def markers(block: str) -> tuple[str, str]:
    """The two lines of a page between which a block stands."""
    return f"<!-- {block}: written by gaemi bench --page; measure again, do not edit. -->", f"<!-- end: {block} -->"


def fault(page: Path, quick: bool, scale: bool) -> str:
    """What stands against rewriting a page after a run, in words; empty where nothing does."""
    if quick:
        return "--page needs a full run: what --quick measures is no figure to be shown"
    if not scale:
        return "--page shows the part scale: leave --only out, or say --only scale"
    if not page.is_file():
        return f"--page: no file {page}; a page with the markers is docs/scale.md"
    text = page.read_text(encoding="utf-8")
    lost = [line for block in BLOCKS for line in markers(block) if text.count(line) != 1]
    return f"--page: {page} must have once each line: {' '.join(lost)}" if lost else ""


def write(page: Path, found: Found) -> None:
    """Rewrite the blocks of a page, and beside it the JSON from which they follow."""
    text = placed(page.read_text(encoding="utf-8"), found)
    page.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page.write_text(text, encoding="utf-8")


def again(page: Path, source: Path) -> str:
    """Rewrite a page from the JSON of an earlier run; returns what stands against it, in words, or nothing."""
    found = json.loads(source.read_text(encoding="utf-8"))
    rows = [row for row in found["figures"] if row["part"] == SCALE]
    wrong = fault(page, found["quick"], bool(rows))
    if not wrong:
        write(page, {**found, "figures": rows, "missed": [row["name"] for row in rows if row["verdict"] == "missed"]})
    return wrong


def placed(text: str, found: Found) -> str:
    """The text of a page with its blocks written anew; it has the markers of each, once and in order."""
    for block, body in zip(BLOCKS, (measured(found), on_paper(found)), strict=True):
        text = between(text, body, markers(block))
    return text


def measured(found: Found) -> str:
    """The machine, the figures, the day taken apart, bytes by column. Markdown that ends in a line break."""
    from bench import taken_apart

    where = found["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in where["versions"].items() if number != "absent")
    machine = (
        f"On {where['on']}: {where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, load "
        f"{where['load_average'][0]} at the start; {versions}."
    )
    if where["load_average"][0] > where["cores"]:
        machine += " Others worked on it too: times are longer than they need be."
    parts = [row for row in found["figures"] if row["name"].startswith(taken_apart.OF_THE_DAY)]
    others = [row for row in found["figures"] if row not in parts]
    missed = f"Targets missed: {', '.join(found['missed'])}." if found["missed"] else "No target is missed."
    blocks = [_paragraph(machine), _figures(others), _paragraph(missed)]
    if not any(row["name"].startswith("Ray") for row in others):
        blocks.append("Ray was not installed, so nothing of it was measured.")
    blocks += ["### A day taken apart", _parts(parts), _paragraph(furthest(found))]
    blocks += ["### Bytes by column", _columns(found["figures"])]
    return "\n\n".join(blocks) + "\n"


def on_paper(found: Found) -> str:
    """A billion accounts, worked out from the constants of the run. Markdown that ends in a line break."""
    from bench import far

    try:
        known = far.constants_of(found)
    except KeyError as lost:
        return _paragraph(f"Not worked out: this run has no figure {lost}.") + "\n"
    plan = far.Plan()
    worked = far.worked_out(known, plan)
    over = [
        f"{place}. {name}: {times:,.{digits(times)}f} times what there is{'' if times > 1.0 else ', so it holds'}"
        for place, (name, times) in enumerate(worked.met, start=1)
    ]
    first = f"The first to break is {worked.breaks[0]}." if worked.breaks else "Nothing breaks."
    head = "| taken from the measurements above | |\n| --- | ---: |\n"
    blocks = [head + "\n".join(_cells(row) for row in _taken(known))]
    blocks += ["\n".join(_paragraph(f"- {line}", "  ") for line in _steps(known, plan, worked))]
    blocks += ["The bounds, in the order in which a run meets them:", "\n".join(over), _paragraph(first)]
    return "\n\n".join(blocks) + "\n"


def _taken(known: "Constants") -> list[tuple[str, str]]:
    """The constants in words."""
    return [
        ("columns of an account, its holdings included", f"{known.account_bytes:.0f} bytes"),
        ("copied of it by a scenario", f"{known.copied_bytes:.0f} bytes"),
        ("a day of an account, one thread, prices that move every day", span(known.day_seconds_an_account)),
        ("building an account in the driver", span(known.build_seconds_an_account)),
        ("the driver's peak memory", f"{known.driver_bytes_an_account:.0f} bytes an account"),
        ("traffic of a step", f"{size(known.shard_traffic_bytes)} a shard, whatever it holds"),
        ("calls and joins of a step", f"{span(known.shard_step_seconds)} a shard"),
        ("kept of a day", size(known.record_bytes)),
    ]


def _steps(known: "Constants", plan: "Plan", worked: "Worked") -> list[str]:
    """The arithmetic, a line a question."""
    here, days = f"{worked.accounts_a_machine:,.0f}", worked.day_seconds + worked.step_seconds + worked.wire_seconds
    return [
        f"{plan.accounts:,} accounts / {plan.machines} machines = {here} accounts a machine, of {known.cores} cores "
        f"and {size(known.memory_bytes)} like the one that was measured: {worked.shards} shards, one a core.",
        f"Memory of a machine: {here} x {known.account_bytes:.0f} bytes = {size(worked.table_bytes)} of columns, in "
        f"the object store, and {size(worked.copied_bytes)} of copies.",
        f"A day: {here} x {span(known.day_seconds_an_account)} / {known.cores} cores = {span(worked.day_seconds)}. "
        f"Calls and joins: {worked.shards} shards x {span(known.shard_step_seconds)} = {span(worked.step_seconds)}, "
        f"if they grow with the shards.",
        f"Traffic of a step: {worked.shards} x {size(known.shard_traffic_bytes)} = {size(worked.traffic_bytes)}, "
        f"{span(worked.wire_seconds)} of the driver's link at {plan.link_gbit_s:g} Gbit/s (assumed).",
        f"All: {plan.paths:,} paths x {plan.sessions} sessions x {span(days)} = {span(worked.all_seconds)}. Kept: "
        f"{plan.paths:,} x {plan.sessions} x {size(known.record_bytes)} = {size(worked.kept_bytes)}. A checkpoint is "
        f"{size(worked.checkpoint_bytes)}, all of it in the driver.",
        f"The driver: {plan.accounts:,} x {known.driver_bytes_an_account:.0f} bytes = {size(worked.driver_bytes)} of "
        f"memory to build the population, in {span(worked.build_seconds)}; {size(worked.dealt_bytes)} of columns to "
        f"hand over through an object store of {size(worked.store_bytes)}.",
    ]


def size(count: float) -> str:
    """Bytes as people say them."""
    for unit, bytes_of in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_of:
            return f"{_short(count / bytes_of)} {unit}"
    return f"{count:.0f} bytes"


SPANS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


def span(spent: float) -> str:
    """Seconds as people say them; a unit above the second from two of it on."""
    for unit, seconds in SPANS:
        if spent >= seconds * (2.0 if seconds > 1.0 else 1.0):
            return f"{_short(spent / seconds)} {unit}"
    return f"{_short(1e9 * spent)} ns"


def _short(value: float) -> str:
    return f"{value:,.{digits(value) if value < 10 else 0}f}"


def _figures(rows: Sequence[Row]) -> str:
    lines = ["| figure | median | least to most | target | | |", "| --- | ---: | ---: | ---: | --- | --- |"]
    for row in rows:
        median, least, most = (f"{row[name]:,.{digits(row['median'])}f}" for name in ("median", "min", "max"))
        target = row["target"]
        bound = "" if target is None else f"{target['bound']:g}"
        spread = f"{least} to {most}" if row["repeats"] > 1 else ""
        lines.append(_cells((row["name"], f"{median} {row['unit']}", spread, bound, row["verdict"] or "", row["note"])))
    return "\n".join(lines)


def _parts(rows: Sequence[Row]) -> str:
    lines = ["| part | ms | GB gone through | GB/s | of a plain read's speed |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        told, name = row["details"], row["name"].split(": ")[-1]
        speed: tuple[str, ...] = ("", "", "")
        if "limit_share" in told:
            speed = (f"{told['bytes'] / 1e9:.3f}", f"{told['gb_s']:.1f}", percent(told["limit_share"]))
        lines.append(_cells((name, f"{row['median']:.1f}", *speed)))
    return "\n".join(lines)


def _columns(rows: Sequence[Row]) -> str:
    from bench import widths

    told = {row["name"]: row["details"] for row in rows}
    kinds = ((widths.PLAIN_ACCOUNT, widths.BORROWER, ""), (widths.PLAIN_HOLDING, widths.BORROWED_HOLDING, " a holding"))
    lines = ["| column | plain | borrowing |", "| --- | ---: | ---: |"]
    for plain, borrowing, of in (*kinds, (None, widths.LOAN, " a loan")):
        ours, theirs = told.get(plain, {}), told.get(borrowing, {})
        for name in {**ours, **theirs}:
            cells = [f"{each[name]:.2f}{of}" if name in each else "" for each in (ours, theirs)]
            lines.append(_cells((f"`{name}`", *cells)))
    return "\n".join(lines)


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _paragraph(words: str, hanging: str = "") -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    asked = [Path(each) for each in sys.argv[1:]]
    sys.exit(again(asked[0], asked[1] if len(asked) > 1 else asked[0].with_suffix(".json")) or None)
