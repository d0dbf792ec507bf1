"""Invented names beside a recorded index: they follow it, have luck of their own by date, and keep to the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log

import numpy as np
import pytest
import toytown

from gaemi.days import sessions
from gaemi.kernels._compile import compiled
from gaemi.kernels.wander import Named, Tape, wander
from gaemi.law.lawbook import LawBook, load
from gaemi.market.names import START_WON, faded, invented, tape_of
from gaemi.units import BPS

ON = date(2018, 3, 5)
SEED, PATH, MEMORY = 11, 3, 3.0


@dataclass(frozen=True)
class Market:
    named: Named
    tape: Tape


def days_from(first: date, count: int) -> tuple[date, ...]:
    return (first, *sessions(first, count - 1))


def closes(log_moves: Sequence[tuple[float, float]], start: float = 2_000.0) -> np.ndarray:
    """Closes of the two indices after each of the moves; the first session stands at ``start``."""
    return start * np.exp(np.cumsum([(0.0, 0.0), *log_moves], axis=0))


def moves_of(count: int, seed: int = 5, deviation: float = 0.012) -> list[tuple[float, float]]:
    luck = np.random.Generator(np.random.PCG64(seed)).normal(0.0, deviation, (count, 2))
    return [(float(a), float(b)) for a, b in luck]


def market(
    close: np.ndarray,
    days: Sequence[date],
    names: int,
    book: LawBook | None = None,
    path: int = PATH,
    own: float | None = None,
) -> Market:
    """Names wandered along the closes; ``own`` is their deviation beside the index where it is not the law's."""
    book = book or toytown.law()
    named = invented(book, days[0], names)
    named = named if own is None else named._replace(own=np.full(2 * names, own))
    tape = tape_of(close, days, book, 2 * names, MEMORY)
    compiled(wander)(named, tape, SEED, path, 0, len(days))
    return Market(named, tape)


def log_moves_of(tape: Tape) -> np.ndarray:
    return np.diff(np.log(tape.latent), axis=0)


def law_of_names() -> LawBook:
    """Toytown's law with own luck of 1.5 and 4 % a session, which are these tests' own figures."""
    return toytown.law_with(state__idiosyncratic={"KOSPI": 150, "KOSDAQ": 400})


def test_boards_groups_and_small_companies_are_spread_as_the_law_says() -> None:
    """Toytown: groups 40, 35 and 25 %; three quarters of KOSPI's names move with KOSDAQ, all of KOSDAQ's do."""
    named = invented(law_of_names(), ON, 40)
    assert [40, 40] == np.bincount(named.board).tolist()
    assert [32, 28, 20] == np.bincount(named.group).tolist()
    assert [30, 40] == [int(named.driver[named.board == board].sum()) for board in (0, 1)]
    assert {(0, 0.015), (1, 0.04)} == set(zip(named.board.tolist(), named.own.tolist(), strict=True))
    assert 80 == len(set(named.number.tolist()))
    assert named.pool.tolist() == named.board.tolist()


def test_small_companies_are_of_every_group() -> None:
    named = invented(toytown.law(), ON, 40)
    for group in range(3):
        driver = named.driver[(named.board == 0) & (named.group == group)]
        assert 0 < driver.sum() < driver.size


def test_names_follow_their_index_on_average() -> None:
    """The mean over many names of price by index level is 1, but for chance: four standard errors."""
    close, days = closes(moves_of(60)), days_from(ON, 61)
    found = market(close, days, 2_000)
    level = close[-1] / close[0]
    for driver in (0, 1):
        ratio = found.tape.price[-1, found.named.driver == driver] / START_WON / level[driver]
        assert abs(ratio.mean() - 1.0) < 4.0 * ratio.std() / ratio.size**0.5


def test_names_spread_as_the_parameter_says() -> None:
    """Beside the index a session's log moves have the own deviation, and names move apart: no correlation."""
    close, days = closes(moves_of(60)), days_from(ON, 61)
    found = market(close, days, 400, law_of_names())
    beside = log_moves_of(found.tape) - np.diff(np.log(close), axis=0)[:, found.named.driver]
    for board, own in ((0, 0.015), (1, 0.04)):
        here = beside[:, found.named.board == board]
        assert here.std() == pytest.approx(own, rel=0.02)
        together = here.mean(axis=1).std()
        assert together < 2.0 * own / here.shape[1] ** 0.5


