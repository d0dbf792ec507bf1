"""Replay: the account through recorded days is the oracle's account through the same days, to the won and the share."""

from datetime import date, timedelta
from pathlib import Path

import oracle_records as plain_records
from account.conftest import document, law, standing, who
from oracle import call, collateral_of, mark, run_day

from gaemi.account.replay import _moved
from gaemi.account.standing import Standing, standing_of
from gaemi.days import sessions_between
from gaemi.market.episodes import episode, episode_prices
from gaemi.rules.market import lower_limit, nearest_tick, traded_price, upper_limit
from gaemi.world import DayLaw, day_law

START, END = date(2020, 1, 31), date(2020, 4, 29)


def covid(**options: object) -> dict:
    return document("borrowed", replay="covid-2020", **options)


def oracle_law(told: DayLaw) -> plain_records.Law:
    """The law of a date as the oracle reads it."""
    table = told.table
    clocks = [
        [(under, wait) for under, wait in zip(unders, waits, strict=True) if under]
        for unders, waits in zip(table.clock_under_bps.tolist(), table.clock_sessions.tolist(), strict=True)
    ]
    return plain_records.Law(
        maintenance=table.maintenance_bps.tolist(),
        clock=clocks,
        discount=table.discount_bps.tolist(),
        cost=table.cost_bps.tolist(),
        convention=["ABCD"[place] for place in table.convention.tolist()],
        second_stage=[bool(flag) for flag in table.second_stage.tolist()],
        second_discount=table.second_discount_bps,
        cash_rate=table.cash_rate_bps,
        financed_rate=table.financed_rate_bps,
        substitute_rate=table.substitute_rate_bps,
        overseas_rate=table.overseas_rate_bps,
        halted_rate=table.halted_rate_bps,
        cleared_on_recovery=bool(table.cleared_on_recovery),
        waiver_share=table.waiver_share_bps,
        interest=list(zip(table.interest_days.tolist(), table.interest_bps.tolist(), strict=True)),
        retroactive=bool(table.interest_retroactive),
        pledged_rate=int(table.pledged_bps[0]),
        stock_loan_rate=int(table.stock_loan_bps[0]),
        overdue_rate=int(table.overdue_bps[0]),
        stock_loan_maintenance=table.stock_loan_maintenance_bps,
        stock_loan_lag=table.stock_loan_sessions,
        stock_loan_discount=table.stock_loan_discount_bps,
        unsettled_discount=table.unsettled_discount_bps,
        unsettled_fee=table.unsettled_fee_bps,
        unpaid_share=table.unpaid_share_bps,
        fee=table.fee_bps,
    )


def oracle_account(at: Standing) -> plain_records.Account:
    rows = at.rows
    holding = plain_records.Holding(0, int(rows.quantity[0, 0]), int(rows.standing[0, 0]))
    won, opened = int(rows.principal_won[0, 0]), int(rows.opened[0, 0])
    loan = plain_records.Loan(int(rows.loan_kind[0, 0]), won, opened, opened, int(rows.due[0, 0]), 0, won)
    return plain_records.Account(1, at.portfolio.firm_row, int(rows.cash_won[0]), [holding], [loan])


def oracle_days(at: Standing, closes: dict[date, float]) -> list[dict]:
    """The account through the closes: prices to the tick and within the limits, then the oracle's day."""
    account, start = oracle_account(at), at.portfolio.on
    price, first = int(at.price[0]), int(at.price[0])
    told = []
    days = sorted(closes)
    plain_first = plain_records.Names([True], [False], [0], [0])
    rule = oracle_law(day_law(law(), start, at.instruments))
    market = plain_records.Market(plain_first, [price << 10], [price << 10], [price << 10], [10_000], [10_000])
    mark(account, rule, plain_first, [price << 10], start.toordinal())
    call(account, rule, market, 0, [], 0, plain_records.Flows())
    for session, day in enumerate(days[1:], start=1):
        dated = day_law(law(), day, at.instruments)
        below, size = tuple(dated.tick_below[0].tolist()), tuple(dated.tick_size[0].tolist())
        limit = int(dated.limit_bps[0])
        lower, upper = lower_limit(price, limit, below, size), upper_limit(price, limit, below, size)
        before, price = price, traded_price(first * closes[day] / closes[start], lower, upper, below, size)
        names = plain_records.Names([True], [False], [0], [int(dated.tax_bps[0])])
        units = [[before << 10], [price << 10], [price << 10]]
        market = plain_records.Market(names, *units, [10_000], [10_000])
        held, called = account.holdings[0].quantity, account.called_day[0]
        rule = oracle_law(dated)
        run_day(account, rule, market, session, day.toordinal(), 0)
        told.append(
            {
                "date": str(day),
                "price": float(price),
                "sold": held - account.holdings[0].quantity,
                "called": account.called_day[0] == session and called != session,
                "owed": account.loans[0].principal,
                "held": collateral_of(account, 0, rule, names, [price << 10]),
            }
        )
    return told


