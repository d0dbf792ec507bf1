"""Exchange accounts under two laws: loan accounts by law; spot accounts and prices the same but for forced sales."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaemi.compare import CompareResult, compare_country
from gaemi.scene import Request

AGAIN = "coin_loans_again"
REQUEST = Request(scale=4000, state="simple", shock="BTC -20%", days=3, threads=1)


@pytest.fixture(scope="module")
def again() -> CompareResult:
    """Leverage is brought back, and bitcoin falls; nothing is said of stocks."""
    return compare_country(REQUEST, AGAIN)


@pytest.fixture(scope="module")
def coins(again: CompareResult) -> dict[str, Any]:
    return again.document["coins"]


def table(coins: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(each["rows"] for each in coins["tables"] if each["name"] == name)


def test_nobody_borrows_coins_today_and_a_reform_brings_its_borrowers(coins: dict[str, Any]) -> None:
    today = {name: value for name, value in coins["baseline"].items() if name not in ("spot_lost_won", "emptied")}
    assert dict.fromkeys(today, 0) == today
    assert 27_600 // 4000 * 4000 == coins["reformed"]["borrowers"]
    assert 0 < coins["reformed"]["owed_won"] < coins["reformed"]["owed_before_won"]


def test_what_is_closed_by_force_pushes_the_prices_of_those_who_owe_nothing(coins: dict[str, Any]) -> None:
    first, second = coins["baseline"], coins["reformed"]
    assert second["closed"] > 0
    assert second["spot_lost_won"] > first["spot_lost_won"] > 0


def test_coins_and_bands_add_up_to_the_two_laws(coins: dict[str, Any]) -> None:
    assert [coins["baseline"], coins["reformed"]] == [
        {name: row[name] for name in coins["baseline"]} for row in table(coins, "laws")
    ]
    for law in ("baseline", "reformed"):
        for name in ("sold_won", "bought_won"):
            assert coins[law][name] == sum(row[f"{law}_{name}"] for row in table(coins, "by_coin"))
        assert coins[law]["spot_lost_won"] == sum(row[f"{law}_lost_won"] for row in table(coins, "bands"))
    assert coins["accounts"] == sum(row["accounts"] for row in table(coins, "bands"))


def test_every_table_has_the_columns_that_it_says(coins: dict[str, Any]) -> None:
    for each in coins["tables"]:
        for row in each["rows"]:
            assert {field for field, _, _ in each["columns"]} <= set(row), each["name"]


def test_a_shock_of_coins_leaves_stocks_where_they_are_and_the_answer_is_of_coins(again: CompareResult) -> None:
    rows = again.document["displacements"]
    assert all(row["baseline"] == row["reformed"] and row["barred_won"] == 0 for row in rows)
    assert again.document["coins"]["sentences"] == again.document["sentences"]
    assert ("BTC -20% over 3d", 0.0) == (again.document["shock"], again.document["shock_pct"])


def test_the_same_request_gives_the_same_coins_on_two_threads(again: CompareResult) -> None:
    second = compare_country(replace(REQUEST, threads=2), AGAIN).document
    assert json.dumps(again.document["coins"]) == json.dumps(second["coins"])


def test_a_law_that_is_the_same_changes_no_account(tmp_path: Path) -> None:
    """A reform of days that the run does not reach, with coins beside stocks."""
    path = tmp_path / "later.yaml"
    path.write_text("name: later\nnote: a test\nchanges:\n  coins.fee: {2030-01-02: 50}\n", encoding="utf-8")
    document = compare_country(replace(REQUEST, shock="KOSPI -20%", coins=True), path).document
    coins = document["coins"]
    assert coins["baseline"] == coins["reformed"]
    assert [] == table(coins, "by_coin")
    assert None is coins["shock"]
    assert coins["sentences"] == document["sentences"][1:]
    assert "nobody borrows against coins under either law" in coins["sentences"][0]
    assert -20.0 == document["shock_pct"]


def test_without_coins_the_document_has_none(tmp_path: Path) -> None:
    document = compare_country(replace(REQUEST, shock="KOSPI -20%"), AGAIN).document
    assert "coins" not in document
    assert not any(row["path"].startswith("coin") for row in document["assumptions"])


def test_coins_stand_in_the_page_the_terminal_and_the_folder(again: CompareResult, tmp_path: Path) -> None:
    from rich.console import Console

    from gaemi.answers.tables import print_compare

    folder = again.save(tmp_path / "run")
    page = (folder / "report.html").read_text(encoding="utf-8")
    console = Console(width=100, record=True, file=(tmp_path / "told.txt").open("w", encoding="utf-8"))
    print_compare(again.document, console)
    told = console.export_text()
    assert {"coins_laws.parquet", "coins_by_coin.parquet", "coins_bands.parquet"} <= {p.name for p in folder.iterdir()}
    for text in (page, told):
        assert "Coins under two laws" in text
        assert "Helped and hurt" not in text, "the shock and the reform are of coins alone"
    assert "--coins" not in page, "the shock asked for coins"


def test_stocks_stay_in_the_page_where_the_shock_names_them(tmp_path: Path) -> None:
    from gaemi.answers.report.render import render_compare

    page = render_compare(compare_country(replace(REQUEST, shock="KOSPI -20%, BTC -20%"), AGAIN).document)
    assert "The two laws side by side" in page
    assert "Coins under two laws" in page
