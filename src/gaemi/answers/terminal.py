"""How a result is laid out in the terminal: a title, sentences, facts, tables and the assumed figures.

The doors make the console (:func:`console`), so that what is piped has no colour and a width of 100.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import wording
from gaemi.answers.sheets import Sheet

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 100
BETWEEN = 3
"""Blanks that a column of a table takes beside its cells."""

LEAST_TEXT = 8
"""Letters that a column of text keeps where figures need the room."""


def console() -> "Console":
    """The console for results on stdout: in a pipe plain text, 100 wide; in a terminal at most 120."""
    from rich.console import Console

    if not sys.stdout.isatty():
        return Console(width=PIPED_WIDTH, no_color=True, force_terminal=False, highlight=False, legacy_windows=False)
    made = Console(highlight=False)
    made.width = min(made.width, 120)
    return made


def head(result: Mapping[str, Any], title: str, console: "Console") -> None:
    """Print the title, and under it quietly the date, the state, the law, the seed and the scale of a result."""
    console.print(title, style="bold", markup=False)
    told = [wording.day_name(result["on"])] if result.get("on") else []
    told += [f"state {result['state']}"] if result.get("state") else []
    told += [f"law {str(result['law_version'])[:12]}"] if result.get("law_version") else []
    told += [f"seed {result['seed']}"] if result.get("seed") is not None else []
    told += [f"one investor in {result['scale']}"] if result.get("scale") not in (None, 1) else []
    if told:
        quiet(console, " · ".join(told))
    console.print()


def say(console: "Console", lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False)


def quiet(console: "Console", line: str) -> None:
    console.print(line, style="dim", markup=False)


def fact(console: "Console", name: str, words: str) -> None:
    from rich.text import Text

    console.print(Text.assemble((f"{name}: ", "bold"), words))


def print_pairs(console: "Console", pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for name, value in pairs:
        grid.add_row(Text(name, style="dim"), Text(value))
    console.print(grid)


def print_sheet(console: "Console", shown: Sheet | None, fitted: bool = False) -> None:
    """A sheet as a table of the terminal; in a pipe with plain rules, so that it survives any reader.

    ``fitted`` keeps every figure of a wide table whole, and every text where there is room: headings are broken first.
    """
    if shown is None:
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(shown.caption),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1),
        header_style="dim",
    )
    widest = [max((len(row[place]) for row in shown.rows), default=0) for place in range(len(shown.columns))]
    fits = sum(widest) + 2 * len(widest) <= console.width
    exact = fit(shown, console.width) if fitted else [None] * len(widest)
    for (heading, kind), width, own in zip(shown.columns, widest, exact, strict=True):
        figures = kind == "number"  # a figure is not broken over two lines where there is room, its heading may be
        least = width if figures and fits else None
        looks: dict[str, Any] = {"min_width": least} if own is None else {"width": own}
        table.add_column(Text(heading), justify="right" if figures else "left", overflow="fold", **looks)
    for row in shown.rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print()
    console.print(table)


def fit(shown: Sheet, width: int) -> list[int | None]:
    """The width of each column so that no figure is cut; nothing is given where the figures alone are too wide.

    Room that is left makes headings whole, the nearest to it first; where texts do not fit they share what is left.
    """
    from rich.cells import cell_len  # a letter of Hangul takes two places

    headings = [heading for heading, _ in shown.columns]
    cells = [max((cell_len(row[place]) for row in shown.rows), default=0) for place in range(len(headings))]
    words = [max((len(word) for word in heading.split()), default=1) for heading in headings]
    widths = [max(pair) for pair in zip(cells, words, strict=True)]
    room = width - BETWEEN * len(widths) + 1
    texts = [place for place, (_, kind) in enumerate(shown.columns) if kind != "number"]
    while sum(widths) > room and texts:
        widest = max(texts, key=lambda place: widths[place])
        if widths[widest] <= LEAST_TEXT:
            break
        widths[widest] -= 1
    if sum(widths) > room:
        return [None] * len(widths)
    while sum(widths) < room:
        missing = {place: len(heading) - widths[place] for place, heading in enumerate(headings)}
        broken = [place for place, letters in missing.items() if letters > 0]
        if not broken:
            break
        widths[min(broken, key=lambda place: missing[place])] += 1
    return list(widths)


def first_columns(shown: Sheet | None, count: int) -> Sheet | None:
    """The first columns of a sheet."""
    if shown is None:
        return None
    return Sheet(shown.caption, shown.columns[:count], tuple(row[:count] for row in shown.rows))


def assumed(result: Mapping[str, Any], console: "Console") -> None:
    """How much is assumed, and the figures on which a fall depends most."""
    rows = result.get("assumptions") or []
    if not rows:
        return
    impact = [row for row in rows if str(row.get("path")).startswith("impact.")]
    told = [
        f"{row.get('label') or row['path']} {wording.measure(row.get('value'), row.get('unit'))} "
        f"({wording.span(row.get('low'), row.get('high'), row.get('unit'))})"
        for row in impact
    ]
    among = f", among them: {'; '.join(told)}" if told else ""
    fact(console, "Assumed", f"{len(rows)} figures without a firm source{among}. All are in the report and in --json.")
