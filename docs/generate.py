"""Write docs/reference from the code: commands, columns, parameters, outcomes.

``python docs/generate.py`` writes the pages; ``--check`` writes nothing and exits with 1 where one is out of date.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

from gaemi import outcomes
from gaemi.law.lawbook import describe, load
from gaemi.law.parameter import UNITS
from gaemi.records import coins, columns, positions
from gaemi.records.book import ROW, TABLES
from gaemi.sources.book.words import HEADERS

REFERENCE = Path(__file__).resolve().parent / "reference"
ON = date(2025, 10, 31)
"""The date of the state as shipped: the page of parameters shows the values of that day."""

NOTICE = "<!-- Written by docs/generate.py from the code; edit the code, then run `make docs`. -->"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table in Markdown, one line each, with bars inside a cell escaped."""
    titles = list(head)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + " --- |" * len(titles)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def page(title: str, *parts: Iterable[str]) -> str:
    """A whole page: notice, title, then the parts with an empty line between them."""
    texts = ("\n".join(part).strip() for part in parts)
    return "\n\n".join([NOTICE, f"# {title}", *(text for text in texts if text)]) + "\n"


def written(value: Any) -> str:
    """A value of the law as a person would note it: lists short, maps as ``key value``, nothing as a dash."""
    if isinstance(value, Mapping):
        texts = {key: written(one) for key, one in value.items()}
        same = set(texts.values())
        return same.pop() if len(same) == 1 and len(texts) > 1 else "; ".join(f"{k} {v}" for k, v in texts.items())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(one) for one in value) + "]"
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 1_000_000:
        return f"{value:,}"
    return str(value)


def between(ends: Any) -> str:
    """A range as a person would note it: ``a to b``, one figure where the ends are the same, a dash where none is."""
    if isinstance(ends, Mapping):
        return written({key: between(pair) for key, pair in ends.items()})
    numbers = ends is not None and all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends)
    if numbers and len(ends) == 2:
        return written(ends[0]) if ends[0] == ends[1] else f"{written(ends[0])} to {written(ends[1])}"
    return "—" if ends is None or set(ends) == {None} else " or ".join(written(end) for end in ends)


def parameters_page() -> str:
    book = load()
    parts: list[Iterable[str]] = [
        (
            f"Every number that a regulator, a broker or a venue sets, and every assumption, as it stood on {ON}: the",
            "date of the state as shipped. Confidence is H (official, or two independent sources agree), M (one press",
            "or broker source), L (indirect) or `assumption` (nobody published it; the range says how far it may be",
            "off). `gaemi law PATH --on DATE` shows any other day and each class by itself; `gaemi law --changes`",
            "lists every change since the law begins.",
        ),
        table(("unit", "meaning"), ((f"`{name}`", unit.meaning) for name, unit in UNITS.items())),
    ]
    for topic in dict.fromkeys(path.partition(".")[0] for path in book.paths()):
        parts.append((f"## {topic}",))
        parts.append(
            table(("parameter", "value", "unit", "range", "confidence", "since", "source"), _rows(book, topic))
        )
    return page("Parameters", *parts)


def _rows(book: Any, topic: str) -> Iterator[tuple[str, ...]]:
    for path in book.paths():
        if path.partition(".")[0] != topic:
            continue
        if book.parameter(path).entries[0].since > ON:
            continue
        said = describe(book, path, ON)
        yield (
            f"`{path}`<br>{said['label']}",
            written(said["value"]),
            f"`{said['unit']}`",
            between(said["range"]),
            said["confidence"],
            said["since"],
            said["source"],
        )


