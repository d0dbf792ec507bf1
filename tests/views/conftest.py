"""The doors, opened inside this process, and histories that a user might bring."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from gaemi.cli import main
from gaemi.market.episodes import FOLDER

SMALL = ("--scale", "1/20000", "--days", "2")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


def gaemi(*arguments: str) -> Answer:
    """What the command says and the code with which it ends; a traceback fails the test."""
    out, err = StringIO(), StringIO()
    with patch.object(sys, "argv", ["gaemi", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return Answer(code, out.getvalue(), err.getvalue())


def refusals(*arguments: str) -> list[str]:
    """The refusals of a command, one a line; it must end with 2, print nothing else and leave nothing behind."""
    answer = gaemi(*arguments)
    assert (2, "") == (answer.code, answer.out)
    lines = answer.err.splitlines()
    assert lines and all(line.startswith("refused: ") for line in lines), answer.err
    return [line.removeprefix("refused: ") for line in lines]


@pytest.fixture(scope="session")
def june() -> list[dict[str, str]]:
    """Closes of June 2022 and of the session before, as shipped."""
    lines = (FOLDER / "june-2022.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [{"Date": r["date"], "KS11": r["kospi_close"], "KQ11": r["kosdaq_close"], "USD/KRW": "1250"} for r in rows]


@pytest.fixture
def history(june: list[dict[str, str]], tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Writes June 2022 with changes: ``row=7, KQ11="0"``, or ``without=7``."""

    def write(row: int | None = None, without: int | None = None, **cells: str) -> str:
        rows = [dict(one) for one in june]
        if row is not None:
            rows[row] |= cells
        if without is not None:
            del rows[without]
        path = tmp_path / "june.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    yield write
