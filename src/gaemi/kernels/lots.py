"""Which of a borrower's holdings the loans are for."""

from typing import NamedTuple

MARGIN_ONLY, MARGIN_AND_PLEDGED = 1, 2  # kinds of borrowers as in kernels/build
BOTH_BOARDS = 1  # class of boards as in kernels/build


class LoanPlan(NamedTuple):
    """Odds that decide a borrower's loans before amounts are known."""

    two_loans_bps: int
    kospi_bps: int
    elasticity: float
    dispersion: float


def choose_slot(word: int, low: int, high: int, taken: int) -> int:
    """A slot of [low, high) other than ``taken``, or -1 where there is none."""
    count = high - low - (1 if low <= taken < high else 0)
    if count <= 0:
        return -1
    slot = low + (word * count >> 32)
    if low <= taken < high and slot >= taken:
        slot += 1
    return slot


def loan_slots(
    loans: LoanPlan, kind: int, kospi: int, names: int, boards: int, words: tuple[int, int, int, int]
) -> tuple[int, int]:
    """Slots that the borrower's two loan slots are for, -1 where there is no loan.

    Of the ``names`` slots of domestic names the first ``kospi`` are of KOSPI.
    """
    w0, w1, w2, _ = words
    on_kospi = ((w0 & 0xFFFF) * 10000 >> 16) < loans.kospi_bps
    low, high = 0, names
    if boards == BOTH_BOARDS:
        low, high = (0, kospi) if on_kospi else (kospi, names)
    first = choose_slot(w1, low, high, -1)
    second = -1
    if kind == MARGIN_ONLY and ((w0 >> 16) * 10000 >> 16) < loans.two_loans_bps:
        if boards == BOTH_BOARDS:
            low, high = (kospi, names) if on_kospi else (0, kospi)
        second = choose_slot(w2, low, high, first)
    if kind == MARGIN_AND_PLEDGED:
        second = choose_slot(w2, 0, names, first)
        if second < 0:
            second = first
    return first, second