def columns_page() -> str:
    families = (
        ("Plain accounts", "They own what they hold.", columns.PLAIN),
        ("Holdings of plain accounts", "Slot-major: `[slot, account]`.", columns.HOLDINGS),
        ("Borrowing accounts", "They owe. The mechanical layer writes these, and peaks.", columns.BORROWING),
        ("Holdings of borrowing accounts", "Slot-major: `[slot, account]`.", columns.BORROWED_HOLDINGS),
        ("Loans", "`[loan, account]`; an account has none, one or many.", columns.LOANS),
        ("Instruments", "One row an instrument, at the state's date.", _instrument_columns(columns.Instruments)),
        (
            "Coin accounts",
            "An account at a won exchange: a person at two exchanges has two, as the survey counts.",
            coins.COIN_PLAIN,
        ),
        ("Holdings of coin accounts", "Slot-major: `[slot, account]`.", coins.COIN_HOLDINGS),
        (
            "Loan accounts of coins",
            "They hold a coin and won and owe a coin or won; kept apart from spot accounts.",
            coins.COIN_BORROWING,
        ),
        ("Coins", "One row a coin, at one date.", _instrument_columns(coins.CoinInstruments)),
        ("Accounts at a venue for perpetuals", "Money in millionths of the quote currency.", positions.ACCOUNT),
        ("Positions at a venue for perpetuals", "Slot-major: `[slot, account]`.", positions.POSITION),
    )
    parts: list[Iterable[str]] = []
    for title, text, family in families:
        listed = ((f"`{c.name}`", f"`{c.dtype}`", c.unit, c.meaning) for c in family)
        parts += [(f"## {title}",), (text,), table(("column", "type", "unit", "meaning"), listed)]
    parts.append(("## Classes",))
    for kind in (columns.Standing, columns.LoanKind, columns.Pool, columns.Board, columns.Kind):
        parts += [(f"### {kind.__name__}",), (_first_paragraph(kind),), _members(kind)]
    bands = (
        ("age", columns.AGE_BANDS),
        ("size (won)", columns.SIZE_BANDS),
        ("age, coins", coins.COIN_AGE_BANDS),
        ("size of coins (won)", coins.COIN_SIZE_BANDS),
    )
    most = max(len(names) for _, names in bands)
    rows = ((title, *names, *[""] * (most - len(names))) for title, names in bands)
    parts += [("### Bands",), table(("band", *map(str, range(most))), rows)]
    return page("Columns", *parts)


def _instrument_columns(kind: type[columns.Instruments] | type[coins.CoinInstruments]) -> list[columns.Column]:
    what = "coin" if kind is coins.CoinInstruments else "stock or fund"
    named = [
        columns.Column("ticker", "str", "text", "as the exchange writes it, always text"),
        columns.Column("name", "str", "text", f"name of the {what}"),
    ]
    return [*named, *(f.metadata["column"] for f in fields(kind) if "column" in f.metadata)]


def _first_paragraph(kind: type) -> str:
    text = (kind.__doc__ or "").strip().split("\n\n")[0]
    return "" if text.startswith("An enumeration") else " ".join(text.split())


def _members(kind: type[IntEnum] | type[IntFlag]) -> Iterator[str]:
    comments = _comments(kind)
    head = ("value", "name", "meaning") if comments else ("value", "name")
    return table(head, ((int(m), f"`{m.name}`", comments.get(m.name or "", ""))[: len(head)] for m in kind))


def _comments(kind: type) -> dict[str, str]:
    """The comment that stands behind each member in the source: there the meaning is written once."""
    import inspect

    found = {}
    for line in inspect.getsource(kind).splitlines():
        name, _, comment = line.partition("#")
        if comment and "=" in name:
            found[name.split("=")[0].strip()] = comment.strip()
    return found


