"""An auditor of its own: plain Python sums over the columns of a world, with none of the engine's kernels or ledger.

It knows three things of a closed town: money only changes hands, every lot belongs to somebody, and a loan's settled
balance is what is owed plus what trades of the last two sessions repay.
"""

from dataclasses import dataclass

from gaemi.kernels.sell import TILL_GOVERNMENT, TILL_LENDERS, TILL_OUTSIDE
from gaemi.records.ledger import Item, Sector
from gaemi.world import World


@dataclass(frozen=True)
class Books:
    """Totals of a moment, in whole won and lots."""

    cash: dict[Sector, int]
    principal: int
    residual: int
    settled: int
    settling: int
    lots: list[int]


def books(world: World) -> Books:
    """Read everything from the columns, one number at a time."""
    cash = {
        Sector.INVESTORS: sum(_sum(group.cash_won) for group in (*world.population.plain, *world.population.borrowing)),
        Sector.LENDERS: int(world.tills[TILL_LENDERS]),
        Sector.GOVERNMENT: int(world.tills[TILL_GOVERNMENT]),
        Sector.OUTSIDE: int(world.tills[TILL_OUTSIDE]),
        Sector.MARKET: int(world.market_cash_won),
    }
    lots = [int(rest) for rest in world.rest]
    for group in (*world.population.plain, *world.population.borrowing):
        for row, quantity in zip(group.instrument.ravel().tolist(), group.quantity.ravel().tolist(), strict=True):
            lots[row] += quantity
    borrowing = world.population.borrowing
    return Books(
        cash=cash,
        principal=sum(_sum(group.principal_won) for group in borrowing),
        residual=sum(_sum(group.residual_won) for group in borrowing),
        settled=sum(_sum(group.settled_won) for group in borrowing),
        settling=sum(
            _sum(column)
            for group in borrowing
            for column in (group.repaid_today_won, group.repaid_yesterday_won, group.repaid_before_won)
        ),
        lots=lots,
    )


def faults(world: World, opening: Books) -> list[str]:
    """What does not add up in ``world`` since ``opening``, the books of its first close; empty when all does."""
    now = books(world)
    carried = {sector: world.ledger.balance(sector, Item.CASH) for sector in Sector}
    expected = {
        "money of all": (sum(opening.cash.values()), sum(now.cash.values())),
        "money by sector": (carried, now.cash),
        "loans": (world.ledger.balance(Sector.LENDERS, Item.LOANS), now.principal),
        "residual debt": (world.ledger.balance(Sector.LENDERS, Item.RESIDUAL), now.residual),
        "settled loans": (now.principal + now.settling, now.settled),
        "lots": (world.instruments.issued.tolist(), now.lots),
    }
    wrong = [f"{place}: {should}, was {found}" for place, (should, found) in expected.items() if should != found]
    for group in world.population.borrowing:
        for name in ("quantity", "order", "principal_won", "residual_won", "cash_won"):
            if min(getattr(group, name).ravel().tolist(), default=0) < 0:
                wrong.append(f"{name} below 0")
    return wrong


def _sum(column: object) -> int:
    return sum(column.ravel().tolist())  # type: ignore[attr-defined]
