"""Standing: where the account stands today: ratios, distances to a call, a sale and zero, costs and drag."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from gaemi.account.lots import Debt, Lot
from gaemi.account.portfolio import Portfolio
from gaemi.account.rows import Columns, columns_of, instruments_of, law_on, quotes_at, selling_fees
from gaemi.kernels.mark import worth_won
from gaemi.kernels.pools import collateral_rate_bps, maintenance_of, pool_collateral_won, pool_debt_won, pool_of_holding
from gaemi.kernels.sell import order_pool
from gaemi.kernels.tables import LawTable
from gaemi.law.firms import STRICTEST
from gaemi.market.funds import terms
from gaemi.records.columns import Borrowing, Instruments, LoanKind, Pool
from gaemi.records.shards import copy_of
from gaemi.rules.cfd import financing_won
from gaemi.rules.interest import DAYS_A_YEAR, interest_won
from gaemi.rules.margin import call_price, collateral_ratio_bps, collateral_won, shortfall_won, zero_price
from gaemi.rules.market import fee_won, floor_to_tick, transaction_tax_won
from gaemi.units import BPS, won_value
from gaemi.world import DayLaw

POOLS = {Pool.BROKER: "broker", Pool.STOCK_LOAN: "stock loan", Pool.CFD: "CFD"}
MONTH_DAYS = 30
HALVINGS = 40
NEXT_TO_NOTHING = 1e-6


@dataclass(slots=True)
class Standing:
    """An account as columns with its law and quotes of the date: what every figure of the page is worked out from."""

    portfolio: Portfolio
    instruments: Instruments
    columns: Columns
    law: DayLaw
    price: np.ndarray

    @property
    def table(self) -> LawTable:
        return self.law.table

    @property
    def rows(self) -> Borrowing:
        return self.columns.rows

    def quotes(self, price: np.ndarray | None = None):  # type: ignore[no-untyped-def]
        return quotes_at(self.portfolio, self.instruments, self.price if price is None else price, self.law)

    @property
    def today(self) -> int:
        return self.portfolio.on.toordinal()


def standing_of(portfolio: Portfolio) -> Standing:
    """The account laid out for its date."""
    instruments = instruments_of(portfolio)
    columns = columns_of([portfolio], instruments)
    return Standing(portfolio, instruments, columns, law_on(portfolio, instruments), instruments.price)


def firm_entry(at: Standing) -> dict[str, Any]:
    """The firm whose rules apply, with its maintenance ratio."""
    who = at.portfolio
    words = (
        "firm not named: the strictest rule of all firm classes"
        if who.firm == STRICTEST
        else (who.book.meaning("firm_class", who.firm) or who.firm)
    )
    maintenance = int(at.table.maintenance_bps[who.firm_row]) / 100
    return {"class": who.firm, "words": words, "maintenance_pct": maintenance}


def pool_rows(at: Standing) -> list[dict[str, Any]]:
    """Each pool that owes: ratio, won to the call, and the common fall to a call, a sooner sale, all sold, and zero."""
    found = []
    for pool, name in POOLS.items():
        owed = pool_debt_won(at.rows, 0, pool)
        if owed == 0:
            continue
        held = pool_collateral_won(at.rows, 0, pool, at.quotes(), at.table)
        maintenance = maintenance_of(at.rows, 0, pool, at.table)
        missing = shortfall_won(held, owed, maintenance)
        found.append(
            {
                "pool": name,
                "loans_won": int(owed),
                "collateral_won": int(held),
                "ratio_pct": collateral_ratio_bps(held, owed) / 100,
                "maintenance_pct": maintenance / 100,
                "above_call_won": int(max(0, -(-(BPS * held - maintenance * owed) // BPS))) if missing == 0 else 0,
                "shortfall_won": int(missing),
                "fall_to_call_pct": _fall_pct(at, pool, maintenance),
                "fall_to_next_morning_pct": _sooner_pct(at, pool),
                "fall_to_all_sold_pct": _all_sold_pct(at, pool),
                "fall_to_zero_pct": _fall_pct(at, pool, BPS),
            }
        )
    return found


def exposed_won(at: Standing, pool: int) -> tuple[float, float]:
    """Collateral value of the pool's holdings times their daily leverage, and what of the pool does not move."""
    moving, fixed = 0.0, 0.0
    quotes, lots = at.quotes(), {lot.ticker: lot for lot in at.portfolio.lots}
    for slot, (ticker, standing) in enumerate(at.columns.slots):
        if pool_of_holding(standing) != pool:
            continue
        instrument = at.instruments.row(ticker)
        value = won_value(int(at.rows.quantity[slot, 0]), int(quotes.unit[instrument]))
        worth = collateral_won(value, collateral_rate_bps(standing, instrument, quotes, at.table))
        lot = lots[ticker]
        leverage = lot.times
        moving += leverage * worth
        fixed += (1.0 - leverage) * worth
    if pool == Pool.BROKER:
        fixed += collateral_won(int(at.rows.cash_won[0]), int(at.table.cash_rate_bps))
    return moving, fixed


