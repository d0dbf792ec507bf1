"""Natural experiments and the split over lags: planted answers come back, and the record says what is known of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hindcast.invented import drawn_close, following

from gaemi import days as calendar
from gaemi.errors import Refused
from gaemi.hindcast import lags, limits, mornings, waivers
from gaemi.hindcast.experiments import april_2023, august_2021, natural_experiments, single_stocks
from gaemi.hindcast.trial import FEWEST, LAGS, Trial, start_at
from gaemi.kernels.revolve import SOLD
from gaemi.law.lawbook import load
from gaemi.law.reform import with_values
from gaemi.sources.balances import Balance, BalanceHistory, read_balances
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.spin import WARM, advance
from gaemi.workers import LocalWorkers, silent

MEMBERS, NAMES = 3, 8


def written(folder: Path, close: np.ndarray, first: date) -> PriceHistory:
    """The closes as a file of both indices has them."""
    lines = ["date,kospi_close,kosdaq_close"]
    lines += [f"{day},{a:.6f},{b:.6f}" for day, (a, b) in zip(sessions_of(close, first), close.tolist(), strict=True)]
    (folder / "indices.csv").write_text("\n".join(lines))
    return read_prices(folder / "indices.csv")


def sessions_of(close: np.ndarray, first: date) -> tuple[date, ...]:
    return calendar.sessions(first, len(close))


def invented_trial(folder: Path, size: int = 330, first: date = date(2018, 10, 1), seed: int = 4) -> Trial:
    """A record whose balances follow the returns of two sessions before."""
    history = following(size, seed)
    prices = written(folder, history.close, first)
    rows = tuple(
        Balance(day, int(a), int(b), unsettled_won=int(owed), forced_sale_won=int(sold), row=i)
        for i, (day, (a, b), owed, sold) in enumerate(
            zip(
                sessions_of(history.close, first),
                history.settled_won.tolist(),
                history.unsettled_won.tolist(),
                history.forced_won.tolist(),
                strict=True,
            )
        )
    )
    return Trial(load(), prices, BalanceHistory(rows, "invented"), MEMBERS, NAMES, 0, LocalWorkers(1), silent)


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> Iterator[Trial]:
    """The record, with the openings of KOSPI and the stocks of April 2023 beside the indices."""
    parts = [
        read_prices(shared_data / "kr_index_daily.csv"),
        read_prices({"KOSPI": shared_data / "kr_kospi_ohlcv_2020_2025.csv"}),
        read_prices(shared_data / "kr_cfd_crash_2023_04_ohlcv.csv"),
    ]
    prices = PriceHistory(tuple(one for part in parts for one in part.series), parts[0].capitalisations)
    balances = read_balances(shared_data / "kofia_margin_deposits_forced_sales_daily.csv")
    with LocalWorkers(2) as workers:
        yield Trial(load(), prices, balances, MEMBERS, NAMES, 0, workers, silent)


def value(told: dict, label: str) -> float:
    (found,) = (row["value"] for row in told["rows"] if row["label"] == label)
    return found


# Split over lags


def test_a_record_that_ends_in_january_2020_is_too_short_for_the_later_years(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="must have 30 sessions or more for 15 weights"):
        split(invented_trial(tmp_path, size=320))


def split(trial: Trial) -> list[dict]:
    return lags.lag_split(
        trial.book, trial.prices, trial.balances, trial.members, trial.names, trial.seed, trial.workers
    )


@pytest.fixture(scope="module")
def rows(recorded: Trial) -> list[dict]:
    return split(recorded)


def test_lags_0_and_1_are_near_zero_in_the_record_and_zero_in_the_model(rows: list[dict]) -> None:
    """Trades settle after two sessions, so a published balance cannot know a return sooner."""
    assert [(market, lag) for market in ("KOSPI", "KOSDAQ") for lag in range(LAGS)] == [
        (row["market"], row["lag"]) for row in rows
    ]
    for market in ("KOSPI", "KOSDAQ"):
        mine = [row for row in rows if row["market"] == market]
        for period in ("record", "later"):
            most = max(row[f"{period}_coefficient"] for row in mine)
            for row in mine[:2]:
                assert abs(row[f"{period}_coefficient"]) < lags.NEAR_ZERO * most
        assert [0.0, 0.0] == [row["model_coefficient"] for row in mine[:2]]
    assert "near zero" in lags.lag_words(rows)
    assert "not near zero" not in lags.lag_words(rows)


def test_shares_of_the_model_add_up_by_lag_and_by_flow(rows: list[dict]) -> None:
    for market in ("KOSPI", "KOSDAQ"):
        mine = [row for row in rows if row["market"] == market]
        assert sum(row["model_share_pct"] for row in mine) == pytest.approx(100.0, abs=1e-3)
        for row in mine:
            flows = sum(row[f"{flow}_share_pct"] for flow in lags.FLOWS)
            assert flows == pytest.approx(row["model_share_pct"], abs=1e-3)


def test_a_fall_is_sold_by_force_from_the_first_morning_on_and_never_in_its_own_session(recorded: Trial) -> None:
    """In its own session a sale that was due can at most bring less: what a rule dates comes two mornings later."""
    rows = split(replace(recorded, book=with_values(recorded.book, "nobody pays in", {"behaviour.top_up": 0})))
    for market in ("KOSPI", "KOSDAQ"):
        forced = [row["sold_by_force_share_pct"] for row in rows if row["market"] == market]
        assert abs(forced[2]) < 1.0
        assert forced[4] > abs(forced[2])
        assert forced[4] > 0.0


def test_the_calm_place_is_where_returns_before_it_were_smallest() -> None:
    close = drawn_close(260, 6)
    returns = np.diff(np.log(close), axis=0, prepend=np.zeros((1, 2)))
    returns[190:215] *= 0.01
    history = replace(following(260, 6), close=1000.0 * np.exp(np.cumsum(returns, axis=0)))
    assert 209 <= lags.calm_place(history) <= 214


# Price limit


def test_laws_compared_differ_in_the_limit_and_in_the_discount_that_was_the_limit() -> None:
    book, day = load(), date(2015, 6, 12)
    old, at_limit, new = (law for _, law in limits.laws_compared(book))
    assert [1500, 1500, 3000] == [law.value("market.price_limit", day) for law in (old, at_limit, new)]
    assert old.value("margin.discount", day) == new.value("margin.discount", day) == book.value("margin.discount", day)
    lower = at_limit.value("margin.discount", day)
    assert (1500, 1500, 1500) == tuple(lower["standard"])
    assert tuple(book.value("margin.discount", day)["banded"]) == tuple(lower["banded"])


def test_a_shock_locks_more_names_under_the_lower_limit(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    history = trial.history(trial.prices.dates[0], trial.prices.dates[-1])
    setting, place = trial.setting(history), len(history.days) - 1
    (members,) = trial.known(setting, [place], "test")
    shocks = [
        limits._shocked(trial, limits.under(setting, law, history.days[-1]), members, -30)
        for _, law in limits.laws_compared(trial.book)
    ]
    assert shocks[0].locked_pct > shocks[2].locked_pct
    assert min(shock.sold_won for shock in shocks) > 0
    assert members[0].at == WARM + place + 1, "members stand where they stood"


def test_the_price_limit_in_the_record(recorded: Trial) -> None:
    """Two years of sessions on both sides; the mean share sold is the published one."""
    told = limits.price_limit(recorded)
    rows = [row for row in recorded.balances if date(2013, 6, 17) <= row.date <= date(2015, 6, 14)]
    published = [row.forced_sale_pct for row in rows if row.forced_sale_pct is not None]
    assert value(told, "share sold, two years before") == pytest.approx(np.mean(published), abs=0.05)
    assert value(told, "share sold, two years before: standard error") > np.std(published) / np.sqrt(len(published))
    assert value(told, "model, -30 %, limit 15%: names locked") > value(told, "model, -30 %, limit 30%: names locked")
    assert value(told, "model, -30 %, limit 30%: sold") > value(told, "model, -20 %, limit 30%: sold")


# Waivers


def test_waivers_are_those_of_the_law(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    spans = [(one.first, one.last) for one in waivers.waivers_in(trial)]
    assert spans == [(date(2020, 3, 13), date(2020, 9, 12)), (date(2022, 7, 4), date(2022, 9, 30))]
    assert {0.5} == {one.most for one in waivers.waivers_in(trial)}
    without = replace(trial, book=with_values(trial.book, "none", {waivers.PATH: 0}))
    assert [] == waivers.waivers_in(without)
    assert "no waiver" in waivers.waivers(without)["words"]


def test_nobody_is_sold_by_force_while_every_firm_waives(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    waived = with_values(trial.book, "waived", {waivers.PATH: 5000})
    history = trial.history(trial.prices.dates[0], trial.prices.dates[-1])
    history = replace(history, close=history.close * np.linspace(1.0, 0.3, len(history.days))[:, None])
    setting = replace(trial, book=waived).setting(history)
    (members,) = trial.known(setting, [250], "test")
    sold = []
    for chosen in (setting, waivers.without_calls(setting)):
        run = members[0].copy()
        advance(chosen, run, chosen.sessions)
        sold.append(int(run.by_board()[WARM + 254 :, :, SOLD].sum()))
    assert sold[0] > 0
    assert 0 == sold[1]


def test_a_law_without_waivers_is_left_as_it_is(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    book = with_values(trial.book, "none", {waivers.PATH: 0})
    setting = replace(trial, book=book).setting(trial.history(trial.prices.dates[0], trial.prices.dates[-1]))
    for (_, before, _), (_, after, _) in zip(setting.laws, waivers.without_calls(setting).laws, strict=True):
        assert before.maintenance_bps.tolist() == after.maintenance_bps.tolist()


def test_lag_4_in_the_waivers(recorded: Trial) -> None:
    """Fewer calls mean a smaller answer of the model at the lag of rule-dated sales."""
    told = waivers.waivers(recorded)
    for one, count in (("2020-03-13 to 2020-09-12", 126), ("2022-07-04 to 2022-09-30", 62)):
        for market in ("KOSPI", "KOSDAQ"):
            label = f"{market}, waiver of {one}"
            assert count == value(told, f"{label}: sessions")
            assert value(told, f"{label}: model, no firm uses it") > value(
                told, f"{label}: model, 50 % of firms use it"
            )
    joint = value(told, "KOSPI, outside: explained by both indices")
    assert joint > value(told, "KOSPI, outside: explained by its own index")


# Mornings


def test_mornings_are_two_sessions_after_the_fall() -> None:
    close = np.full(FEWEST + 6, 100.0)
    close[FEWEST:] = [97.0, 97.0, 98.0, 98.0, 98.0, 98.0]
    days = calendar.sessions(date(2020, 1, 1), len(close))
    opens = {days[FEWEST + 2]: 99.0, days[FEWEST + 1]: 50.0}
    found = mornings.mornings_in(days, close, opens)
    assert [FEWEST] == found.places.tolist()
    assert [99.0 / 97.0 - 1.0] == pytest.approx(found.overnight.tolist())
    assert 0 == mornings.mornings_in(days, close, {}).places.size


def test_nothing_after_2023_is_a_morning() -> None:
    close = np.where(np.arange(200) % 2, 100.0, 95.0)
    days = calendar.sessions(date(2023, 8, 1), 200)
    found = mornings.mornings_in(days, close, dict.fromkeys(days, 100.0))
    assert found.places.size > 0
    assert max(days[place + mornings.WAIT] for place in found.places) <= date(2023, 12, 31)


def test_an_implied_gap_is_that_of_the_square_root_law() -> None:
    book, on = load(), date(2021, 6, 1)
    turnover = book.value("people.board_turnover", on, "KOSPI")
    share = book.value("impact.auction_share", on, "KOSPI") / 1e4
    lasting = book.value("impact.permanent_share", on) / 1e4
    pushed = book.value("impact.coefficient", on) * 0.01
    pushed *= lasting * np.sqrt(1 / 400) + (1 - lasting) * np.sqrt(1 / 400 / share)
    assert mornings.implied_gap(book, on, turnover // 400, 0.01) == pytest.approx(1 / (1 + pushed) - 1)
    assert 0.0 == mornings.implied_gap(book, on, 0, 0.01)


def test_without_openings_the_paragraph_says_so(tmp_path: Path) -> None:
    told = mornings.mornings(invented_trial(tmp_path))
    assert [] == told["rows"]
    assert "no openings" in told["words"]


def test_the_recorded_mornings(recorded: Trial) -> None:
    """Every fall of 3 % counts, in a row or not: 17 from 2020 to 2023, mean 0.05 % with a standard error of 0.58 %."""
    told = mornings.mornings(recorded)
    assert 17 == value(told, "mornings")
    assert value(told, "overnight return, mean") == pytest.approx(0.05, abs=0.005)
    assert value(told, "overnight return, standard error") == pytest.approx(0.58, abs=0.005)
    central = value(told, "central: forced sales of the morning, mean")
    assert 0 < central < value(told, "if nobody adds money or sells first: forced sales of the morning, mean")
    assert value(told, "central: implied gap, mean") < 0


# April 2023 and August 2021


def test_april_2023_in_the_record(recorded: Trial) -> None:
    told = april_2023(recorded)
    assert value(told, "record: margin loans") == pytest.approx(-10.0, abs=0.05)
    assert value(told, "record: index of KOSPI") == pytest.approx(-1.1, abs=0.05)
    low, high = (value(told, f"model, {end} end of the 90 % band") for end in ("low", "high"))
    assert low <= value(told, "model, central") <= high
    assert ("outside the band" in told["words"]) == (not low <= value(told, "record: margin loans") <= high)
    assert (5, 4) == single_stocks(recorded.prices, date(2023, 4, 21), date(2023, 4, 28))
    assert "4 of the 5 single stocks" in told["words"]


def test_august_2021_in_the_record(recorded: Trial) -> None:
    told = august_2021(recorded)
    assert 21 == value(told, "sessions")
    low, middle, high = (
        value(told, f"model, {part}")
        for part in ("low end of the 90 % band", "central: sold by force a day", "high end of the 90 % band")
    )
    assert 0 <= low <= middle <= high
    assert value(told, "model over record") == pytest.approx(middle / 8_480_000_000, abs=0.005)
    assert value(told, "model, if nobody adds money or sells first") > 0


# All of them


def test_years_that_the_record_does_not_hold_are_said_not_made(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    told = natural_experiments(
        trial.book, trial.prices, trial.balances, trial.members, trial.names, trial.seed, trial.workers
    )
    assert 5 == len({one["name"] for one in told})
    assert [[]] * 5 == [one["rows"] for one in told]
    assert all(one["words"].startswith("Not made: ") for one in told)


def test_a_start_needs_sessions_before_it(tmp_path: Path) -> None:
    trial = invented_trial(tmp_path)
    history = trial.history(trial.prices.dates[0], trial.prices.dates[-1])
    assert FEWEST == start_at(history, history.days[FEWEST])
    with pytest.raises(Refused, match=f"{FEWEST - 1} sessions before"):
        start_at(history, history.days[FEWEST - 1])


def test_the_same_experiment_twice_says_the_same(recorded: Trial) -> None:
    one_thread = replace(recorded, workers=LocalWorkers(1))
    assert april_2023(recorded) == april_2023(one_thread)
