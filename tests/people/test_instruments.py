from datetime import date

import numpy as np

from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import instrument_rows, instruments
from gaemi.records.columns import Board, Kind

ON = date(2025, 10, 31)


class TwoPrices:
    """A history with two names."""

    tickers = ("005930", "TSLA")

    def close_on(self, ticker: str, day: date) -> float | None:
        return {"005930": 60_000.0, "TSLA": 250.5 if day.weekday() < 4 else None}[ticker]

    def capitalisation(self, market: str, day: date) -> int | None:
        return {"KOSPI": 1_500 * 10**12, "KOSDAQ": 240 * 10**12}[market]


def test_rows_stand_in_order_of_ticker(book: LawBook) -> None:
    table = instruments(book, ON)
    assert sorted(table.ticker) == list(table.ticker)
    assert len(set(table.ticker)) == len(table.ticker)


def test_at_least_24_named_instruments_and_200_anonymous(book: LawBook) -> None:
    rows = instrument_rows(book, ON)
    assert 200 == sum("-D" in row.ticker for row in rows)
    assert 24 <= sum("-D" not in row.ticker for row in rows)


def test_boards_are_worth_what_the_exchange_published_to_a_share_a_name(book: LawBook) -> None:
    table = instruments(book, ON)
    for board, published in ((Board.KOSPI, 3_383_447_874_399_935), (Board.KOSDAQ, 474_718_249_634_299)):
        of_board = (table.board == board) & (table.indexed == 1)
        short = published - int((table.price * table.issued)[of_board].sum())
        assert 0 <= short < int(table.price[of_board].sum())


def test_turnover_of_a_board_is_the_published_mean(book: LawBook) -> None:
    table = instruments(book, ON)
    of_board = (table.board == Board.KOSPI) & (table.indexed == 1)
    assert 18_100 * 10**9 == int(table.turnover_won[of_board].sum())


def test_funds_follow_a_row_or_a_board_and_cannot_be_margined(book: LawBook) -> None:
    table = instruments(book, ON)
    leveraged = table.row("TQQQ")
    assert table.row("QQQ") == table.underlying_row[leveraged]
    assert Board.KOSPI == table.underlying_board[table.row("122630")]
    assert (table.group[table.kind == Kind.FUND] == 255).all()
    assert not table.indexed[table.kind == Kind.FUND].any()


def test_deciles_fall_in_size(book: LawBook) -> None:
    table = instruments(book, ON)
    value = table.price * table.issued
    means = [np.mean([value[table.row(f"KOSDAQ-D{d:02d}-{n:02d}")] for n in range(1, 11)]) for d in range(1, 11)]
    assert means == sorted(means, reverse=True)


def test_a_history_gives_prices_and_drops_what_it_does_not_price(book: LawBook) -> None:
    on = date(2020, 2, 14)
    table = instruments(book, on, TwoPrices())
    assert 60_000 == table.price[table.row("005930")]
    assert 25_050 == table.price[table.row("TSLA")]
    assert "000660" not in table.ticker
    of_board = (table.board == Board.KOSPI) & (table.indexed == 1)
    short = 1_500 * 10**12 - int((table.price * table.issued)[of_board].sum())
    assert 0 <= short < int(table.price[of_board].sum())
