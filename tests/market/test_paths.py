"""Paths: boards move by exactly what was asked, whoever moves by name, stands still or is dispersed."""

from dataclasses import fields, replace
from datetime import date
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toytown import ALPHA, BETA, GAMMA, PRICES, QUIET, TICKERS, TWICE, days_after, instruments, live, nobody

from gaemi.chance import DISPERSION, name_id, normal, word
from gaemi.errors import Refused
from gaemi.market.paths import Path, recorded_path, shock_path
from gaemi.market.shocks import Shock, parse_shock
from gaemi.records.columns import Board, Instruments

ON = date(2018, 3, 5)
EXACT = 1e-12


def shocked(text: str, sessions: int = 8, dispersion: float = 0.5, table: Instruments | None = None) -> Path:
    table = table or instruments()
    return shock_path(parse_shock(text, table.ticker), table, days_after(ON, sessions), 1400.0, dispersion, 7)


def index(path: Path, board: Board, table: Instruments | None = None) -> np.ndarray:
    """Levels of a board's index along a path, 1 at the start: capital of its names over that at the start."""
    table = table or instruments()
    capital = np.where((table.board == board) & (table.indexed != 0), table.issued * table.price, 0.0)
    return np.nan_to_num(path.factor_close) @ capital / capital.sum()


def wide(names: int = 30) -> Instruments:
    """The town with many more names on its first board."""
    table, extra = instruments(), [f"N{i:03d}" for i in range(names)]
    grown: dict[str, object] = {}
    for f in fields(table):
        values = getattr(table, f.name)
        grown[f.name] = (
            (*values, *extra) if isinstance(values, tuple) else np.concatenate([values, np.repeat(values[:1], names)])
        )
    return Instruments(**grown)  # type: ignore[arg-type]


@pytest.mark.parametrize("dispersion", [0.0, 0.3, 1.5])
@pytest.mark.parametrize("text", ["KOSPI -20%", "KOSPI -40%, KOSDAQ -55%", "KOSPI +12%, KOSDAQ 0%", "KOSDAQ -8%"])
def test_each_index_moves_by_exactly_what_was_asked(text: str, dispersion: float) -> None:
    shock = parse_shock(text)
    for table in (instruments(), wide()):
        path = shocked(text, dispersion=dispersion, table=table)
        for name, board in (("KOSPI", Board.KOSPI), ("KOSDAQ", Board.KOSDAQ)):
            asked = 1 + shock.change_bps(name) / 10_000
            assert index(path, board, table)[-1] == pytest.approx(asked, abs=EXACT)


def test_kosdaq_falls_a_fifth_more_unless_it_is_named() -> None:
    path = shocked("KOSPI -20%")
    assert 0.76 == pytest.approx(index(path, Board.KOSDAQ)[-1], abs=EXACT)


def test_the_way_is_three_equal_log_steps_and_then_flat() -> None:
    levels = index(shocked("KOSPI -20%"), Board.KOSPI)
    expected = [0.8 ** (min(t, 3) / 3) for t in range(9)]
    assert expected == pytest.approx(levels.tolist(), abs=EXACT)
    assert levels[3:].tolist() == [levels[3]] * 6


def test_over_five_days() -> None:
    levels = index(shocked("KOSPI -20% over 5d"), Board.KOSPI)
    assert [0.8 ** (min(t, 5) / 5) for t in range(9)] == pytest.approx(levels.tolist(), abs=EXACT)


def test_nothing_moves_on_the_day_of_the_state() -> None:
    path = shocked("KOSPI -30%", dispersion=1.0)
    assert [1.0] * 3 == path.factor_close[0, :3].tolist()


def test_dispersion_parts_the_names_and_none_keeps_them_together() -> None:
    together, apart = shocked("KOSPI -20%", dispersion=0.0), shocked("KOSPI -20%", dispersion=0.5)
    assert together.factor_close[3, ALPHA] == pytest.approx(together.factor_close[3, BETA], abs=EXACT)
    assert abs(apart.factor_close[3, ALPHA] - apart.factor_close[3, BETA]) > 0.01


def test_names_part_by_their_own_luck_times_the_size_of_the_move() -> None:
    factor = shocked("KOSPI -20%", dispersion=0.5).factor_close[3]
    luck = [normal(word(7, 0, DISPERSION, 0, name_id(ticker), 0)) for ticker in ("ALPHA", "BETA")]
    expected = 0.5 * -log(0.8) * (luck[0] - luck[1])
    assert expected == pytest.approx(log(factor[ALPHA] / factor[BETA]), abs=EXACT)


def test_a_ticker_has_the_same_luck_when_others_join() -> None:
    """The re-centring is one number a board and session; what parts two names is theirs alone."""
    few, many = shocked("KOSPI -20%"), shocked("KOSPI -20%", table=wide())
    parted = [path.factor_close[:, ALPHA] / path.factor_close[:, BETA] for path in (few, many)]
    assert parted[0].tolist() == pytest.approx(parted[1].tolist(), abs=EXACT)


def test_a_named_move_and_the_others_carry_the_index() -> None:
    path = shocked("KOSPI -10%, BETA -60% over 2d")
    assert [0.4 ** (min(t, 2) / 2) for t in range(9)] == pytest.approx(path.factor_close[:, BETA].tolist(), abs=EXACT)
    assert 0.9 == pytest.approx(index(path, Board.KOSPI)[-1], abs=EXACT)
    assert path.factor_close[-1, ALPHA] > 0.9