def _fall_pct(at: Standing, pool: int, maintenance: int) -> float | None:
    """The fall of all names together at which the pool stands at a ratio; None where no fall brings it there."""
    moving, fixed = exposed_won(at, pool)
    owed = pool_debt_won(at.rows, 0, pool)
    if moving <= 0:
        return None
    fall = 100.0 * (moving + fixed - maintenance * owed / BPS) / moving
    return max(0.0, fall) if fall < 100.0 else None


def _sooner_pct(at: Standing, pool: int) -> float | None:
    """The fall at which the firm sells on the next morning; null where it waits as long at every ratio."""
    if pool == Pool.STOCK_LOAN:
        return _fall_pct(at, pool, int(at.table.stock_loan_maintenance_bps))
    if pool == Pool.CFD:
        return _fall_pct(at, pool, maintenance_of(at.rows, 0, pool, at.table))
    firm = at.portfolio.firm_row
    bands = list(zip(at.table.clock_under_bps[firm].tolist(), at.table.clock_sessions[firm].tolist(), strict=True))
    level = next((under for under, sessions in bands if under > 0 and sessions <= 1), None)
    return None if level is None else _fall_pct(at, pool, level)


def _all_sold_pct(at: Standing, pool: int) -> float | None:
    """The smallest fall at whose close the firm orders the sale of everything it can sell of the pool."""
    start = _fall_pct(at, pool, maintenance_of(at.rows, 0, pool, at.table))
    if start is None or not _sells_all(at, pool, 99.0):
        return None
    low, high = start, 99.0
    if _sells_all(at, pool, start + 1e-6):
        return start
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _sells_all(at, pool, middle) else (middle, high)
    return high


def _sells_all(at: Standing, pool: int, fall_pct: float) -> bool:
    held, ordered = orders_after(at, pool, fall_pct)
    return held.sum() > 0 and bool((held == ordered).all())


def orders_after(at: Standing, pool: int, fall_pct: float) -> tuple[np.ndarray, np.ndarray]:
    """Units held of the pool that a firm can sell, and units it would order after a common fall; int64 [slot] each."""
    quotes = at.quotes(fallen(at, fall_pct))
    rows = copy_of(at.rows)
    order_pool(rows, 0, pool, quotes, at.table, 0)
    inside = np.array([pool_of_holding(standing) == pool for _, standing in at.columns.slots])
    home = np.array([quotes.domestic[at.instruments.row(ticker)] != 0 for ticker, _ in at.columns.slots])
    return np.where(inside & home, rows.quantity[:, 0], 0), np.where(inside & home, rows.order[:, 0], 0)


def fallen(at: Standing, fall_pct: float) -> np.ndarray:
    """Scaled prices after a common fall, down to the tick: funds move by their leverage, money not at all."""
    lots = {lot.ticker: lot for lot in at.portfolio.lots}
    moved: list[int] = []
    for ticker, price in zip(at.instruments.ticker, at.price.tolist(), strict=True):
        lot = lots[ticker]
        leverage = lot.times
        down = price * max(0.0, 1.0 - leverage * fall_pct / 100)
        row = len(moved)
        below, size = at.law.tick_below[row], at.law.tick_size[row]
        # A fall that ends on a tick must not lose it to the last bit of a product.
        still = leverage == 0.0 or lot.contract is not None
        moved.append(price if still else max(1, floor_to_tick(down + NEXT_TO_NOTHING, below, size)))
    return np.array(moved, np.int64)


