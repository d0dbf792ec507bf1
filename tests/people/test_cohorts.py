"""The country from a rebuilt state: loans stand as its cohorts say, and the simple state stays what it was."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaemi.errors import Refused
from gaemi.kernels import lend
from gaemi.law.lawbook import LawBook
from gaemi.people.cohorts import COLUMNS, MARKETS, Cohorts, read_cohorts, shipped_cohorts, write_cohorts
from gaemi.people.plan import Setting
from gaemi.people.population import lending_of, prices_of
from gaemi.people.reached import MarginLoans, margin_loans
from gaemi.people.rebuilt import sessions_back
from gaemi.people.state import STATE_DATE
from gaemi.people.targets import Targets
from gaemi.records.columns import Board, LoanKind, Population

from .conftest import ON, built, same_bits, setting_of

Rebuilt = tuple[Setting, Population, Targets]
Row = tuple[Board, int, int, int, int, int]
AGES, RATIOS = (0, 10, 60, 130, 300), (12_000, 13_500, 14_500, 16_000, 20_000, 30_000)
KOSPI_WON = ((9, 8, 7, 6, 5), (2, 7, 9, 9, 9), (0, 3, 9, 20, 20), (0, 0, 1, 30, 9))
KOSDAQ_WON = ((1, 2, 9, 9, 1), (9, 9, 8, 3, 1), (12, 9, 5, 2, 1), (7, 3, 1, 0, 0))


def rows_of(table: tuple[tuple[int, ...], ...], board: Board) -> list[Row]:
    return [
        (board, young, old, low, high, won * 10**11)
        for (young, old), line in zip(pairwise(AGES), table, strict=True)
        for (low, high), won in zip(pairwise(RATIOS), line, strict=True)
    ]


def cohorts_of(rows: list[Row], **changes: Any) -> Cohorts:
    board, *numbers = zip(*rows, strict=True)
    columns = (np.array(column, dtype=np.int64) for column in numbers)
    made = Cohorts(ON, "invented", "a test", "daily", True, np.array(board, dtype=np.int8), *columns)
    return replace(made, **changes)


ROWS = [*rows_of(KOSPI_WON, Board.KOSPI), *rows_of(KOSDAQ_WON, Board.KOSDAQ)]
INVENTED = cohorts_of(ROWS)


@pytest.fixture(scope="module")
def rebuilt(book: LawBook) -> Rebuilt:
    setting = replace(setting_of(book), cohorts=INVENTED)
    return setting, *built(setting)


def loans_of(setting: Setting, population: Population) -> MarginLoans:
    return margin_loans(setting, INVENTED, population, prices_of(setting))


def shares(loans: MarginLoans, board: Board) -> np.ndarray:
    """Share of the market's won in each of its cohorts, as the population has it."""
    found = []
    for market, young, old, low, high, _ in ROWS:
        if market == board:
            aged = (loans.age >= young) & (loans.age < old)
            here = (loans.board == board) & aged & (loans.ratio_bps >= low) & (loans.ratio_bps < high)
            found.append(int(loans.won[here].sum()))
    return np.array(found) / int(loans.won[loans.board == board].sum())


def misplaced(setting: Setting, population: Population, board: Board) -> float:
    """Share of the market's won that stands in another cohort than the state says."""
    wanted = np.array([row[-1] for row in ROWS if row[0] == board], dtype=np.float64)
    return float(np.abs(shares(loans_of(setting, population), board) - wanted / wanted.sum()).sum() / 2)


def fingerprint(population: Population) -> str:
    digest = blake2b(digest_size=16)
    for group in (*population.plain, *population.borrowing):
        for column in group:
            digest.update(f"{column.dtype.str}{column.shape}".encode() + column.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("seed", "scale", "before"),
    [
        (0, 1, "a7a921da2d19fe25e8f1c243d4ffd0cf"),
        (7, 1, "ba95a104516a54198690e99e93c5f95f"),
        (0, 4, "241129368b850a15867f799068697067"),
    ],
)
def test_the_simple_state_has_the_bits_that_it_had_before_there_were_cohorts(
    book: LawBook, seed: int, scale: int, before: str
) -> None:
    assert before == fingerprint(built(setting_of(book, seed=seed, scale=scale))[0])


