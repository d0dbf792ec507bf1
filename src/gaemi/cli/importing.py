"""The command that reads files of histories and writes them in one form."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gaemi.cli.common import Json, app, check_out, print_json, progress_bar, result_console

MOST_TOLD = 20
"""Series, gaps and faults that the screen shows; JSON has them all."""


@app.command("import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Files or folders (CSV, Parquet, Excel, JSON), or fdr:005930,KOSPI or pykrx:005930,1001.",
            metavar="FILE...",
        ),
    ],
    first: Annotated[
        str | None, typer.Option("--from", help="First day of fdr: and pykrx: prices.", metavar="DATE")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Last day of fdr: and pykrx: prices.", metavar="DATE")
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write a folder that --prices and --balances read back.", metavar="DIR"),
    ] = None,
) -> None:
    """Say what files of prices, balances and loans on single stocks hold, and write them in one form.

    Told apart by their headers, English or Korean: exports of the statistics portal (Excel or CSV, two header rows,
    a unit line), price frames of the common libraries, daily credit balances of single stocks. Units are told by
    name: a header without one is refused. Gaps, empty cells and jumps are told and kept; nothing is filled.

    Examples: gaemi import flows.xlsx credit.xlsx --out data; gaemi country --replay june-2022 --balances data;
    gaemi import 005930.json; gaemi import fdr:005930,KOSPI --from 2024-01-02 --to 2024-12-30 --out data
    """
    from gaemi.sources.importing import import_files

    check_out(out)
    report, bar = progress_bar()
    with bar:
        imported = import_files(files, _day(first, "--from"), _day(last, "--to"), report)
        document = dict(imported.document)
    if out is not None:
        document["written"] = _written(imported, document, out)
        typer.echo(f"folder: {out}", err=True)
    if as_json:
        print_json(document)
    else:
        _print(document, result_console())


def _day(text: str | None, option: str) -> date | None:
    from gaemi.days import parse_date

    return None if text is None else parse_date(text, option)


def _written(imported: Any, document: dict[str, Any], out: Path) -> list[str]:
    """Write the folder, whole or not at all; returns the names of its files."""
    import json

    from gaemi.answers.folder import placed

    names: list[str] = []

    def write(made: Path) -> None:
        names.extend(imported.write(made))
        manifest = document | {"schema": f"{document['schema']}/folder", "written": names}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (made / "manifest.json").write_text(text, encoding="utf-8")

    placed(out, write)
    return names


def _print(document: dict[str, Any], console: Any) -> None:
    from rich.table import Column, Table

    head = (Column("file", overflow="fold"), Column("holds", overflow="fold"), Column("rows", justify="right"))
    table = Table(*head, "from", "to", "unit", box=None, pad_edge=False)
    for one in document["files"]:
        table.add_row(one["file"], _holds(one), f"{one['rows']:,}", one["first"], one["last"], ", ".join(one["units"]))
    console.print(table)
    gaps = _gaps(document["series"])
    faults = [f"{one['where']}: {one['allowed']}, was {one['found']}" for one in document["faults"]]
    _list(console, "Gaps, not filled:", gaps)
    _list(console, "A run that uses these days will refuse:", faults)
    _list(console, "Notes:", document["notes"])
    _list(console, "Passed over:", [f"{one['file']}: {one['reason']}" for one in document["skipped"]])
    if not gaps and not faults:
        console.print("\nNo gap and no fault.")
    if "written" in document:
        console.print("\nWritten: " + ", ".join(document["written"]))


def _holds(one: dict[str, Any]) -> str:
    return f"{one['kind']}: {_some(one['holds'])}"


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


def _gaps(series: list[dict[str, Any]]) -> list[str]:
    """One line for each run of sessions, with the series that lack just these."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for one in series:
        for gap in one["gaps"]:
            lacking.setdefault((one["kind"], _span(*gap)), []).append(one["name"])
    return [f"{kind}: no row {span}: {_some(names)}" for (kind, span), names in lacking.items()]


def _span(first: str, last: str, sessions: int) -> str:
    return f"on {first}" if sessions == 1 else f"from {first} to {last}, {sessions:,} sessions"


def _list(console: Any, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"\n{title}")
    for line in lines[:MOST_TOLD]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    if len(lines) > MOST_TOLD:
        console.print(f"  and {len(lines) - MOST_TOLD:,} more; --json has them all")
