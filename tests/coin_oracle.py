"""A slow, plain, exact day of coins, written from what a day is said to do and from nothing else.

Lists of small records and whole numbers; no rule or kernel of gaemi is called. Prices are floats, as in a path, and
become whole units of 2 ** -22 of a won for a lot by exact fractions. The day must agree with it to the won and the lot.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, sqrt

BPS = 10_000
UNITS_A_WON = 2**22
HALF = Fraction(1, 2)

EMPTIED, FORCE_SOLD, ZEROED, RESIDUAL = "emptied", "force sold", "zeroed", "residual debt"


@dataclass
class Spot:
    """An account without a loan: lots by coin, each holding by itself."""

    size: int
    age: int
    cash: int
    peak: int
    holdings: list[tuple[int, int]]
    emptied: bool = False


@dataclass
class LoanAccount:
    """An account of a lender of coins: it holds lots of one coin and won, and owes won, lots of one coin or both."""

    lender: int
    coin: int
    lots: int
    cash: int
    owed_won: int
    owed_coin: int | None
    owed_lots: int
    opened: int
    peak: int = 0
    residual: int = 0
    sold: int = 0
    closing: bool = False
    ever: set[str] = field(default_factory=set)


@dataclass
class Terms:
    """By lender: ratio of the closing, of the warning, fee a year; the exchange's fee of a trade. All in bps."""

    close: list[int]
    warn: list[int]
    fee: list[int]
    trade: int


@dataclass
class Impact:
    """The square-root law, and the flow so far in won of each coin: sales below 0."""

    coefficient: float
    lasting: float
    decay: float
    turnover: list[int]
    volatility: list[float]
    before: list[int]
    today: list[int]
    recent: list[float]

    def multiplier(self, coin: int, extra: int) -> float:
        today = self.today[coin] + extra
        cumulative = (self.before[coin] + today) / self.turnover[coin]
        recent = self.recent[coin] + today / self.turnover[coin]
        moved = self.lasting * root(cumulative) + (1.0 - self.lasting) * root(recent)
        moved = self.coefficient * self.volatility[coin] * moved
        return 1.0 / (1.0 - moved) if moved < 0.0 else 1.0 + moved

    def next_day(self) -> None:
        for coin, won in enumerate(self.today):
            self.recent[coin] = self.decay * (self.recent[coin] + won / self.turnover[coin])
            self.before[coin] += won
            self.today[coin] = 0


def root(flow: float) -> float:
    return sqrt(flow) if flow >= 0.0 else -sqrt(-flow)


@dataclass
class Till:
    """Won that closings moved, and what each kind of party has gained by them."""

    gross: int = 0
    spent: int = 0
    trade_fees: int = 0
    loan_fees: int = 0
    repaid: int = 0
    unpaid: int = 0
    closed: int = 0

    @property
    def market(self) -> int:
        return self.spent - self.gross

    @property
    def lenders(self) -> int:
        return self.trade_fees + self.loan_fees + self.repaid - self.unpaid


@dataclass
class Day:
    """What a day did: lots and won sold and bought back by coin, accounts closed by step, money, prices at its end."""

    sold: list[int]
    bought: list[int]
    sold_won: list[int]
    bought_won: list[int]
    closed: list[int]
    till: Till
    unit: list[int]
    held: dict[tuple[int, int, int], int]


@dataclass
class Exchange:
    """All accounts, prices and decimals of a lot of the coins, and the rules. ``weight`` accounts stand behind one."""

    spot: list[Spot]
    loans: list[LoanAccount]
    price: list[float]
    digits: list[int]
    terms: Terms
    impact: Impact
    weight: int = 1
    feedback: bool = True

    def unit(self, factor: list[float], extra: list[int]) -> list[int]:
        found = []
        for coin, price in enumerate(self.price):
            left = self.impact.multiplier(coin, extra[coin]) if self.feedback else 1.0
            won = Fraction(price * factor[coin] * left)
            found.append(floor(won * UNITS_A_WON / 10 ** self.digits[coin] + HALF))
        return found


def won_of(lots: int, unit: int) -> int:
    """Whole won, halves up."""
    return floor(Fraction(lots * unit, UNITS_A_WON) + HALF)


def debt_of(account: LoanAccount, unit: list[int]) -> int:
    in_coins = 0 if account.owed_coin is None else won_of(account.owed_lots, unit[account.owed_coin])
    return account.owed_won + in_coins


def worth_of(account: LoanAccount, unit: list[int]) -> int:
    return account.cash + won_of(account.lots, unit[account.coin])


def reaches(account: LoanAccount, unit: list[int], ratio_bps: int) -> bool:
    debt = debt_of(account, unit)
    return debt > 0 and debt >= Fraction(ratio_bps, BPS) * worth_of(account, unit)