def test_own_luck_is_that_of_the_date_whenever_the_history_begins() -> None:
    """A history that starts ten sessions later has the same moves on the same dates."""
    close, days = closes(moves_of(40)), days_from(ON, 41)
    long, short = market(close, days, 20), market(close[10:], days[10:], 20)
    np.testing.assert_allclose(log_moves_of(long.tape)[10:], log_moves_of(short.tape), rtol=0, atol=1e-12)


def test_own_luck_is_that_of_the_name_however_many_there_are() -> None:
    close, days = closes(moves_of(20)), days_from(ON, 21)
    book = toytown.law_with(state__small_companies=0)
    few, many = market(close, days, 5, book), market(close, days, 50, book)
    assert few.tape.latent[:, :5].tolist() == many.tape.latent[:, :5].tolist()
    assert few.tape.latent[:, 5:].tolist() == many.tape.latent[:, 50:55].tolist()


def test_each_member_has_luck_of_its_own() -> None:
    close, days = closes(moves_of(20)), days_from(ON, 21)
    one, other = (log_moves_of(market(close, days, 200, path=path).tape) for path in (0, 1))
    beside = np.diff(np.log(close), axis=0)[:, market(close, days, 200).named.driver]
    assert abs(np.corrcoef((one - beside).ravel(), (other - beside).ravel())[0, 1]) < 0.05


def test_a_name_without_own_luck_is_its_index() -> None:
    close, days = closes(moves_of(30)), days_from(ON, 31)
    found = market(close, days, 4, own=0.0)
    level = close / close[0]
    np.testing.assert_allclose(found.tape.latent, START_WON * level[:, found.named.driver], rtol=1e-12)
    assert (np.abs(found.tape.price - found.tape.latent) <= 0.5 + 1e-6).all()
    assert 0 == found.tape.locked.sum()


def test_what_the_limit_does_not_let_through_moves_the_session_after() -> None:
    """The index halves in one session: two sessions at the lower limit of 30 %, then the price that it should have."""
    half = (log(0.5), log(0.5))
    found = market(closes([half, (0.0, 0.0), (0.0, 0.0)]), days_from(ON, 4), 2, own=0.0)
    assert [START_WON, 140_000, 100_000, 100_000] == found.tape.price[:, 0].tolist()
    assert [0, 1, 0, 0] == found.tape.locked[:, 0].tolist()
    np.testing.assert_allclose(found.tape.latent[1:, 0], START_WON / 2, rtol=1e-12)


def test_a_name_at_its_upper_limit_is_not_locked_down() -> None:
    rise = (log(1.5), log(1.5))
    found = market(closes([rise, (0.0, 0.0)]), days_from(ON, 3), 2, own=0.0)
    assert ([START_WON, 260_000, 300_000], 0) == (found.tape.price[:, 0].tolist(), int(found.tape.locked.sum()))


def test_the_limit_is_that_of_the_date() -> None:
    """15 % until 12 June 2015 and 30 % from the next session on, by the real law."""
    book, days = load(), days_from(date(2015, 6, 8), 10)
    fall = (log(0.5), log(0.5))
    found = market(closes([fall] * 9), days, 20, book)
    limits = dict(zip(days, found.tape.limit_bps.tolist(), strict=True))
    assert (1_500, 3_000) == (limits[date(2015, 6, 12)], limits[date(2015, 6, 15)])
    price = found.tape.price
    for t in range(1, len(days)):
        least = price[t - 1] - price[t - 1] * int(found.tape.limit_bps[t]) // BPS
        assert (price[t] == least).all() and found.tape.locked[t].all()


def test_a_price_never_leaves_its_limit_nor_falls_under_a_won() -> None:
    found = market(closes(moves_of(80, deviation=0.1)), days_from(ON, 81), 50, own=0.15)
    price, limit = found.tape.price.astype(np.float64), found.tape.limit_bps[1:, None] / BPS
    moved = price[1:] / price[:-1] - 1.0
    assert price.min() >= 1
    assert (np.abs(moved) <= limit + 1e-9).all()
    lowest = found.tape.price[:-1] - found.tape.price[:-1] * found.tape.limit_bps[1:, None] // BPS
    assert 100 < found.tape.locked.sum()
    assert (found.tape.locked[1:] != 0).tolist() == (found.tape.price[1:] == lowest).tolist()