def test_the_days_of_an_episode_are_the_oracle_s_days() -> None:
    history = episode_prices("covid-2020")
    sessions = history.sessions(START, END)
    view = history.view(["KOSPI"], START, END, sessions)
    closes = dict(zip(sessions, view.close[:, 0].tolist(), strict=True))
    expected = oracle_days(standing_of(_moved(who("borrowed"), START)), closes)
    days = covid()["replay"]["days"][1:]
    assert expected == [
        {
            "date": row["date"],
            "price": row["prices"]["005930"],
            "sold": sum(each["quantity"] for each in row["sold"]),
            "called": row["called"],
            "owed": row["loans_won"],
            "held": round(row["prices"]["005930"]) * (930 - sold_until(days, row["date"])) + cash_of(row),
        }
        for row in days
    ]
    assert any(row["sold"] for row in expected) and any(row["called"] for row in expected)


def sold_until(days: list[dict], day: str) -> int:
    return sum(each["quantity"] for row in days if row["date"] <= day for each in row["sold"])


def cash_of(row: dict) -> int:
    """Cash of a day: all is cash where nothing is owed and no share is left."""
    return int(row["net_worth_won"]) if not row["loans_won"] else 0


def test_an_episode_runs_from_its_first_to_its_last_session() -> None:
    told = covid()
    days = [row["date"] for row in told["replay"]["days"]]
    assert [str(day) for day in (START, *sessions_between(START + timedelta(days=1), END))] == days
    assert ("replay", "covid-2020", str(START), str(END)) == (
        told["kind"], told["replay"]["name"], told["horizon"]["from"], told["horizon"]["to"],
    )  # fmt: skip
    assert len(days) - 1 == told["horizon"]["sessions"]


def test_the_start_and_the_end_are_those_of_the_days() -> None:
    told = covid()["replay"]
    assert [told["days"][place]["net_worth_won"] for place in (0, -1)] == [told["start_won"], told["end_won"]]
    assert 0 == told["days"][0]["residual_won"] and [] == told["days"][0]["sold"]


def test_loans_are_as_old_on_the_first_day_as_they_are_today() -> None:
    portfolio = who("borrowed")
    moved = _moved(portfolio, START)
    assert [(portfolio.on - debt.opened).days for debt in portfolio.debts] == [
        (moved.on - debt.opened).days for debt in moved.debts
    ]
    assert (
        [18] == [loan["days"] for loan in covid()["loans"]] == [loan["days"] for loan in document("borrowed")["loans"]]
    )


def test_each_sale_follows_a_call_and_its_won_is_its_price_times_its_shares() -> None:
    days = covid()["replay"]["days"]
    sold = [row for row in days if row["sold"]]
    called = [row["date"] for row in days if row["called"]]
    assert called and sold
    for row in sold:
        assert any(day < row["date"] for day in called)
        for each in row["sold"]:
            assert each["quantity"] * each["price"] == each["won"]
            assert row["prices"][each["ticker"]] == each["price"]


def test_worth_is_what_is_held_less_what_is_owed_every_day() -> None:
    for row in covid()["replay"]["days"]:
        assert row["assets_won"] - row["loans_won"] - row["residual_won"] == row["net_worth_won"]
        assert row["loans_won"] + row["residual_won"] == row["owed_won"]


def test_a_name_without_a_record_moves_with_its_board_and_says_so() -> None:
    assert any("005930 moves with KOSPI" in note for note in covid()["notes"])


def test_a_replay_has_no_odds() -> None:
    told = covid()
    assert [[], None, [], [], []] == [told[part] for part in ("odds", "thousand", "leverage", "instead", "what_if")]


def test_no_call_where_nothing_is_borrowed() -> None:
    told = document("own_money", replay="covid-2020")
    assert not any(row["called"] or row["sold"] for row in told["replay"]["days"])
    assert "Nothing is borrowed, so no call comes." in told["sentences"]
    assert "none" == told["replay"]["outcome"]


def test_with_its_own_record_a_share_moves_as_it_did(shared_data: Path) -> None:
    told = covid(prices=str(shared_data / "kr_stocks_ohlcv_2020_2025.csv"))
    lines = (shared_data / "kr_stocks_ohlcv_2020_2025.csv").read_text(encoding="utf-8").splitlines()
    closes = {cells[0]: int(cells[5]) for line in lines if (cells := line.split(","))[1] == "005930"}
    at = standing("borrowed")
    for row in told["replay"]["days"][1:]:
        dated = day_law(law(), date.fromisoformat(row["date"]), at.instruments)
        latent = 107_500 * (closes[row["date"]] / closes[str(START)])
        assert nearest_tick(latent, dated.tick_below[0], dated.tick_size[0]) == row["prices"]["005930"]
    assert not any("moves with KOSPI" in note for note in told["notes"])


def test_a_stretch_of_one_s_own_history(shared_data: Path) -> None:
    """The last sessions of a file after a day that the investor names, at the prices of that day."""
    source = str(shared_data / "kr_stocks_ohlcv_2020_2025.csv")
    asked = {"holding": ("005930 100",), "loan": ("3m",), "replay": source, "on": date(2024, 7, 31), "days": 5}
    told = document(**asked)
    days = told["replay"]["days"]
    assert [str(day) for day in sessions_between(date(2024, 7, 31), date(2024, 8, 7))] == [row["date"] for row in days]
    assert 83_900.0 == days[0]["prices"]["005930"]
    assert 71_400.0 == next(row for row in days if row["date"] == "2024-08-05")["prices"]["005930"]


def test_a_replay_asks_no_luck() -> None:
    one, two = (document("borrowed", replay="june-2022", seed=seed) for seed in (0, 1))
    assert one["replay"] == two["replay"]
    assert episode("june-2022").note in one["notes"]