def book_page() -> str:
    """The tables of a book: what a firm may hand over, and what it gets back by account."""
    parts: list[Iterable[str]] = [
        (
            "What `gaemi book SOURCE` reads, column by column, and the table of accounts that it writes. Only the",
            "table of holdings is needed, with its account, ticker and quantity. Headers may be any of the spellings;",
            "capitals, spaces, hyphens and underscores make no difference. A column that is not listed is reported,",
            "and but for the table of holdings carried through. `gaemi book --template` writes the tables with a row",
            "or two.",
        )
    ]
    for name, described in TABLES.items():
        rows = [
            (
                f"`{column.name}`",
                "yes" if column.required else "",
                ", ".join(f"`{word}`" for word in column.words) or column.cell.value,
                column.unit,
                column.meaning,
                ", ".join(f"`{word}`" for word in HEADERS[name][column.name]),
            )
            for column in described
        ]
        parts += [(f"## {name}",), table(("column", "needed", "allowed", "unit", "meaning", "other headers"), rows)]
    written_rows = ((f"`{name}`", dtype, unit, meaning) for name, dtype, unit, meaning in ROW)
    parts += [("## accounts.parquet of a run folder",), table(("column", "dtype", "unit", "meaning"), written_rows)]
    return page("The tables of a book", *parts)


def outcomes_page() -> str:
    return page(
        "Outcomes",
        (
            "An account is counted under exactly one outcome of a scenario: the worst that happened to it. A lower",
            "number is worse and wins. Beside these, the flags *ever* count everything that happened at least once.",
        ),
        ("## Outcome",),
        _members(outcomes.Outcome),
        ("## PathOutcome", "", "What becomes of one investor on one path of `gaemi account`, the first that applies."),
        _members(outcomes.PathOutcome),
        ("## Ever",),
        _members(outcomes.Ever),
    )


def commands_page() -> str:
    """Every command with its options, as the command line itself describes them."""
    import typer

    from gaemi.cli import app

    root: Any = typer.main.get_command(app)
    parts: list[Iterable[str]] = [
        (
            "The result goes to stdout, progress and messages to stderr. Exit code 0 is success, 2 is refused input:",
            "one line a fault, saying where it stands, what was found and what is allowed.",
        )
    ]
    for words, command in _commands("gaemi", root):
        options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
        named = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([words, *(_shown(p) for p in named), *(["[options]"] if options else [])])
        rows = [(f"`{_shown(p)}`", _kind(p), _default(p), p.help or "") for p in named]
        rows += [(f"`{', '.join([*p.opts, *p.secondary_opts])}`", _kind(p), _default(p), p.help or "") for p in options]
        parts += [(f"## {words}",), (_help(command),), ("```", usage, "```")]
        if rows:
            parts.append(table(("option", "takes", "default", "meaning"), rows))
    return page("Commands", *parts)


def _shown(argument: Any) -> str:
    name = (argument.metavar or argument.name).strip("[]").upper()
    return name if argument.required else f"[{name}]"


def _commands(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
        return
    for name, one in below.items():
        if not one.hidden:
            yield from _commands(f"{words} {name}", one)


def _help(command: Any) -> str:
    return (command.help or "").split("\f")[0].strip()


def _kind(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "—"
    kind = parameter.type_descriptor.annotation.__name__
    return (parameter.metavar or {"int": "N", "str": "TEXT"}.get(kind, kind)).strip("[]").upper()


def _default(parameter: Any) -> str:
    shown = parameter.show_default if isinstance(getattr(parameter, "show_default", None), str) else None
    if shown:
        return shown
    if parameter.required:
        return "required"
    default = parameter.default
    return "" if default is None or default is False or callable(default) else str(default)


def pages() -> dict[str, str]:
    """The text of every generated page by its name in docs/reference."""
    return {
        "commands.md": commands_page(),
        "columns.md": columns_page(),
        "parameters.md": parameters_page(),
        "outcomes.md": outcomes_page(),
        "book.md": book_page(),
    }


def out_of_date() -> list[str]:
    """Names of the pages whose text on disk is not what the code says."""
    found = []
    for name, text in pages().items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            found.append(name)
    return found


def main() -> int:
    if "--check" in sys.argv[1:]:
        late = out_of_date()
        print(*(f"docs/reference/{name} is out of date: run `make docs`" for name in late), sep="\n", end="")
        return 1 if late else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