def alone_rows(at: Standing) -> list[dict[str, Any]]:
    """Each holding of a pool that owes, if it alone falls: the lowest price without a call, and the one at zero."""
    found = []
    quotes = at.quotes()
    for slot, (ticker, standing) in enumerate(at.columns.slots):
        pool, quantity = pool_of_holding(standing), int(at.rows.quantity[slot, 0])
        instrument = at.instruments.row(ticker)
        lot = next(lot for lot in at.portfolio.lots if lot.ticker == ticker)
        if pool < 0 or quantity == 0 or lot.foreign or pool_debt_won(at.rows, 0, pool) == 0:
            continue
        rate = collateral_rate_bps(standing, instrument, quotes, at.table)
        own = collateral_won(won_value(quantity, int(quotes.unit[instrument])), rate)
        other = pool_collateral_won(at.rows, 0, pool, quotes, at.table) - own
        owed = int(pool_debt_won(at.rows, 0, pool))
        call = call_price(owed, quantity, int(other), maintenance_of(at.rows, 0, pool, at.table), rate)
        zero = zero_price(owed, quantity, int(other), rate)
        found.append(
            {
                "ticker": ticker,
                "name": lot.name,
                "pool": POOLS[Pool(pool)],
                "price": lot.shown_price,
                "currency": "won",
                "call_price": float(call) if call else None,
                "call_fall_pct": _price_fall(lot, call),
                "zero_price": float(zero) if zero else None,
                "zero_fall_pct": _price_fall(lot, zero),
            }
        )
    return found


def _price_fall(lot: Lot, price: int) -> float | None:
    return max(0.0, 100.0 * (1.0 - price / lot.price)) if price else None


def holding_rows(at: Standing, deviation: dict[str, float], sessions_a_year: float) -> list[dict[str, Any]]:
    """Each holding with what it counts for; funds with fee, financing and the yearly drag at today's volatility.

    ``deviation`` is a session's deviation of each driver. The drag of a fund with leverage L on an index of yearly
    variance v is (L² - L) / 2 · v, to which fee and financing are added.

    Source: Avellaneda and Zhang, SIAM J. Financial Math. 1 (2010) 586-603.
    """
    found = []
    quotes = at.quotes()
    for lot in at.portfolio.lots:
        if lot.quantity == 0 or (lot.coin is not None and lot.is_money):
            continue
        instrument = at.instruments.row(lot.ticker)
        value = won_value(lot.quantity, int(quotes.unit[instrument]))
        pool = pool_of_holding(lot.standing)
        rate = collateral_rate_bps(lot.standing, instrument, quotes, at.table) if pool >= 0 else 0
        leverage = lot.times
        driver = lot.underlying if lot.underlying in deviation else lot.ticker
        variance = deviation.get(driver, 0.0) ** 2 * sessions_a_year
        fund = terms(at.portfolio.book, lot.ticker, lot.foreign, at.portfolio.on) if lot.leverage is not None else None
        times = abs(leverage) if driver != lot.ticker else 1.0
        if lot.coin is not None:
            value += sum(won_value(1, int(quotes.unit[r])) for r in _rest(at, lot))
        found.append(
            {
                "ticker": lot.ticker,
                "name": lot.name,
                "quantity": lot.quantity if lot.coin is None else shown_quantity(lot.coin.quantity),
                "price": lot.shown_price if lot.coin is None else lot.coin.price,
                "currency": "dollar" if lot.foreign else "won",
                "value_won": value,
                "cost": lot.cost if lot.coin is None else lot.coin.cost,
                "standing": lot.standing.name.lower(),
                "pool": POOLS[Pool(pool)] if pool >= 0 else None,
                "collateral_rate_pct": rate / 100,
                "collateral_won": collateral_won(value, rate),
                "leverage": leverage,
                "underlying": lot.underlying or None,
                "exposure_won": round(leverage * value),
                "volatility_pct": None if lot.is_money else 100.0 * times * variance**0.5,
                "drag_pct": None if fund is None or leverage == 1.0 else 50.0 * (leverage**2 - leverage) * variance,
                "fee_pct": None if fund is None else fund.fee_bps / 100,
                "financing_pct": None if fund is None else (leverage - 1.0) * fund.financing_bps / 100,
            }
        )
    return found


