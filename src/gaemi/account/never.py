"""Never: what of an account never closes, as lots: coins, positions at venues, and coin loans."""

from collections.abc import Collection, Mapping
from datetime import date

from gaemi.account.coin_loans import CoinLoan, coin_loan_lots, coin_loans_of
from gaemi.account.coins import coin_lots, coin_volatility, with_volatility
from gaemi.account.contracts import contract_lots, positions_of
from gaemi.account.lots import Lot
from gaemi.errors import Fault, Refused
from gaemi.law.lawbook import LawBook
from gaemi.sources.accounts import AccountFile


def never_closing(
    file: AccountFile,
    marks: Mapping[str, float],
    recorded: Collection[str],
    book: LawBook,
    on: date,
    faults: list[Fault],
    notes: list[str],
) -> tuple[list[Lot], tuple[CoinLoan, ...]]:
    """The lots of what never closes, and the coin loans. Raises Refused with every fault.

    ``marks`` are prices by ticker where the account tells none; ``recorded`` the names whose history tells how they
    move.
    """
    positions = positions_of(file, book, on, faults)
    quoted = {each.name: each.line.price or marks.get(each.line.ticker) for each in positions}
    contracts = contract_lots(positions, file.wallet or 0.0, quoted, on, faults) if not faults else ()
    lots: list[Lot] = []
    for line in file.coins:
        spread = coin_volatility(line, book, on, recorded, notes)
        lots += coin_lots(line, line.price or marks.get(line.ticker), spread, on, faults)
    loans = coin_loans_of(file.coin_loans, marks, book, on, faults)
    if faults:
        raise Refused(faults)
    lots += coin_loan_lots(loans, book, on, recorded, notes)
    return [*lots, *(with_volatility(lot, book, on, recorded, notes) for lot in contracts)], loans
