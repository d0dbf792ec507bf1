"""Options and ways of answering that the commands share."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

REFUSED, STOPPED = 2, 130

app = typer.Typer(
    help="A weather service for leverage: where borrowing accounts stand, and what happens next.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
compare_app = typer.Typer(help="The same run under two laws, with the same luck.", no_args_is_help=True)
app.add_typer(compare_app, name="compare")

On = Annotated[str | None, typer.Option("--on", help="Date of the state, 2025-10-31 or 20251031.", metavar="DATE")]
State = Annotated[
    str | None,
    typer.Option(
        "--state", help="shipped, simple, or the folder that gaemi state --out wrote.", metavar="shipped|simple|DIR"
    ),
]
ShockText = Annotated[
    str | None,
    typer.Option(
        "--shock",
        help='One assumed move, as "KOSPI -20%, KOSDAQ -25%, USDKRW +8% over 3d" or "005930 -30% x2 locked fill 2%".',
        metavar="TEXT",
    ),
]
Scale = Annotated[str, typer.Option("--scale", help="Keep every k-th investor: 1/k.", metavar="1/k")]
Days = Annotated[int | None, typer.Option("--days", help="Sessions to run; 20 unless said.", metavar="N")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all luck.", metavar="N")]
Json = Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write a run folder: JSON, Parquet, one HTML page.", metavar="DIR")
]
Prices = Annotated[
    str | None, typer.Option("--prices", help="File or folder of recorded prices (CSV, Parquet).", metavar="SOURCE")
]
BalancesOf = Annotated[
    str | None, typer.Option("--balances", help="File or folder of published balances.", metavar="SOURCE")
]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads; the result does not depend on it.")]
WorkersOf = Annotated[
    str, typer.Option("--workers", help="local (threads) or ray (a cluster); the result is the same.", metavar="KIND")
]
Address = Annotated[
    str | None,
    typer.Option("--address", help="A running Ray cluster, HOST:PORT or auto; else one here.", metavar="HOST:PORT"),
]
Shards = Annotated[
    int | None, typer.Option("--shards", help="Parts that accounts are dealt to; of ray its actors.", metavar="N")
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", help="Keep what is finished in DIR, and go on from what is there.", metavar="DIR"),
]
Checkpoint = Annotated[
    float, typer.Option("--checkpoint", help="With --resume: seconds between checkpoints, at least.", metavar="SECONDS")
]


def read_date(text: str | None) -> Any:
    from gaemi.days import parse_date

    return None if text is None else parse_date(text, "--on")


def read_scale(text: str) -> int:
    from gaemi.errors import refuse

    head, slash, tail = text.replace(" ", "").partition("/")
    if head != "1" or (slash and not tail.isdigit()) or (slash and int(tail) < 1):
        raise refuse("--scale", f"'{text}'", "must be 1 or 1/k with a whole k of 1 or more", "write 1/100")
    return int(tail) if slash else 1


def progress_bar() -> tuple[Callable[[str, int, int], None], Any]:
    """A bar on stderr for a person; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        return lambda label, done, total: None, nullcontext()
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    left = TimeRemainingColumn(compact=True)
    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        left,
    )
    bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
    tasks: dict[str, Any] = {}

    def report(label: str, done: int, total: int) -> None:
        if label not in tasks:
            tasks[label] = bar.add_task(label, total=total, completed=done)
        bar.update(tasks[label], completed=done, total=total)

    return report, bar


def result_console() -> Any:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=100, no_color=True)


def print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def check_out(out: Path | None) -> None:
    if out is not None:
        from gaemi.answers.folder import check_folder

        check_folder(out)


def answer(result: Any, printer: str, as_json: bool, out: Path | None) -> None:
    from gaemi.answers import tables

    if out is not None:
        folder = result.save(out)
        typer.echo(f"run folder: {folder}", err=True)
    if as_json:
        print_json(result.document)
    else:
        getattr(tables, printer)(result.document, result_console())


def run_and_answer(run: Callable[[Any], Any], printer: str, as_json: bool, out: Path | None) -> Any:
    """Run a view that takes where its progress goes, print its result, write its folder; returns the result."""
    check_out(out)
    report, bar = progress_bar()
    with bar:
        result = run(report)
    answer(result, printer, as_json, out)
    return result
