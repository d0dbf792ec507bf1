"""Replays of coins: the path, both endings, what venues closed, and what is refused."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from account.conftest import document, law, request

from gaemi.account.coin_endings import sale_second
from gaemi.account.coin_tape import end_of, tape_of, won_of
from gaemi.account.coin_walk import mark_prices
from gaemi.account.view import account
from gaemi.errors import Refused
from gaemi.market.coin_episodes import coin_episode
from gaemi.sources.intraday import read_bars

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LUNA = str(EXAMPLES / "luna.yaml")
TERRA = coin_episode("terra-2022")


def luna(**options: Any) -> dict[str, Any]:
    return document(file=LUNA, replay="terra-2022", **options)


def refusal(**options: Any) -> str:
    with pytest.raises(Refused) as refused:
        account(request(**options), book=law())
    return str(refused.value)


def test_the_top_is_660_million_won_and_both_endings_are_told() -> None:
    ends = luna()["replay"]["coins"]["endings"]
    assert ("2022-04-05", 660_000_000) == (ends["top"]["date"], round(ends["top"]["won"], -5))
    assert 0 < ends["sold"]["won"] < 6_000_000
    assert ("2022-05-13", 631) == (ends["lowest"]["date"], ends["lowest"]["won"])
    assert ("2022-05-13", 631) == (ends["held"]["date"], ends["held"]["won"])


def test_a_day_is_dollars_times_rate_times_premium() -> None:
    day = next(row for row in luna()["replay"]["days"] if row["date"] == "2022-05-11")
    assert 1.07497707 * 1273.56 * 1.0909 == pytest.approx(day["prices"]["KRW-LUNA"], rel=1e-9)
    assert round(4605.8 * day["prices"]["KRW-LUNA"]) == pytest.approx(day["net_worth_won"], abs=2)


def test_between_two_closes_the_price_is_on_the_line_of_its_logarithm_and_it_says_so() -> None:
    told = luna()
    sold = told["replay"]["coins"]["endings"]["sold"]
    price = 1.07497707 * (0.00417250143 / 1.07497707) ** (3 / 24) * 1273.56 * 1.0909
    assert price == pytest.approx(sold["prices"]["KRW-LUNA"], rel=1e-9)
    assert not sold["exact"] and sold["between_won"][0] > sold["gross_won"] > sold["between_won"][1]
    assert any("straight line of its logarithm" in said for said in told["sentences"])


def test_at_a_close_the_sale_is_at_that_close_less_the_fee() -> None:
    sold = luna(sell_at="2022-05-12 09:00")["replay"]["coins"]["endings"]["sold"]
    assert sold["exact"] and sold["gross_won"] == pytest.approx(4605.8 * 1.07497707 * 1273.56 * 1.0909, abs=2)
    assert sold["gross_won"] * 17 // 10_000 == sold["gross_won"] - sold["won"]


def test_utc_and_korean_time_are_nine_hours_apart() -> None:
    expected = int(datetime(2022, 5, 12, 0, 0, tzinfo=UTC).timestamp())
    for text in ("2022-05-12 09:00", "2022-05-12 09:00 KST", "2022-05-12T00:00Z", "2022-05-12 00:00 UTC"):
        assert expected == sale_second(text, TERRA, "--sell-at")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2022-05-12", "a time of sale must have a day and a time of day"),
        ("2022-05-32 09:00", "must be a time that exists"),
        ("2022-06-12 09:00", "must lie within the episode, 2022-05-07 09:00 to 2022-05-14 09:00 in Korean time"),
        ("2022-05-07 08:59", "must lie within the episode"),
    ],
)
def test_a_time_of_sale_that_is_none_or_off_the_episode_is_refused(text: str, told: str) -> None:
    assert told in refusal(file=LUNA, replay="terra-2022", sell_at=text)


def test_halted_deposits_stand_beside_the_days() -> None:
    told = luna()
    assert any("deposits" in event["what"] for event in told["replay"]["coins"]["events"])
    assert any(said.startswith("On the way:") and "halted" in said for said in told["sentences"])


def test_by_the_minute_the_path_is_the_file_s(shared_data: Path) -> None:
    told = luna(prices=str(shared_data / "luna_usdt_binance_1m_2022_05.csv"))["replay"]
    sold = told["coins"]["endings"]["sold"]
    assert 1 == told["coins"]["step_minutes"] and sold["exact"]
    # The bar from 02:59 to 03:00 UTC is noon in Korea.
    bars = read_bars(shared_data / "luna_usdt_binance_1m_2022_05.csv").of("LUNAUSDT")
    close = float(bars.close[np.flatnonzero(bars.start == np.datetime64("2022-05-12T02:59"))[0]])
    start = 77.4648074 * 1271.43 * 1.027
    assert close * 1273.56 * 1.0909 / start == pytest.approx(sold["prices"]["KRW-LUNA"] / start, rel=2e-3)
    assert 3_000_000 < sold["won"] < 6_000_000
    halt = next(e for e in told["coins"]["events"] if e["what"] == "trading halted" and e["venue"] == "Binance")
    assert ("2022-05-13 09:40", 313) == (halt["time"], halt["net_worth_won"])


def test_a_missing_minute_is_a_named_fault(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "luna_usdt_binance_1m_2022_05.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("16521") or int(line.split(",")[0]) % 3_600_000]
    (tmp_path / "LUNAUSDT-1m.csv").write_text("\n".join(kept), encoding="utf-8")
    assert "minute missing" in refusal(file=LUNA, replay="terra-2022", prices=str(tmp_path))


def test_bars_of_another_day_and_of_another_coin_are_refused(tmp_path: Path) -> None:
    rows = ["timestamp,symbol,open,high,low,close,volume"]
    rows += [f"2021-01-01 00:{minute:02d}:00,LUNAUSDT,1,1,1,1,1" for minute in range(10)]
    (tmp_path / "bars.csv").write_text("\n".join(rows), encoding="utf-8")
    told = refusal(file=LUNA, replay="terra-2022", prices=str(tmp_path / "bars.csv"))
    assert "bars of LUNAUSDT must lie within 2022-05-07 00:00 UTC" in told
    (tmp_path / "bars.csv").write_text("\n".join(rows).replace("LUNA", "SUI"), encoding="utf-8")
    assert "must hold bars of KRW-LUNA" in refusal(file=LUNA, replay="terra-2022", prices=str(tmp_path / "bars.csv"))


def test_shares_stand_still_and_loans_on_them_are_refused() -> None:
    file = {"on": "2022-05-06", "holdings": ["KRW-LUNA 10", {"ticker": "005930", "quantity": 10, "price": 66_500}]}
    told = document(file=file, replay="terra-2022")
    days = told["replay"]["days"]
    assert 665_000 == days[-1]["net_worth_won"] - round(10 * days[-1]["prices"]["KRW-LUNA"])
    assert any("shares and funds stand still" in note for note in told["notes"])
    loan = {"kind": "margin", "amount": "300k", "on": "005930"}
    assert "an episode of coins must not meet loans on shares" in refusal(
        file=file | {"loans": [loan]}, replay="terra-2022"
    )
    assert "must find some" in refusal(file={"cash": "1m"}, replay="terra-2022")


def test_moves_are_laid_on_an_account_of_another_year() -> None:
    told = document(file={"on": "2025-10-31", "holdings": ["KRW-BTC 0.5 @ 160m"]}, replay="terra-2022")
    days = told["replay"]["days"]
    won = won_of(TERRA)
    tape = tape_of(TERRA, "KRW-BTC", None, [])
    first, last = (
        won.price(tape, float(tape.close[tape.place(at)]), at) for at in (end_of(TERRA.start), end_of(TERRA.end))
    )
    assert 80_000_000 == days[0]["net_worth_won"]
    assert round(80_000_000 * last / first) == days[-1]["net_worth_won"]


def test_october_2025_closes_a_position_on_the_mark_and_tells_the_worst_beside() -> None:
    told = document(
        file={
            "on": "2025-10-07",
            "wallet": 20_000,
            "positions": [
                {"ticker": "SOLUSDT", "side": "long", "quantity": 50, "entry": 221, "leverage": 10},
                {"ticker": "BTCUSDT", "side": "long", "quantity": 1, "entry": 121_000, "mode": "cross"},
            ],
        },
        replay="oct-2025",
    )
    events = [(event["ticker"], event["what"][:5]) for event in told["replay"]["coins"]["events"]]
    assert ("SOLUSDT long", "close") in events and ("BTCUSDT long", "close") not in events
    assert "force-sold" == told["replay"]["outcome"]
    assert "SOLUSDT long" == told["replay"]["days"][3]["closed"]


def test_a_coin_loan_is_closed_at_the_first_step_under_its_ratio() -> None:
    loan = {"held": "KRW-LUNA", "held_quantity": 100, "amount": "7m", "lender": "eighty_ltv"}
    told = document(file={"on": "2022-05-06", "coin_loans": [loan], "cash": "1m"}, replay="terra-2022")["replay"]
    closed = next(event for event in told["coins"]["events"] if event["ticker"] == "coin loan, KRW-LUNA")
    day = next(row for row in told["days"] if row["closed"])
    assert "2022-05-09" == day["date"] and closed["time"] == "2022-05-10 09:00"
    held = 100 * 32.0020261 * 1274.25 * 1.0697
    assert day["residual_won"] == pytest.approx(7_000_000 - held + held * 0.0017, abs=200)
    assert "residual debt" == told["outcome"]
    assert told["days"][-1]["net_worth_won"] == 1_000_000 - day["residual_won"]


def test_a_mark_is_the_median_of_the_last_minutes() -> None:
    tape = tape_of(TERRA, "LUNAUSDT", None, [])
    assert np.array_equal(tape.close, mark_prices(tape, 5))


def test_a_sale_belongs_to_a_replay_of_coins() -> None:
    assert "belongs to a replay of coins" in refusal(file=LUNA, sell_at="2022-05-12 09:00")


def test_a_day_of_won_exchanges_is_a_day_of_utc() -> None:
    assert int(datetime(2022, 5, 12, tzinfo=UTC).timestamp()) == end_of(date(2022, 5, 11))