def test_won_stands_in_the_cohorts_of_the_state_and_nearer_with_more_people(book: LawBook) -> None:
    error = {}
    for persons in (15_000, 500_000):
        setting = replace(setting_of(book, persons), cohorts=INVENTED)
        population, targets = built(setting, compiler="1")
        assert [] == targets.missed()
        error[persons] = [misplaced(setting, population, board) for board in MARKETS]
    assert max(error[500_000]) < 0.04
    assert all(many < few / 2 for few, many in zip(*error.values(), strict=True))


def test_the_table_of_targets_sets_nearness_and_age_beside_the_state(book: LawBook) -> None:
    setting = replace(setting_of(book, 500_000), cohorts=INVENTED)
    _, targets = built(setting, compiler="1")
    for board in MARKETS:
        near = targets.named(f"margin loans of {board.name} in pools under 150 %")
        age = targets.named(f"mean age of margin loans of {board.name}")
        assert near.target == round(INVENTED.share_under(board, 15_000) * 10_000)
        assert (False, "a test", "bps") == (near.exact, near.source, near.unit)
        assert near.target == pytest.approx(near.reached, abs=250)
        assert age.target == pytest.approx(age.reached, abs=5)


def test_share_and_age_of_cohorts_are_those_of_even_bands() -> None:
    two = [(Board.KOSPI, 0, 11, 14_000, 16_000, 3), (Board.KOSPI, 20, 21, 20_000, 21_000, 1)]
    cohorts = cohorts_of(two)
    assert 0.375 == cohorts.share_under(Board.KOSPI, 15_000)
    assert 8.75 == cohorts.mean_age(Board.KOSPI)


def test_balances_and_persons_are_met_as_in_the_simple_state(rebuilt: Rebuilt) -> None:
    assert [] == rebuilt[2].missed()


def test_who_has_no_margin_loan_stands_as_in_the_simple_state(
    rebuilt: Rebuilt, small: tuple[Setting, Population, Targets]
) -> None:
    assert same_bits(Population(small[1].plain, []), Population(rebuilt[1].plain, []))
    others = 0
    for simple, group in zip(small[1].borrowing, rebuilt[1].borrowing, strict=True):
        without = ~(simple.loan_kind == LoanKind.MARGIN).any(axis=0)
        others += int(without.sum())
        for before, after in zip(simple, group, strict=True):
            assert before[..., without].tobytes() == after[..., without].tobytes()
    assert others > 10


def test_a_pool_has_the_ratio_of_its_luck_whatever_loans_are_in_it(rebuilt: Rebuilt) -> None:
    """Never less; more by a unit of its lots, or where an account's own cash is already worth more."""
    setting, population, _ = rebuilt
    lending, prices = lending_of(setting, population.borrowing), prices_of(setting)
    excess, kinds = [], set()
    for group in population.borrowing:
        ratio = np.zeros(group.investor.size, dtype=np.int64)
        lend.pool_ratios(group, (0, ratio.size), prices, lending.substitute_bps, ratio)
        for at in range(ratio.size):
            kind = lend.pool_kind(lending.cohorts, group, at)
            if kind >= 0:
                kinds.add((kind, *sorted(group.loan_kind[:, at].tolist())))
                _, wanted = lend.pool_band(lending, kind, int(group.investor[at]))
                excess.append(int(ratio[at]) - int(wanted * 10_000))
    assert {(0, 0, 1), (1, 0, 1), (2, 1, 1), (0, 1, 2)} <= kinds
    assert min(excess) >= -1
    assert np.median(excess) < 50 and np.quantile(excess, 0.8) < 200


def test_accounts_may_stand_under_maintenance_tonight(rebuilt: Rebuilt) -> None:
    setting, population, _ = rebuilt
    maintenance = setting.book.value("margin.maintenance", setting.on)
    by_firm = np.array([maintenance[firm] for firm in setting.book.keys("firm_class")])
    spans = ((group, (0, group.investor.size)) for group in population.borrowing)
    assert 0 < sum(lend.count_short(*each, prices_of(setting), by_firm, 7_000) for each in spans)


def test_loans_older_than_their_term_were_extended(rebuilt: Rebuilt) -> None:
    setting, population, _ = rebuilt
    on, term = setting.on.toordinal(), int(setting.book.value("margin.term", setting.on))
    older = 0
    for group in population.borrowing:
        margin = group.loan_kind == LoanKind.MARGIN
        opened, due, paid = (column[margin].astype(int) for column in (group.opened, group.due, group.interest_from))
        assert set(opened.tolist()) <= set(sessions_back(setting.on, AGES[-1]).tolist())
        assert ((due > on) & (due <= on + term) & (paid == due - term) & (paid <= on)).all()
        assert (0 == (due - opened) % term).all()
        older += int((on - opened >= term).sum())
    assert older > 10


