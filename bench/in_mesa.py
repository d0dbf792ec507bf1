"""The same in Mesa: an agent an account, a step a day. It is given a part: it would not hold all accounts."""

import mesa

from bench.accounts import Answer, Country, groups, pooled_debt_won, rates_bps
from gaemi.records.columns import Borrowing
from gaemi.units import BPS

Holding = tuple[int, int, int]  # instrument, quantity, collateral rate in basis points


class Account(mesa.Agent):
    """What it holds, what it owes, and at which ratio it is called."""

    def __init__(self, model: "Market", holdings: list[Holding], cash_won: int, loan_won: int, needed_bps: int) -> None:
        super().__init__(model)
        self.holdings = holdings
        self.cash_won = cash_won
        self.loan_won = loan_won
        self.needed_bps = needed_bps
        self.worth_won = 0
        self.called = False

    def step(self) -> None:
        unit, worth, collateral = self.model.unit, 0, 0
        for instrument, quantity, rate in self.holdings:
            won = (quantity * unit[instrument] + 512) >> 10
            worth += won
            if rate:
                collateral += won * rate // BPS
        self.worth_won = worth
        self.called = BPS * (collateral + self.cash_won) < self.needed_bps * self.loan_won


class Market(mesa.Model):
    """The accounts, and the prices they see."""

    def __init__(self, these: Country) -> None:
        super().__init__(seed=0)
        self.unit = these.after.unit.tolist()
        rate = rates_bps(these.after, these.law)
        for group in groups(these.population):
            lent = isinstance(group, Borrowing)
            debt = pooled_debt_won(group).tolist() if lent else []
            for j in range(group.investor.size):
                names, lots = group.instrument[:, j].tolist(), group.quantity[:, j].tolist()
                rates = rate[group.standing[:, j], group.instrument[:, j]].tolist() if lent else [0] * len(names)
                cash = int(group.cash_won[j]) * these.law.cash_rate_bps // BPS
                held = [row for row in zip(names, lots, rates, strict=True) if row[1]]
                needed = int(these.law.maintenance_bps[group.firm[j]]) if lent else 0
                Account(self, held, cash, debt[j] if lent else 0, needed)

    def step(self) -> None:
        self.agents.do("step")


class MesaAgents:
    """All accounts of ``these`` as agents."""

    def __init__(self, these: Country) -> None:
        self.market = Market(these)

    def __call__(self) -> None:
        self.market.step()

    def answer(self) -> Answer:
        agents = self.market.agents
        return Answer(sum(a.worth_won for a in agents), sum(a.called for a in agents))
