"""Contracts for difference: tested within the day, ordered whole, and what is left of them when a part was sold.

A contract is a holding (Standing.CFD) and what is owed for it (LoanKind.CFD), in a pool of its own. Its column
``settled_won`` is the value at entry of what is still held.
"""

from gaemi.kernels.call import CallTally, count_call
from gaemi.kernels.pools import contract_maintenance_bps, pool_collateral_won, pool_debt_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import NEVER, Borrowing, LoanKind, Pool, Standing
from gaemi.rules.cfd import entry_left_won
from gaemi.rules.margin import is_under_maintenance


def call_contracts(
    group: Borrowing, quotes: Quotes, law: LawTable, day: int, tally: CallTally, start: int, stop: int
) -> None:
    """Test contracts for difference within session ``day``: those under maintenance are closed in the same session.

    What was called before and waits for a buyer keeps its clock. Adds new calls to ``tally``.
    """
    pool = Pool.CFD.value
    for j in range(start, stop):
        debt = pool_debt_won(group, j, pool)
        if debt == 0:
            continue
        value = pool_collateral_won(group, j, pool, quotes, law)
        if not is_under_maintenance(value, debt, contract_maintenance_bps(group, j, law)):
            continue
        if group.sale_day[pool, j] == NEVER:
            group.called_day[pool, j] = day
            count_call(group, j, pool, debt, quotes, tally)
        group.sale_day[pool, j] = day


def order_contracts(group: Borrowing, j: int, quotes: Quotes) -> None:
    """Orders for all shares behind the account's contracts for difference that can be sold."""
    for slot in range(group.instrument.shape[0]):
        instrument = group.instrument[slot, j]
        if group.standing[slot, j] == Standing.CFD and quotes.domestic[instrument] != 0:
            group.order[slot, j] = group.quantity[slot, j] if quotes.halted[instrument] == 0 else 0


def close_entry(group: Borrowing, j: int, instrument: int, quantity: int, held: int) -> None:
    """The value at entry of what is left of a contract when ``quantity`` of the ``held`` shares are sold."""
    for loan in range(group.loan_kind.shape[0]):
        if group.loan_kind[loan, j] == LoanKind.CFD and group.financed[loan, j] == instrument:
            entry = group.settled_won[loan, j]
            group.settled_won[loan, j] = entry_left_won(entry, held, held - quantity)