@pytest.mark.parametrize("chunk", [1, 97])
def test_chunks_of_any_size_give_the_same_bits(rebuilt: Rebuilt, chunk: int) -> None:
    assert same_bits(rebuilt[1], built(rebuilt[0], chunk)[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_compiled_on_any_threads_and_plain_give_the_same_bits(
    rebuilt: Rebuilt, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: threads)
    assert same_bits(rebuilt[1], built(rebuilt[0], 101, compiler="1")[0])


def test_the_order_of_cohorts_decides_nothing(rebuilt: Rebuilt) -> None:
    other = cohorts_of(ROWS[::-1])
    assert INVENTED.hash == other.hash
    assert same_bits(rebuilt[1], built(replace(rebuilt[0], cohorts=other))[0])


def test_markets_without_a_ratio_in_common_still_date_every_loan(book: LawBook) -> None:
    apart = cohorts_of([(Board.KOSPI, 3, 4, 20_000, 21_000, 10**12), (Board.KOSDAQ, 7, 8, 13_000, 14_000, 10**12)])
    setting = replace(setting_of(book), cohorts=apart)
    loans = margin_loans(setting, apart, built(setting)[0], prices_of(setting))
    assert {3} == set(loans.age[loans.board == Board.KOSPI].tolist())
    assert {7} == set(loans.age[loans.board == Board.KOSDAQ].tolist())


def test_the_shipped_state_is_whole_and_of_its_date() -> None:
    shipped = shipped_cohorts()
    assert (STATE_DATE, "shipped") == (shipped.on, shipped.name)
    assert {"commands", "law_version", "seed", "members"} <= set(shipped.recipe)
    assert all(shipped.won[shipped.in_market(board)].sum() > 10**12 for board in MARKETS)


def written(cohorts: Cohorts, folder: Path) -> Path:
    """What the writer of a state does with the part that is handed to it."""
    folder.mkdir()
    document = {"schema": "invented", **write_cohorts(cohorts, folder)}
    (folder / "state.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_what_is_written_is_read(tmp_path: Path) -> None:
    recipe = {"commands": ["one", "two"], "seed": 3}
    for feasible in (True, False):
        made = replace(INVENTED, feasible=feasible, basis="monthly, then daily since 2025-10-10", recipe=recipe)
        found = read_cohorts(written(made, tmp_path / f"state_{feasible}"))
        assert f"state_{feasible}" == found.name
        assert (made.described(), made.recipe) == (found.described(), found.recipe)
        for name in ("board", "age_low", "age_high", "ratio_low_bps", "ratio_high_bps", "won"):
            assert getattr(made, name).tolist() == getattr(found, name).tolist()
            assert getattr(made, name).dtype == getattr(found, name).dtype


def test_cohorts_that_could_not_be_read_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="must be a day on which the exchange trades, was 2025-11-01"):
        write_cohorts(replace(INVENTED, on=date(2025, 11, 1)), tmp_path)
    assert [] == list(tmp_path.iterdir())


GOOD = [",".join(COLUMNS), "KOSPI,0,20,14000,20000,5000", "KOSPI,20,60,14000,20000,700", "KOSDAQ,0,9,13000,15000,90"]


def changed(place: int, line: str) -> list[str]:
    return [*GOOD[:place], line, *GOOD[place + 1 :]]


TABLES: list[tuple[list[str], str]] = [
    (["market,won"], "cohorts.csv row 1: must have the columns market, age_low"),
    ([], "cohorts.csv row 1: must have the columns market, age_low"),
    (changed(1, "KOSPPI,0,20,14000,20000,5000"), "row 2 market: must be KOSPI or KOSDAQ, was 'KOSPPI'; did you mean"),
    (changed(1, "US,0,20,14000,20000,5000"), "row 2 market: must be KOSPI or KOSDAQ, was 'US'"),
    (changed(2, "KOSPI,20,sixty,14000,20000,7"), "row 3 age_high: must be a whole number, was 'sixty'"),
    (changed(2, "KOSPI,20,60,14000,,7"), "row 3 ratio_high_bps: must be a whole number, was ''"),
    (changed(2, "KOSPI,20,60,14000,20000"), "row 3 won: must be a whole number, was ''"),
    (changed(2, "KOSPI,20,60,14000,20000,1e9"), "row 3 won: must be a whole number, was '1e9'"),
    (changed(2, "KOSPI,60,20,14000,20000,7"), "row 3 age: a band must rise, from 0 to at most 2,500 sessions, was 60"),
    (changed(2, "KOSPI,-1,9,14000,20000,7"), "row 3 age: a band must rise"),
    (changed(3, "KOSDAQ,0,9,15000,15000,9"), "row 4 ratio: a band must rise"),
    (changed(3, "KOSDAQ,0,9,15000,150000,9"), "row 4 ratio: a band must rise, from 0 to at most 100,000 basis points"),
    (changed(3, "KOSDAQ,0,9,13000,15000,-9"), "row 4 won: must be 0 or more, was -9"),
    (changed(2, "KOSPI,19,60,19999,20001,7"), "row 3: bands of one market must not overlap, was a part of row 2"),
    (changed(3, "KOSDAQ,0,9,13000,15000,0"), "must have won of loans in both markets, was none of KOSDAQ"),
    (GOOD[:1], "must have won of loans in both markets, was none of KOSPI"),
]  # fmt: skip


def folder_of(place: Path, lines: list[str], told: Any) -> Path:
    (place / "cohorts.csv").write_text("\n".join(lines), encoding="utf-8")
    document = told if isinstance(told, str) else json.dumps(told)
    (place / "state.json").write_text(document, encoding="utf-8")
    return place


TOLD = {"on": "2025-10-31", "basis": "daily", "feasible": True, "source": "a test"}


@pytest.mark.parametrize(("lines", "said"), TABLES)
def test_faults_of_the_table_are_named(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_cohorts(folder_of(tmp_path, lines, {"cohorts_of": TOLD}))
    assert any(said in str(fault) for fault in refusal.value.faults), str(refusal.value)


@pytest.mark.parametrize(("told", "said"), [
    ("{", "state.json: must be a JSON document"),
    ("[]", "state.json: must hold an object 'cohorts_of'"),
    ({"cohorts_of": TOLD | {"on": "2025-11-01"}}, "state.json on: must be a day on which the exchange trades"),
    ({"cohorts_of": TOLD | {"on": "1980-01-04"}}, "state.json on: must be from 1990 to 2099"),
    ({"cohorts_of": TOLD | {"on": "31.10.2025"}}, "state.json on: must be a date as 2025-10-31, was '31.10.2025'"),
    ({"cohorts_of": TOLD | {"basis": "weekly"}}, "state.json basis: must be 'daily', 'monthly' or"),
    ({"cohorts_of": TOLD | {"feasible": "yes"}}, "state.json feasible: must be true or false, was 'yes'"),
    ({"cohorts_of": {}}, "state.json source: must be a text, was None"),
    ({"cohorts_of": TOLD | {"cohorts_hash": "0" * 32}}, "must be the cohorts that state.json was written with"),
])  # fmt: skip
def test_faults_of_the_document_are_named(tmp_path: Path, told: Any, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_cohorts(folder_of(tmp_path, GOOD, told))
    assert any(said in str(fault) for fault in refusal.value.faults), str(refusal.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    lines = [*changed(1, "KOSPI,20,0,14000,20000,-5"), "KOSDAQ,4,5,14999,15000,2"]
    with pytest.raises(Refused) as refusal:
        read_cohorts(folder_of(tmp_path, lines, TOLD | {"basis": "weekly"}))
    assert 4 == len(refusal.value.faults)


@pytest.mark.parametrize("lost", ["cohorts.csv", "state.json"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, lost: str) -> None:
    (folder_of(tmp_path, GOOD, TOLD) / lost).unlink()
    with pytest.raises(Refused, match=f"{lost}: .* was no such file; write it anew with gaemi state --out"):
        read_cohorts(tmp_path)


@pytest.mark.parametrize("broken", [lambda c: replace(c, won=c.won + 1), lambda c: replace(c, on=date(2025, 10, 30))])
def test_the_hash_sees_won_and_date(broken: Callable[[Cohorts], Cohorts]) -> None:
    assert INVENTED.hash != broken(INVENTED).hash