def trades(account: LoanAccount, halted: list[bool]) -> bool:
    needed = [account.coin] if account.lots else []
    if account.owed_coin is not None and account.owed_lots:
        needed.append(account.owed_coin)
    return not any(halted[coin] for coin in needed)


def run_day(exchange: Exchange, factors: list[list[float]], halted: list[list[bool]], today: int) -> Day:
    """Run the steps of a day, mark everybody at its end and let the flow fade."""
    coins = len(exchange.price)
    nothing = [0] * coins
    day = Day([0] * coins, [0] * coins, [0] * coins, [0] * coins, [], Till(), [], {})
    for factor, stopped in zip(factors, halted, strict=True):
        before = day.till.closed
        while closing_round(exchange, factor, stopped, today, day):
            pass
        day.closed.append(day.till.closed - before)
    day.unit = exchange.unit(factors[-1], nothing)
    mark(exchange, day)
    exchange.impact.next_day()
    return day


def closing_round(exchange: Exchange, factor: list[float], halted: list[bool], today: int, day: Day) -> bool:
    """Close whoever is at the ratio at the prices that earlier rounds left; True where somebody was closed."""
    coins = len(exchange.price)
    unit = exchange.unit(factor, [0] * coins)
    chosen = []
    for account in exchange.loans:
        account.closing = account.closing or reaches(account, unit, exchange.terms.close[account.lender])
        if account.closing and trades(account, halted):
            chosen.append(account)
    if not chosen:
        return False
    sold, bought = [0] * coins, [0] * coins
    for account in chosen:
        sold[account.coin] += account.lots
        if account.owed_coin is not None:
            bought[account.owed_coin] += account.owed_lots
    unit = exchange.unit(factor, flow(exchange, sold, bought, unit))
    for account in chosen:
        close(exchange, account, unit, today, day.till)
    for coin, won in enumerate(flow(exchange, sold, bought, unit)):
        exchange.impact.today[coin] += won
        day.sold[coin] += sold[coin]
        day.bought[coin] += bought[coin]
        day.sold_won[coin] += sold[coin] * unit[coin] // UNITS_A_WON
        day.bought_won[coin] += bought[coin] * unit[coin] // UNITS_A_WON
    return True


def flow(exchange: Exchange, sold: list[int], bought: list[int], unit: list[int]) -> list[int]:
    """Won bought less won sold by coin, of the country: whole won, each side floored."""
    return [
        (bought[coin] * unit[coin] // UNITS_A_WON - sold[coin] * unit[coin] // UNITS_A_WON) * exchange.weight
        for coin in range(len(unit))
    ]


def close(exchange: Exchange, account: LoanAccount, unit: list[int], today: int, till: Till) -> None:
    """Sell all, buy back what is owed, pay the fees and the won; what is missing stays owed."""
    gross = won_of(account.lots, unit[account.coin])
    cost = 0 if account.owed_coin is None else won_of(account.owed_lots, unit[account.owed_coin])
    trade = floor(Fraction((gross + cost) * exchange.terms.trade, BPS))
    a_year = Fraction(exchange.terms.fee[account.lender], BPS)
    fee = floor((account.owed_won + cost) * a_year * (today - account.opened) / 365)
    left = account.cash + gross - cost - trade - fee - account.owed_won
    unpaid = max(0, -left)
    till.gross += gross
    till.spent += cost
    till.trade_fees += trade
    till.loan_fees += fee
    till.repaid += account.owed_won
    till.unpaid += unpaid
    till.closed += 1
    account.sold += gross + cost
    account.residual += unpaid
    account.cash = max(0, left)
    account.lots = account.owed_lots = account.owed_won = 0
    account.owed_coin = None
    account.closing = False
    account.ever |= {FORCE_SOLD, RESIDUAL} if unpaid else {FORCE_SOLD}


def mark(exchange: Exchange, day: Day) -> None:
    """Value everybody once: peaks, who is left with a tenth of the peak or less, won by size, age and coin."""
    for spot in exchange.spot:
        worth = spot.cash
        for coin, lots in spot.holdings:
            won = won_of(lots, day.unit[coin])
            worth += won
            place = spot.size, spot.age, coin
            day.held[place] = day.held.get(place, 0) + won
        spot.peak = max(spot.peak, worth)
        if spot.peak > 0 and 10 * worth <= spot.peak:
            spot.emptied = True
    for account in exchange.loans:
        debt, worth = debt_of(account, day.unit), worth_of(account, day.unit)
        net = worth - debt - account.residual
        account.peak = max(account.peak, net)
        if account.peak > 0 and 10 * net <= account.peak:
            account.ever.add(EMPTIED)
        if debt > worth:
            account.ever.add(ZEROED)


def worst(account: LoanAccount) -> str:
    """The one outcome, worst first."""
    for outcome in (RESIDUAL, ZEROED, EMPTIED, FORCE_SOLD):
        if outcome in account.ever:
            return outcome
    return "none"
