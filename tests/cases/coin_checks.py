"""What a known answer of coins and their loans is asked of: the rules themselves, row by row."""

from typing import Any

from gaemi.rules import coin_loan


def largest_coin_loans(loans: list[list[int]]) -> list[int]:
    return [coin_loan.largest_loan_won(*each) for each in loans]


def closed_coin_loans(debts: list[int], held_won: int, ratio_bps: int) -> list[bool]:
    return [coin_loan.is_closed(debt, held_won, ratio_bps) for debt in debts]


def coin_loan_levels(held_won: int, debt_won: int, ratio_bps: int) -> list[int]:
    fall = coin_loan.closing_fall_bps(held_won, 0, debt_won, ratio_bps)
    return [fall, coin_loan.closing_rise_bps(held_won, debt_won, ratio_bps)]


def coin_loan_fees(debt_won: int, rate_bps: int, days: list[int]) -> list[int]:
    return [coin_loan.fee_won(debt_won, rate_bps, each) for each in days]


def after_closing_coins(rows: list[list[int]]) -> list[list[int]]:
    return [list(coin_loan.after_closing(*row)) for row in rows]


COIN_CHECKS: dict[str, Any] = {
    "after_closing_coins": after_closing_coins,
    "closed_coin_loans": closed_coin_loans,
    "coin_loan_fees": coin_loan_fees,
    "coin_loan_levels": coin_loan_levels,
    "largest_coin_loans": largest_coin_loans,
}
