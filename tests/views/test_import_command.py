"""``gaemi import`` from the outside: what is printed, which files are left, and what other commands make of them."""

import json
import sys
from pathlib import Path

import pytest
from sources.bars import LONG
from sources.exports import CREDIT, FLOWS
from sources.test_stock_credit import OURS
from views.conftest import SMALL, gaemi, refusals

from gaemi.sources.balances import read_balances
from gaemi.sources.prices import read_prices
from gaemi.sources.stock_credit import read_stock_credit


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    folder = tmp_path / "in"
    folder.mkdir()
    texts = {"flows.csv": FLOWS, "credit.csv": CREDIT, "prices.csv": LONG, "stocks.csv": OURS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in texts]


def test_what_the_files_hold(files: list[str]) -> None:
    answer = gaemi("import", *files)
    words = " ".join(answer.out.split())
    assert 0 == answer.code
    for said in (
        "credit.csv balances: margin_kospi_won, margin_kosdaq_won 3 2024-01-02 2024-01-04 million won and 2 more",
        "prices.csv prices: 000660, 005930 6 2024-01-02 2024-01-04 as quoted",
        "stocks.csv stock credit: 000660, 005930 6 2024-01-02 2024-01-04 won",
        "No gap and no fault.",
    ):
        assert said in words, words


def test_the_folder_that_is_written(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = gaemi("import", *files, "--out", str(out), "--json")
    document = json.loads(answer.out)
    assert (0, "gaemi.import/1", f"folder: {out}\n") == (answer.code, document["schema"], answer.err)
    assert ["balances.csv", "prices.parquet", "stock_credit.csv"] == sorted(document["written"])
    assert sorted([*document["written"], "manifest.json"]) == sorted(path.name for path in out.iterdir())
    assert (3, 6, ("000660", "005930")) == (
        len(read_balances(out)),
        len(read_stock_credit(out)),
        read_prices(out).tickers,
    )
    # A folder of an earlier import may be written anew, another one not.
    assert 0 == gaemi("import", files[0], "--out", str(out)).code
    assert ["balances.csv", "manifest.json"] == sorted(path.name for path in out.iterdir())
    (out / "manifest.json").unlink()
    assert "--out: must be a new or an empty folder" in refusals("import", files[0], "--out", str(out))[0]


def test_gaps_are_told_once_for_the_series_that_share_them(tmp_path: Path) -> None:
    path = tmp_path / "credit.csv"
    path.write_text("".join(line for line in CREDIT.splitlines(True) if "01/03" not in line), encoding="utf-8")
    words = " ".join(gaemi("import", str(path)).out.split())
    assert "Gaps, not filled: balances: no row on 2024-01-03: margin_kospi_won, margin_kosdaq_won and 2 more" in words


def test_refused_files_leave_nothing(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "in" / "credit.csv").write_text(CREDIT.replace("(단위: 백만원)", ""), encoding="utf-8")
    found = refusals("import", *files, "--out", str(tmp_path / "out"))
    assert 4 == len(found) and all("a balance must name its unit" in line for line in found)
    assert ["in"] == [path.name for path in tmp_path.iterdir()]


def test_questions_to_a_library_need_dates_and_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "FinanceDataReader", None)
    assert "give --from 2024-01-02 --to 2024-12-30" in refusals("import", "fdr:005930")[0]
    (found,) = refusals("import", "fdr:005930", "--from", "20240102", "--to", "2024-01-04")
    assert "pip install finance-datareader" in found
    assert refusals("import", "fdr:005930", "--from", "soon")[0].startswith("--from: must be a date")


def test_other_commands_read_the_folder(june: list[dict[str, str]], tmp_path: Path) -> None:
    source = tmp_path / "june.csv"
    lines = [",".join(june[0]), *(",".join(row.values()) for row in june)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert 0 == gaemi("import", str(source), "--out", str(tmp_path / "data")).code
    replay = ("country", "--replay", "june-2022", *SMALL, "--json")
    answers = [gaemi(*replay, "--prices", str(place)) for place in (source, tmp_path / "data")]
    assert [0, 0] == [answer.code for answer in answers]
    one, other = (json.loads(answer.out) for answer in answers)
    assert one["days"] == other["days"]
