"""The oracle's records laid out as the columns and tables that kernels take, and read back."""

import numpy as np
from oracle_records import Account, Holding, Law, Loan, Market

from gaemi.kernels.tables import CONVENTIONS, LawTable, Quotes
from gaemi.records.columns import Borrowing, borrowing_group

LOAN_FIELDS = {
    "loan_kind": "kind", "principal_won": "principal", "settled_won": "settled", "repaid_today_won": "repaid_today",
    "repaid_yesterday_won": "repaid_yesterday", "repaid_before_won": "repaid_before", "opened": "opened",
    "interest_from": "interest_from", "due": "due", "financed": "financed",
}  # fmt: skip
ACCOUNT_FIELDS = {
    "investor": "investor", "firm": "firm", "cash_won": "cash", "residual_won": "residual",
    "peak_account_won": "peak_account", "peak_investor_won": "peak_investor", "ever": "ever",
}  # fmt: skip
HOLDING_FIELDS = ("instrument", "quantity", "standing", "order")


def columns_of(accounts: list[Account]) -> Borrowing:
    """A group that holds ``accounts`` in their order."""
    slots = max(1, *(len(account.holdings) for account in accounts)) if accounts else 1
    loans = max(1, *(len(account.loans) for account in accounts)) if accounts else 1
    group = borrowing_group(len(accounts), slots, loans)
    for j, account in enumerate(accounts):
        for column, name in ACCOUNT_FIELDS.items():
            getattr(group, column)[j] = getattr(account, name)
        group.called_day[:, j], group.sale_day[:, j] = account.called_day, account.sale_day
        for slot, holding in enumerate(account.holdings):
            for column in HOLDING_FIELDS:
                getattr(group, column)[slot, j] = getattr(holding, column)
        for row, loan in enumerate(account.loans):
            for column, name in LOAN_FIELDS.items():
                getattr(group, column)[row, j] = getattr(loan, name)
    return group


def account_of(group: Borrowing, j: int, like: Account) -> Account:
    """Account ``j`` of the group, with as many holdings and loans as ``like`` has."""
    values = {name: int(getattr(group, column)[j]) for column, name in ACCOUNT_FIELDS.items()}
    holdings = [
        Holding(**{column: int(getattr(group, column)[slot, j]) for column in HOLDING_FIELDS})
        for slot in range(len(like.holdings))
    ]
    loans = [
        Loan(**{name: int(getattr(group, column)[row, j]) for column, name in LOAN_FIELDS.items()})
        for row in range(len(like.loans))
    ]
    clocks = {name: getattr(group, name)[:, j].tolist() for name in ("called_day", "sale_day")}
    return Account(**values, holdings=holdings, loans=loans, **clocks)  # type: ignore[arg-type]


def _int64(values: object) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def law_table_of(law: Law) -> LawTable:
    bands = max(len(clock) for clock in law.clock)
    clocks = _int64([[*clock, *[(0, 0)] * (bands - len(clock))] for clock in law.clock])
    forever = _int64([1_000_000])
    return LawTable(
        maintenance_bps=_int64(law.maintenance),
        clock_under_bps=clocks[:, :, 0].copy(),
        clock_sessions=clocks[:, :, 1].copy(),
        discount_bps=_int64(law.discount),
        cost_bps=_int64(law.cost),
        convention=_int64([CONVENTIONS.index(name) for name in law.convention]),
        second_stage=_int64(law.second_stage),
        second_discount_bps=law.second_discount,
        cash_rate_bps=law.cash_rate,
        financed_rate_bps=law.financed_rate,
        substitute_rate_bps=law.substitute_rate,
        overseas_rate_bps=law.overseas_rate,
        halted_rate_bps=law.halted_rate,
        cleared_on_recovery=int(law.cleared_on_recovery),
        waiver_share_bps=law.waiver_share,
        interest_days=_int64([days for days, _ in law.interest]),
        interest_bps=_int64([bps for _, bps in law.interest]),
        interest_retroactive=int(law.retroactive),
        pledged_days=forever,
        pledged_bps=_int64([law.pledged_rate]),
        stock_loan_days=forever,
        stock_loan_bps=_int64([law.stock_loan_rate]),
        overdue_days=forever,
        overdue_bps=_int64([law.overdue_rate]),
        stock_loan_maintenance_bps=law.stock_loan_maintenance,
        stock_loan_sessions=law.stock_loan_lag,
        stock_loan_discount_bps=law.stock_loan_discount,
        unsettled_discount_bps=law.unsettled_discount,
        unsettled_fee_bps=law.unsettled_fee,
        unpaid_share_bps=law.unpaid_share,
        fee_bps=law.fee,
    )


def quotes_of(market: Market, unit: list[int], fill: list[int], law: LawTable) -> Quotes:
    names = market.names
    home = np.array(names.domestic)
    return Quotes(
        unit=_int64(unit),
        price=np.where(home, _int64(unit) >> 10, 0),
        domestic=home.astype(np.uint8),
        halted=np.array(names.halted, dtype=np.uint8),
        group=np.array(names.group, dtype=np.uint8),
        board=np.where(home, 0, 2).astype(np.uint8),
        tax_bps=_int64(names.tax),
        fill_bps=_int64(fill),
        substitute_bps=_int64([law.substitute_rate_bps] * len(unit)),
    )