def test_the_first_session_has_no_move_and_prices_are_written_where_asked() -> None:
    close, days = closes(moves_of(30)), days_from(ON, 31)
    whole = market(close, days, 6)
    part = tape_of(close, days, toytown.law(), 12, MEMORY)
    named = invented(toytown.law(), ON, 6)
    for first, stop in ((0, 12), (12, 13), (13, 31)):
        compiled(wander)(named, part, SEED, PATH, first, stop)
    assert (whole.tape.price[0] == START_WON).all()
    assert whole.tape.price.tolist() == part.price.tolist()


def test_compiled_and_plain_names_are_the_same() -> None:
    close, days = closes(moves_of(12)), days_from(ON, 13)
    found, named = market(close, days, 3), invented(toytown.law(), ON, 3)
    plain = tape_of(close, days, toytown.law(), 6, MEMORY)
    with np.errstate(over="ignore"):
        wander(named, plain, SEED, PATH, 0, 13)
    for name in ("price", "locked", "latent"):
        assert getattr(found.tape, name).tolist() == getattr(plain, name).tolist()


def test_returns_of_a_week_fade_and_do_not_hold_the_session_itself() -> None:
    """A mean age of three sessions keeps two thirds: 1 %, then 2/3 %, 4/9 %."""
    tape = tape_of(closes([(0.01, 0.01), (0.0, 0.0), (0.0, 0.0)]), days_from(ON, 4), toytown.law(), 2, MEMORY)
    np.testing.assert_allclose(tape.bought_week[:, 1], [0.0, 0.0, 0.01, 0.01 * 2 / 3], atol=1e-15)
    np.testing.assert_allclose(tape.bought_day[:, 1], [0.0, 0.01, 0.0, 0.0], atol=1e-15)


def test_what_is_bought_on_kospi_is_three_quarters_small_companies() -> None:
    tape = tape_of(closes([(0.04, -0.02)]), days_from(ON, 2), toytown.law(), 2, MEMORY)
    np.testing.assert_allclose(tape.bought_day[1], [0.25 * 0.04 - 0.75 * 0.02, -0.02], atol=1e-15)


def test_the_deviation_of_a_session_is_known_before_it() -> None:
    """Weights fade by 6 % a session: a move of the last session cannot be in it, that of the one before is."""
    moves, days = moves_of(30), days_from(ON, 31)
    known = tape_of(closes(moves), days, toytown.law(), 2, MEMORY).deviation
    later = tape_of(closes([*moves[:-1], (-0.3, -0.3)]), days, toytown.law(), 2, MEMORY).deviation
    before = tape_of(closes([*moves[:-2], (-0.3, -0.3), moves[-1]]), days, toytown.law(), 2, MEMORY).deviation
    assert known.tolist() == later.tolist()
    assert known[:-1].tolist() == before[:-1].tolist()
    added = 0.06 * (0.09 - np.array(moves[-2]) ** 2)
    np.testing.assert_allclose(before[-1] ** 2 - known[-1] ** 2, added, rtol=1e-9)


def test_a_session_on_which_nothing_moved_tells_nothing_of_the_deviation() -> None:
    """Both indices stand still for ten sessions: what was known before them is known after them."""
    moves = [*moves_of(20), *[(0.0, 0.0)] * 10, *moves_of(20, seed=6)]
    known = tape_of(closes(moves), days_from(ON, 51), toytown.law(), 2, MEMORY).deviation
    alone = tape_of(closes([*moves[:20], *moves[30:]]), days_from(ON, 41), toytown.law(), 2, MEMORY).deviation
    assert [known[21].tolist()] * 10 == known[22:32].tolist()
    np.testing.assert_allclose(np.delete(known, range(22, 32), axis=0), alone, rtol=1e-9)


def test_a_session_on_which_one_index_moved_tells_of_both() -> None:
    """The exchange traded: the index that stood still is the calmer for it, by 6 % of its variance."""
    known = faded(np.array([4e-4, 4e-4]), np.array([0.01, 0.0]))
    np.testing.assert_allclose(known, [0.94 * 4e-4 + 0.06 * 1e-4, 0.94 * 4e-4], rtol=1e-12)


def test_a_calm_index_has_a_small_deviation_and_a_wild_one_a_large() -> None:
    days = days_from(ON, 201)
    for deviation in (0.005, 0.03):
        tape = tape_of(closes(moves_of(200, deviation=deviation)), days, toytown.law(), 2, MEMORY)
        assert float(tape.deviation[100:].mean()) == pytest.approx(deviation, rel=0.15)