def loan_rows(at: Standing) -> list[dict[str, Any]]:
    """Each loan with its rate today, the interest so far, and what the next month costs."""
    return [_loan_row(at, debt) for debt in at.portfolio.debts]


def _rest(at: Standing, lot: Lot) -> list[int]:
    """The row of the part of a coin holding that stands still, if there is one."""
    return [row for row, ticker in enumerate(at.instruments.ticker) if ticker == f"{lot.ticker} rest"]


def shown_quantity(quantity: Decimal) -> int | float:
    """A quantity of coins as a number of the document: whole where it is whole."""
    return int(quantity) if quantity == int(quantity) else float(quantity)


def _loan_row(at: Standing, debt: Debt) -> dict[str, Any]:
    table, days = at.table, (at.portfolio.on - debt.opened).days
    if debt.kind == LoanKind.CFD:
        return _contract_row(at, debt, days)
    brackets = {
        LoanKind.MARGIN: (table.interest_days, table.interest_bps, table.interest_retroactive),
        LoanKind.PLEDGED: (table.pledged_days, table.pledged_bps, 1),
        LoanKind.STOCK_LOAN: (table.stock_loan_days, table.stock_loan_bps, 1),
    }[debt.kind]
    accrued = int(interest_won(debt.won, days, days, *brackets)) if days > 0 else 0
    later = days + MONTH_DAYS
    rate = next(bps for end, bps in zip(*(each.tolist() for each in brackets[:2]), strict=True) if later <= end)
    return {
        "kind": debt.kind.name.lower().replace("_", " "),
        "pool": "stock loan" if debt.kind == LoanKind.STOCK_LOAN else "broker",
        "ticker": debt.ticker,
        "principal_won": debt.won,
        "opened": str(debt.opened),
        "due": str(debt.due),
        "rolls": debt.rolls,
        "days": days,
        "rate_pct": rate / 100,
        "accrued_won": accrued,
        "interest_month_won": debt.won * rate * MONTH_DAYS // (BPS * DAYS_A_YEAR),
    }


def _contract_row(at: Standing, debt: Debt, days: int) -> dict[str, Any]:
    """What a contract for difference owes: it has no term."""
    rate = int(at.table.cfd_rate_bps)
    return {
        "kind": "contract for difference",
        "pool": POOLS[Pool.CFD],
        "ticker": debt.ticker,
        "principal_won": debt.won,
        "opened": str(debt.opened),
        "due": None,
        "rolls": True,
        "days": days,
        "rate_pct": rate / 100,
        "accrued_won": financing_won(debt.won, days, rate),
        "interest_month_won": financing_won(debt.won, MONTH_DAYS, rate),
    }


def totals(at: Standing) -> dict[str, Any]:
    """Sums over the account, and its effective leverage: exposure through funds and loans over net worth."""
    quotes = at.quotes()
    worth = int(worth_won(at.rows, 0, quotes, at.table, at.today)[1])
    loans = loan_rows(at)
    owed, accrued = sum(row["principal_won"] for row in loans), sum(row["accrued_won"] for row in loans)
    exposure, dollars, costs = 0.0, 0, 0
    fees = selling_fees(at.portfolio.book, at.portfolio.on, at.portfolio, at.instruments)
    for lot in at.portfolio.lots:
        instrument = at.instruments.row(lot.ticker)
        value = won_value(lot.quantity, int(quotes.unit[instrument]))
        leverage = lot.times
        exposure += abs(leverage) * value
        dollars += value if lot.foreign else 0
        if lot.coin is not None:
            costs += fee_won(value, int(fees[instrument]))
        elif not lot.is_money:
            costs += fee_won(value, int(fees[instrument])) + transaction_tax_won(value, int(at.law.tax_bps[instrument]))
    month = sum(row["interest_month_won"] for row in loans)
    return {
        "assets_won": worth + owed + accrued,
        "cash_won": int(at.rows.cash_won[0]),
        "loans_won": owed,
        "accrued_won": accrued,
        "residual_won": 0,
        "net_worth_won": worth,
        "after_costs_won": worth - costs,
        "exposure_won": round(exposure),
        "dollar_exposure_won": int(dollars),
        "effective_leverage": exposure / worth if worth > 0 else None,
        "interest_month_won": month,
        "interest_year_won": month * DAYS_A_YEAR // MONTH_DAYS,
    }
