"""What known answers ask of the rules of contracts for difference."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from gaemi.rules import cfd


def contract_falls(entry_won: int, initial_bps: list[int], share_bps: int) -> list[list[Fraction]]:
    """Returns at which a contract at the least margin is closed, and has lost its equity."""
    answers = []
    for initial in initial_bps:
        owed = entry_won - cfd.initial_margin_won(entry_won, initial)
        needed = cfd.maintenance_margin_won(entry_won, owed, initial, share_bps)
        answers.append([Fraction(owed + needed, entry_won) - 1, Fraction(owed, entry_won) - 1])
    return answers


def maintenance_margins(entry_won: int, owed_won: list[int], initial_bps: int, share_bps: int) -> list[int]:
    return [cfd.maintenance_margin_won(entry_won, owed, initial_bps, share_bps) for owed in owed_won]


CFD_CHECKS: dict[str, Callable[..., Any]] = {
    "contract_falls": contract_falls,
    "maintenance_margins": maintenance_margins,
}