def test_a_locked_name_falls_day_after_day_with_the_fill_that_was_asked() -> None:
    path = shocked("BETA -30% x3 locked fill 2%")
    assert [1, 0.7, 0.49, 0.343, 0.343] == pytest.approx(path.factor_close[:5, BETA].tolist(), abs=EXACT)
    assert [-1, 200, 200, 200, -1] == path.forced_fill_bps[:5, BETA].tolist()
    assert -1 == path.forced_fill_bps[:, [ALPHA, GAMMA]].max()


def test_a_name_that_is_halted_stands_still_and_the_others_carry_the_index() -> None:
    table = instruments(halted=np.array([0, 1, 0, 0]))
    path = shocked("KOSPI -20%", table=table)
    assert [1.0] * 9 == path.factor_close[:, BETA].tolist()
    assert [1] * 9 == path.halted[:, BETA].tolist()
    assert 0.8 == pytest.approx(index(path, Board.KOSPI)[-1], abs=EXACT)
    world = live(nobody(), path, QUIET, table=table)
    assert PRICES[BETA] == world.price[BETA]


def test_a_name_halted_for_some_days_keeps_its_price_and_then_catches_up_within_its_limits() -> None:
    path = shocked("KOSPI -27.1%, BETA halt 3d", dispersion=0.0)
    assert [0, 1, 1, 1, 0, 0, 0, 0, 0] == path.halted[:, BETA].tolist()
    prices = [2000, *(live(nobody(), _first(path, days)).price[BETA] for days in range(1, 6))]
    assert [2000, 2000, 2000, 2000, 1460, 1460] == prices


def _first(path: Path, sessions: int) -> Path:
    cut = {f.name: getattr(path, f.name)[: sessions + 1] for f in fields(path) if f.name != "note"}
    return replace(path, **cut)


def test_a_single_name_on_a_board_is_its_index() -> None:
    path = shocked("KOSDAQ -33%")
    assert 0.67 == pytest.approx(path.factor_close[-1, GAMMA], abs=EXACT)


def test_the_dollar_moves_by_itself() -> None:
    path = shocked("USDKRW +8% over 2d")
    assert [1400, 1400 * 1.08**0.5, 1512, 1512] == pytest.approx(path.won_per_dollar[:4].tolist(), abs=1e-9)
    assert [1.0] * 9 == path.factor_close[:, ALPHA].tolist()


def test_funds_wait_for_what_their_index_does() -> None:
    assert np.isnan(shocked("KOSPI -20%").factor_close[:, TWICE]).all()


def test_no_move_at_all() -> None:
    path = shock_path(Shock(), instruments(), days_after(ON, 2), 1400.0, 0.5, 7)
    assert [[1.0] * 3] * 3 == path.factor_close[:, :3].tolist()


def test_a_name_that_outweighs_its_index_is_refused() -> None:
    with pytest.raises(Refused, match="an index that its names can reach"):
        shocked("KOSPI -60%, ALPHA +90%")


@given(fall=st.integers(-6_000, 3_000), dispersion=st.floats(0, 1.2), seed=st.integers(0, 2**32 - 1))
def test_any_shock_any_dispersion_any_luck(fall: int, dispersion: float, seed: int) -> None:
    table = wide(8)
    shock = parse_shock(f"KOSPI {fall / 100:+.2f}%")
    path = shock_path(shock, table, days_after(ON, 4), 1400.0, dispersion, seed)
    assert index(path, Board.KOSPI, table)[-1] == pytest.approx(1 + fall / 10_000, abs=EXACT)
    assert (path.factor_close[:, table.kind == 0] > 0).all()


def recorded(dispersion: float = 0.4, **others: np.ndarray) -> Path:
    closes = {
        "KOSPI": np.array([2500.0, 2450.5, 2300.25, 2410.0]),
        "KOSDAQ": np.array([850.0, 800.0, 811.5, 790.0]),
        "USDKRW": np.array([1350.0, 1360.0, 1371.5, 1365.0]),
    }
    halted = {"BETA": np.array([0, 0, 1, 1], dtype=np.uint8)} if "BETA" in others else {}
    return recorded_path(closes | others, halted, days_after(ON, 3), instruments(), dispersion, 7)


def test_a_history_gives_back_its_indices() -> None:
    path = recorded()
    assert [1, 2450.5 / 2500, 2300.25 / 2500, 0.964] == pytest.approx(index(path, Board.KOSPI).tolist(), abs=EXACT)
    assert [1, 800 / 850, 811.5 / 850, 790 / 850] == pytest.approx(index(path, Board.KOSDAQ).tolist(), abs=EXACT)
    assert [1350.0, 1360.0, 1371.5, 1365.0] == path.won_per_dollar.tolist()


def test_a_recorded_name_moves_as_recorded_and_the_others_carry_the_index() -> None:
    path = recorded(BETA=np.array([2000.0, 1400.0, 1400.0, 1400.0]))
    assert [1, 0.7, 0.7, 0.7] == pytest.approx(path.factor_close[:, BETA].tolist(), abs=EXACT)
    assert [0, 0, 1, 1] == path.halted[:, BETA].tolist()
    assert 0.964 == pytest.approx(index(path, Board.KOSPI)[-1], abs=EXACT)


def test_a_recorded_fund_needs_no_index() -> None:
    path = recorded(TWICE=np.array([20_000.0, 18_000.0, 15_000.0, 16_000.0]))
    assert [1, 0.9, 0.75, 0.8] == pytest.approx(path.factor_close[:, TWICE].tolist(), abs=EXACT)
    assert 16_000 == live(nobody(), path).price[TWICE]


def test_a_history_leaves_names_that_it_does_not_know_in_play() -> None:
    assert set(TICKERS) == {TICKERS[row] for row in np.flatnonzero(recorded().halted.max(axis=0) == 0)}
