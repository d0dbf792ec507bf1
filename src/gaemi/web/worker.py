"""What runs beside the server, each in a process of its own: views, which take cores, and drawings, which hold one.

A run is given its question and its files and gives back a document and its tables; how far it is stands in memory
that the server shares. Whoever cancels a run ends its process.
"""

import json
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import sleep
from typing import Any

from gaemi.errors import Fault, Refused, refuse
from gaemi.web.asks import AccountAsk, Ask, CountryAsk

LABEL = 48
"""Bytes of a label of progress."""

NICE = {"draw": 0, "moment": 1, "account": 5, "long": 10}
"""How far each lane yields to the others and to the server: whoever takes longest, most."""

MOST_ROWS = {"account": 20_000, "book": 2_000_000}

_BOARD: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Made:
    """What a run came to: its document as JSON text, and its tables as Arrow files by name; or why it was refused."""

    document: bytes = b""
    tables: Mapping[str, bytes] = None  # type: ignore[assignment]
    faults: tuple[Fault, ...] = ()


def begin(numbers: Any, label: Any, lane: str, scratch: str) -> None:
    """Called once in a new process: where progress is written; then a small question of its kind, so that it is warm.

    It yields to the server, so that a page is answered while a run goes on. Whoever stops the server stops it too,
    and where the server was killed it takes the ``scratch`` of every run with it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = multiprocessing.parent_process()  # which may be gone already
    threading.Thread(target=_end_with, args=(server.pid if server else os.getppid(), scratch), daemon=True).start()
    _BOARD.update(numbers=numbers, label=label)
    os.nice(NICE[lane])
    with suppress(Exception):  # what is amiss is told to whoever asks; a process that does not begin tells nobody
        _warm(lane)


def _end_with(parent: int, scratch: str) -> None:
    while os.getppid() == parent:
        sleep(1.0)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def _warm(lane: str) -> None:
    if lane == "draw":
        import vl_convert

        vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}}, allowed_base_urls=[])
    elif lane == "long":
        carry_out(Ask("country", CountryAsk(scale=10_000, shock="-10%", days=1)), None, "")
    else:
        fields = AccountAsk(holding=["005930 1 @ 71000"], loan=["30000"], quick=True, paths=100)
        carry_out(Ask("account", fields), None, "")


def ready() -> None:
    """A task that does nothing: the process that is asked for it begins."""


def report(label: str, done: int, total: int) -> None:
    """How far the run of this process is: two numbers and a word that the server reads."""
    _BOARD["numbers"][0], _BOARD["numbers"][1] = float(done), float(total)
    _BOARD["label"].value = label.encode()[: LABEL - 1]


def carry_out(ask: Ask, source: str | None, scratch: str, on: date | None = None) -> Made:
    """Answer a question; its files stand in ``scratch`` meanwhile.

    ``source`` is the book of the site and ``on`` its date, where the question says no other.
    """
    report("", 0, 0)
    try:
        result = _view(ask, source, Path(scratch), on)
    except Refused as refused:
        return Made(faults=tuple(_without(fault, scratch) for fault in refused.faults))
    text = json.dumps(result.document, ensure_ascii=False).replace(f"{scratch}{os.sep}", "")
    return Made(text.encode(), tables_bytes(result.document, getattr(result, "tables", None)))


def _view(ask: Ask, source: str | None, scratch: Path, on: date | None) -> Any:
    fields = {name: value for name, value in ask.fields.model_dump().items() if value is not None}
    sent = scratch / "book" if ask.view == "book" else scratch  # a folder of tables is told by its name
    if ask.files:
        sent.mkdir(exist_ok=True)
    files = [sent / name for name in sorted(ask.files)]
    for file in files:
        file.write_bytes(ask.files[file.name])
        _check_rows(file, MOST_ROWS[ask.view])
    if ask.view == "account":
        from gaemi.account.request import Request as AccountRequest
        from gaemi.account.view import account

        given = fields.pop("account", None)
        for name in ("holding", "loan", "what_if"):
            fields[name] = tuple(fields[name])
        return account(AccountRequest(file=files[0] if files else given, **fields), report)
    if ask.view == "book":
        from gaemi.book.request import Request as BookRequest
        from gaemi.book.view import book

        of_site = {} if files or on is None else {"on": on}
        return book(BookRequest(source=str(sent) if files else source, **(of_site | fields)), report)
    from gaemi.scene import Request as CountryRequest

    if ask.view == "compare":
        from gaemi.compare import compare_country

        text = fields.pop("reform")
        return compare_country(CountryRequest(**fields), _reform(text, scratch), report)
    from gaemi.country import country

    return country(CountryRequest(**fields), report)


def _check_rows(file: Path, most: int) -> None:
    """A small Parquet file may hold more rows than fit into memory; those of other kinds are as large as their rows."""
    import pyarrow as pa
    from pyarrow import parquet

    if file.suffix in (".parquet", ".pq"):
        with suppress(pa.ArrowException, OSError):  # the reader says what else is wrong
            rows = parquet.read_metadata(file).num_rows
            if rows > most:
                help = "give larger ones to the command"
                raise refuse(file.name, f"{rows:,} rows", f"a file may hold {most:,} rows here", help)


def _reform(text: str, scratch: Path) -> str | Path:
    """The name of a shipped reform, or a file of this run that holds the text of one."""
    from gaemi.law.reform import shipped_reforms

    if text in shipped_reforms():
        return text
    file = scratch / "reform.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def _without(fault: Fault, scratch: str) -> Fault:
    """A fault that does not tell where files of the question stood meanwhile."""
    parts = (fault.where, fault.found, fault.allowed, fault.help)
    return Fault(*(part.replace(f"{scratch}{os.sep}", "") for part in parts))


def tables_bytes(document: dict[str, Any], large: Mapping[str, Any] | None = None) -> dict[str, bytes]:
    """Every table of a document as an Arrow file, with the ``large`` ones whole."""
    import pyarrow as pa

    from gaemi.answers.folder import arrow_table
    from gaemi.answers.result_tables import tables_of

    written = {}
    for name, rows in {**tables_of(document), **(large or {})}.items():
        table, sink = arrow_table(rows), pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        written[name] = sink.getvalue().to_pybytes()
    return written


def draw(document: bytes, name: str, kind: str, code: str, narrow: bool, dark: bool) -> bytes:
    """One chart of a document in a language; KeyError where it has no chart of that name.

    As ``svg`` for a page, light or dark as the reader's screen is, as ``file`` in light colours, or as ``png``.
    """
    from gaemi.answers import charts
    from gaemi.answers.language import speaking

    result = json.loads(document)
    with speaking(code):
        shown = next((each for each in charts.pictures(result) if each.name == name), None)
        if shown is None:
            raise KeyError(name)
        if kind == "png":
            return charts.png(shown, narrow, dark)
        return (charts.file_svg(shown) if kind == "file" else charts.themed_svg(shown, narrow)).encode()


def page_file(document: bytes) -> bytes:
    """The page of a document as one file, in every language."""
    from gaemi.answers.report.pages import file_of

    return file_of(json.loads(document)).encode()
