"""What secures what: the pool of a loan or a holding, its debt and its collateral value."""

from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, LoanKind, Pool, Standing
from gaemi.rules.cfd import maintenance_bps
from gaemi.rules.margin import collateral_won
from gaemi.units import BPS, won_value

NO_POOL = -1


def pool_of_loan(kind: int) -> int:
    """The pool in which a kind of loan is tested; unsettled purchases are in none."""
    if kind == LoanKind.MARGIN or kind == LoanKind.PLEDGED:
        return Pool.BROKER.value
    if kind == LoanKind.STOCK_LOAN:
        return Pool.STOCK_LOAN.value
    if kind == LoanKind.CFD:
        return Pool.CFD.value
    return NO_POOL


def pool_of_holding(standing: int) -> int:
    """The pool that a holding secures."""
    if standing == Standing.FINANCED or standing == Standing.PLEDGED or standing == Standing.OTHER:
        return Pool.BROKER.value
    if standing == Standing.STOCK_LOAN:
        return Pool.STOCK_LOAN.value
    if standing == Standing.CFD:
        return Pool.CFD.value
    return NO_POOL


def collateral_rate_bps(standing: int, instrument: int, quotes: Quotes, law: LawTable) -> int:
    """Share of a holding's value that counts as collateral, in basis points.

    A contract for difference is worth what its shares are worth, halted ones at their last price.
    """
    if standing == Standing.CFD:
        return BPS
    if quotes.domestic[instrument] == 0:
        return int(law.overseas_rate_bps)
    if quotes.halted[instrument] != 0:
        return int(law.halted_rate_bps)
    if standing == Standing.OTHER:
        return int(quotes.substitute_bps[instrument])
    return int(law.financed_rate_bps)


def pool_debt_won(group: Borrowing, j: int, pool: int) -> int:
    """Principal of the loans of one pool of account ``j``, trade-dated."""
    debt = 0
    for loan in range(group.loan_kind.shape[0]):
        if pool_of_loan(group.loan_kind[loan, j]) == pool:
            debt += group.principal_won[loan, j]
    return debt


def pool_collateral_won(group: Borrowing, j: int, pool: int, quotes: Quotes, law: LawTable) -> int:
    """Collateral value of one pool of account ``j``: each holding floored to the won, and cash in the broker's pool."""
    value = 0
    for slot in range(group.instrument.shape[0]):
        quantity = group.quantity[slot, j]
        if quantity == 0 or pool_of_holding(group.standing[slot, j]) != pool:
            continue
        instrument = group.instrument[slot, j]
        rate = collateral_rate_bps(group.standing[slot, j], instrument, quotes, law)
        value += collateral_won(won_value(quantity, quotes.unit[instrument]), rate)
    if pool == Pool.BROKER:
        value += collateral_won(group.cash_won[j], law.cash_rate_bps)
    return value


def maintenance_of(group: Borrowing, j: int, pool: int, law: LawTable) -> int:
    """Maintenance ratio of a pool of account ``j``, in basis points."""
    if pool == Pool.BROKER:
        return int(law.maintenance_bps[group.firm[j]])
    if pool == Pool.CFD:
        return contract_maintenance_bps(group, j, law)
    return int(law.stock_loan_maintenance_bps)


def contract_maintenance_bps(group: Borrowing, j: int, law: LawTable) -> int:
    """Maintenance ratio of the contracts for difference of account ``j``: all of them are tested together."""
    entry = 0
    owed = 0
    for loan in range(group.loan_kind.shape[0]):
        if group.loan_kind[loan, j] == LoanKind.CFD:
            entry += group.settled_won[loan, j]
            owed += group.principal_won[loan, j]
    if owed <= 0:
        return BPS
    return int(maintenance_bps(entry, owed, law.cfd_initial_bps, law.cfd_share_bps))
