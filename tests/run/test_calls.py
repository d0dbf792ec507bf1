"""Calls, clocks, sales and settlement of one account, day by day and by hand, under Toytown's first law.

The law: maintenance 150 %; discount 20 % (30 % at the lower limit and in the second stage), convention C; a call at
close t is sold at the open of t + 1, by banded firms at t + 2 or, under 110 %, at t + 1; tax 1 %, fee 0.1 %; interest
of 365 bp a year, which is a ten-thousandth a day, and twice that from the eleventh day on.
"""

import numpy as np
import pytest
from toytown import ALPHA, BETA, FIRST_LAW, QUIET, SECOND_LAW, law_with, live, path_of, reformed_law
from toytown.people import BANDED, LOWER_LIMIT, TWO_STAGE, Borrower, Debt, Lot, alone, borrowers

from gaemi.chance import UNPAID, WAIVER, uniform, word
from gaemi.kernels import sell
from gaemi.outcomes import Ever
from gaemi.records.columns import NEVER, Borrowing, LoanKind, Pool, Population, Standing
from gaemi.world import World

LOAN = 6_000_000


def person(shares: int = 1_000, loan: int = LOAN, **other: object) -> Borrower:
    """1,000 Alpha at 10,000 won on a loan of 6 m: 166 % at the start."""
    return Borrower([Lot(ALPHA, shares)], [Debt(loan)], **other)  # type: ignore[arg-type]


def after(days: int, alpha: list[int], who: Borrower | None = None, **how: object) -> World:
    return live(alone(FIRST_LAW, who or person()), path_of(FIRST_LAW, days, ALPHA=alpha), **how)  # type: ignore[arg-type]


def account(world: World) -> Borrowing:
    return world.population.borrowing[0]


def clock(world: World, pool: Pool = Pool.BROKER) -> tuple[int, int]:
    group = account(world)
    return int(group.called_day[pool, 0]), int(group.sale_day[pool, 0])


def flows(world: World, flow: int) -> list[int]:
    return [int(record.flows[flow]) for record in world.records[1:]]


def test_exactly_at_maintenance_is_not_called() -> None:
    assert (NEVER, NEVER) == clock(after(1, [9_000]))


def test_a_won_under_maintenance_is_called() -> None:
    assert (1, 2) == clock(after(1, [9_000], person(loan=LOAN + 1)))


def test_a_call_at_the_close_is_sold_at_the_next_open() -> None:
    """8,500 x 1,000 on 6 m: short of 500,000; a share brings 0.2 x 8,500 = 1,700; 295 shares."""
    world = after(2, [8_500])
    group = account(world)
    assert [0, 295 * 8_500] == flows(world, sell.GROSS_WON)
    assert 705 == group.quantity[0, 0]
    tax, fee = 295 * 8_500 // 100, 295 * 8_500 // 1_000
    interest = 2 * LOAN // 10_000
    assert [[0, tax], [0, fee], [0, interest]] == [
        flows(world, flow) for flow in (sell.TAX_WON, sell.FEE_WON, sell.INTEREST_WON)
    ]
    repaid = 295 * 8_500 - tax - fee - interest
    assert LOAN - repaid == group.principal_won[0, 0]
    assert Ever.CALLED | Ever.FORCE_SOLD == group.ever[0]
    assert (NEVER, NEVER) == clock(world), "705 x 8,500 on 3,521,282 is 170 %"


def test_quantity_is_fixed_at_the_close_and_the_price_is_that_of_the_auction() -> None:
    world = after(2, [8_500, 7_000])
    assert 295 * 7_000 == flows(world, sell.GROSS_WON)[1]


def test_what_is_still_under_after_the_sale_is_a_new_call() -> None:
    """705 x 7,000 on some 4 m is 125 %."""
    world = after(2, [8_500, 7_000])
    assert (2, 3) == clock(world)


def test_a_banded_firm_waits_two_sessions() -> None:
    assert (1, 3) == clock(after(1, [8_500], person(firm=BANDED)))
    assert (1, 3) == clock(after(2, [8_500], person(firm=BANDED)))
    world = after(3, [8_500], person(firm=BANDED))
    assert [0, 0, 295 * 8_500] == flows(world, sell.GROSS_WON)


def test_a_banded_firm_comes_sooner_under_110_percent() -> None:
    """6,500 x 1,000 is 108 % of 6 m; a fall of 35 % passes a limit of 30 % in two sessions."""
    assert (1, 2) == clock(after(1, [7_000], person(loan=6_500_000, firm=BANDED)))
    assert (1, 3) == clock(after(1, [7_200], person(loan=6_500_000, firm=BANDED)))


def test_a_deeper_fall_shortens_a_running_clock_and_a_lesser_one_does_not_lengthen_it() -> None:
    who = person(loan=6_500_000, firm=BANDED)
    assert (1, 3) == clock(after(2, [8_500, 7_000], who))  # day 1 + 2 and day 2 + 1 are the same morning
    slow = law_with(margin__clock={"banded": ((15_000, 3), (11_000, 1))})
    assert (1, 4) == clock(after(1, [8_500], who, book=slow))
    assert (1, 3) == clock(after(2, [8_500, 7_000], who, book=slow))


def test_recovery_clears_the_call() -> None:
    world = after(3, [8_500, 9_000], person(firm=BANDED))
    assert (NEVER, NEVER) == clock(world)
    assert [0, 0, 0] == flows(world, sell.GROSS_WON)
    assert Ever.CALLED == account(world).ever[0]


def test_where_recovery_does_not_clear_the_clock_a_later_fall_is_sold_on_the_first_date() -> None:
    book = law_with(margin__cleared_on_recovery=False)
    world = after(3, [8_500, 9_000, 9_000], person(firm=BANDED), book=book)
    assert 0 == sum(flows(world, sell.GROSS_WON)), "at the close before the sale nothing was missing"


def test_the_firm_of_the_lower_limit_reckons_with_the_limit_and_sells_almost_all() -> None:
    """1.5 x 0.7 x 0.99 - 1 = 0.0395: 500,000 / (0.0395 x 8,500) is more than 1,000 shares."""
    world = after(2, [8_500], person(firm=LOWER_LIMIT))
    assert [0, 1_000 * 8_500] == flows(world, sell.GROSS_WON)


def test_under_the_second_law_the_lower_limit_never_suffices_and_all_is_sold() -> None:
    """1.3 x 0.7 x 0.99 < 1: no sale can restore the ratio."""
    who = Borrower([Lot(ALPHA, 1_000)], [Debt(7_000_000)], firm=LOWER_LIMIT)
    world = live(alone(SECOND_LAW, who), path_of(SECOND_LAW, 2, ALPHA=[9_095]))
    assert [0, 1_000 * 9_095] == flows(world, sell.GROSS_WON)


def test_a_second_stage_sells_again_at_the_close_what_the_auction_left_short() -> None:
    """Discount 10 %, so 0.35 x 8,500: 169 shares at 7,500; then, at 7,500 and 30 %, the rest of what is missing."""
    world = after(2, [8_500, 7_500], person(firm=TWO_STAGE))
    gross = 169 * 7_500
    owed = LOAN - (gross - gross // 100 - gross // 1_000 - 2 * LOAN // 10_000)
    missing = 15_000 * owed - 10_000 * 831 * 7_500
    assert -(-missing // (500 * 7_500)) > 831
    assert [0, gross + 831 * 7_500] == flows(world, sell.GROSS_WON)


def test_a_second_stage_with_a_small_rest_sells_a_part() -> None:
    """At 8,300 the auction leaves little short, and the second order is for less than all: 0.05 x 8,300 a share."""
    world = after(2, [8_500, 8_300], person(firm=TWO_STAGE))
    gross = 169 * 8_300
    owed = LOAN - (gross - gross // 100 - gross // 1_000 - 2 * LOAN // 10_000)
    missing = 15_000 * owed - 10_000 * 831 * 8_300
    second = -(-missing // (500 * 8_300))
    assert 0 < second < 100
    assert [0, gross + second * 8_300] == flows(world, sell.GROSS_WON)


def test_financed_shares_go_first_then_the_largest() -> None:
    """3 m + (1.8 m + 2 m) x 50 % on 3.8 m: short of 800,000. 300 financed shares take 600,000 off it.

    A financed share brings (1.2 - 1) x 10,000, another of the same name (1.2 - 0.5) x 10,000.
    """
    lots = [Lot(BETA, 900, Standing.OTHER), Lot(ALPHA, 200, Standing.OTHER), Lot(ALPHA, 300)]
    world = after(1, [10_000], Borrower(lots, [Debt(3_800_000)]))
    assert [900, 200 - 29, 0] == account(world).quantity[:3, 0].tolist()


def test_cash_in_the_account_is_collateral() -> None:
    assert (1, 2) == clock(after(1, [8_500], person(cash_won=499_999)))
    assert (NEVER, NEVER) == clock(after(1, [8_500], person(cash_won=500_000)))


def test_cash_pays_before_anything_becomes_residual_debt() -> None:
    """The whole lot is sold at 5,000 after two days at the limit; cash of 300,000 is used up first."""
    world = after(3, [7_000, 5_000], person(shares=1_000, loan=9_000_000, cash_won=300_000))
    group = account(world)
    assert 0 == group.quantity.sum() == group.cash_won[0] == group.principal_won.sum()
    sold = sum(flows(world, sell.GROSS_WON))
    paid = sum(sum(flows(world, flow)) for flow in (sell.TAX_WON, sell.FEE_WON, sell.INTEREST_WON))
    assert 9_000_000 + sum(flows(world, sell.CAPITALISED_WON)) - (sold - paid) - 300_000 == group.residual_won[0]
    assert sum(flows(world, sell.RESIDUAL_WON)) == group.residual_won[0]
    assert Ever.RESIDUAL_DEBT & group.ever[0]


def test_proceeds_beyond_the_debt_stay_as_cash() -> None:
    """The firm of the lower limit sells all 1,000 at 8,500, which pays 6 m and leaves the rest."""
    group = account(after(2, [8_500], person(firm=LOWER_LIMIT)))
    assert 8_500_000 - 85_000 - 8_500 - 1_200 - LOAN == group.cash_won[0]
    assert 0 == group.residual_won[0] == group.principal_won[0, 0]


def test_interest_from_the_eleventh_day_is_charged_on_all_days() -> None:
    """Retroactive under the first law: 12 days at 2 ten-thousandths; stepwise under the second: 10 and 2 x 2."""
    who = Borrower([Lot(ALPHA, 1_000)], [Debt(LOAN, days_old=10)])
    assert 12 * 2 * LOAN // 10_000 == flows(after(2, [8_500], who), sell.INTEREST_WON)[1]
    later = Borrower([Lot(ALPHA, 1_000)], [Debt(7_000_000, days_old=10)])
    world = live(alone(SECOND_LAW, later), path_of(SECOND_LAW, 2, ALPHA=[9_000]))
    assert (10 + 2 * 2) * 7_000_000 // 10_000 == flows(world, sell.INTEREST_WON)[1]


def test_settled_balances_follow_two_sessions_later() -> None:
    repaid = LOAN - int(account(after(2, [8_500])).principal_won[0, 0])
    settled = [int(account(after(days, [8_500])).settled_won[0, 0]) for days in (1, 2, 3, 4, 5)]
    assert [LOAN, LOAN, LOAN, LOAN - repaid, LOAN - repaid] == settled


def test_two_loans_of_one_pool_are_tested_together_and_paid_in_order() -> None:
    """1,000 shares on loans of 2 m and 4 m: the sale of 295 pays the interest of both, then the first."""
    who = Borrower([Lot(ALPHA, 1_000)], [Debt(2_000_000), Debt(4_000_000, LoanKind.PLEDGED)])
    world = after(2, [8_500], who)
    assert [0, 295 * 8_500] == flows(world, sell.GROSS_WON)
    pledged = 2 * 4_000_000 * 730 // 3_650_000
    net = 295 * 8_500 - 295 * 8_500 // 100 - 295 * 8_500 // 1_000 - 2 * 200 - pledged
    assert [2_000_000 - 2_000_000, 4_000_000 - (net - 2_000_000)] == account(world).principal_won[:, 0].tolist()


def test_a_stock_loan_has_its_own_pool_clock_and_lender() -> None:
    """Maintenance 120 %, discount 20 %: 1.2 x 0.8 < 1, and all of its own shares are sold; the broker's stay."""
    lots = [Lot(ALPHA, 1_000, Standing.STOCK_LOAN), Lot(BETA, 2_000, Standing.OTHER)]
    who = Borrower(lots, [Debt(7_500_000, LoanKind.STOCK_LOAN)], cash_won=5_000_000)
    called, sold = after(1, [8_900], who), after(2, [8_900], who)
    assert ((1, 2), (NEVER, NEVER)) == (clock(called, Pool.STOCK_LOAN), clock(called))
    assert [0, 1_000 * 8_900] == flows(sold, sell.STOCK_LOAN_SOLD_WON)
    assert [0, 2_000] == account(sold).quantity[:2, 0].tolist()
    assert account(sold).cash_won[0] > 5_000_000


def test_a_reform_that_calls_at_120_percent_calls_later() -> None:
    """Toytown's reform moves the second law's 130 % to 120 %."""
    who = Borrower([Lot(ALPHA, 1_000)], [Debt(7_000_000)])
    path = path_of(SECOND_LAW, 1, ALPHA=[9_000])
    assert (1, 2) == clock(live(alone(SECOND_LAW, who), path))
    assert (NEVER, NEVER) == clock(live(alone(SECOND_LAW, who), path, book=reformed_law()))


def test_a_waiver_spares_those_who_adopt_it_and_clears_their_running_clock() -> None:
    book = law_with(margin__waiver_share=5_000)
    people = Population([], [borrowers(FIRST_LAW, *(person(investor=i) for i in range(1, 41)))])
    group = account(live(people, path_of(FIRST_LAW, 1, ALPHA=[8_500]), QUIET, book))
    spared = [uniform(word(QUIET.seed, 0, WAIVER, 0, i, 0)) < 0.5 for i in range(1, 41)]
    assert 0 < sum(spared) < 40
    assert [NEVER if free else 2 for free in spared] == group.sale_day[Pool.BROKER].tolist()


def test_a_waiver_does_not_bind_other_lenders() -> None:
    who = Borrower([Lot(ALPHA, 1_000, Standing.STOCK_LOAN)], [Debt(7_500_000, LoanKind.STOCK_LOAN)])
    world = after(1, [8_900], who, book=law_with(margin__waiver_share=10_000))
    assert (1, 2) == clock(world, Pool.STOCK_LOAN)


def buyer(investor: int, due_in_days: int = 1) -> Borrower:
    """100 Alpha for 1 m won, of which 600,000 are owed at settlement."""
    debt = Debt(600_000, LoanKind.UNSETTLED, due_in_days=due_in_days)
    return Borrower([Lot(ALPHA, 100, Standing.UNSETTLED)], [debt], investor=investor)


def luck(investor: int) -> float:
    return uniform(word(QUIET.seed, 0, UNPAID, 0, investor, 0))


UNLUCKY = next(i for i in range(1, 1_000) if luck(i) < 0.05)
PAYER = next(i for i in range(1, 1_000) if luck(i) >= 0.05)


@pytest.mark.parametrize("due", [0, 1, 2])
def test_an_unpaid_purchase_is_sold_on_the_session_after_it_was_due(due: int) -> None:
    """600,000 / (10,000 x 0.7) is 86 shares; a fee of 1 % for forced sales."""
    world = after(4, [10_000], buyer(UNLUCKY, due))
    assert [86 * 10_000 if day == due + 1 else 0 for day in range(1, 5)] == flows(world, sell.UNSETTLED_SOLD_WON)
    assert 8_600 == sum(flows(world, sell.FEE_WON)) == sum(flows(world, sell.TAX_WON))


def test_what_the_sale_of_an_unpaid_purchase_brings_beyond_the_debt_is_cash() -> None:
    """Interest from the day of purchase to the sale: overdue rate of 1,095 bp, three ten-thousandths a day."""
    group = account(after(2, [10_000], buyer(UNLUCKY)))
    interest = 2 * 3 * 600_000 // 10_000
    assert 860_000 - 8_600 - 8_600 - interest - 600_000 == group.cash_won[0]
    assert (14, 0) == (group.quantity[0, 0], group.principal_won[0, 0])


def test_a_paid_purchase_is_the_buyers_own() -> None:
    world = after(2, [10_000], buyer(PAYER))
    group = account(world)
    assert [0, 600_000] == flows(world, sell.MONEY_IN_WON) == flows(world, sell.REPAID_WON)
    assert (Standing.ELSEWHERE, 100) == (group.standing[0, 0], group.quantity[0, 0])
    assert 0 == group.principal_won.sum()


def test_who_pays_for_a_purchase_has_lost_nothing() -> None:
    """The shares leave the account and money comes in: neither is a loss of the account or of the person."""
    for price in (10_000, 8_000, 6_500):
        group = account(after(3, [price], buyer(PAYER)))
        assert 0 == group.ever[0]
        assert 1_000_000 == group.peak_investor_won[0], "400,000 at the start and 600,000 put in"


def test_a_person_who_pays_and_then_loses_nine_tenths_is_wiped_out() -> None:
    """From 1,000,000 of own money in shares to less than a tenth, seven days at the limit of 30 %."""
    group = account(after(9, [10_000, 10_000, 800], buyer(PAYER)))
    assert Ever.WIPED_OUT == group.ever[0]


def test_a_purchase_that_fell_too_far_leaves_residual_debt() -> None:
    """All 100 shares at 4,900, two days at the limit on, do not cover 600,000."""
    world = after(3, [7_000, 4_900], buyer(UNLUCKY, 2))
    assert [0, 0, 100 * 4_900] == flows(world, sell.GROSS_WON)
    assert Ever.RESIDUAL_DEBT & account(world).ever[0]
    assert 600_000 + 540 - (490_000 - 4_900 - 4_900) == account(world).residual_won[0]


def test_emptied_zeroed_and_wiped_out() -> None:
    """From 4 m of own money to less than 0.4 m; then below the loan. What the person has elsewhere saves the person."""
    path = [7_000, 6_350, 5_900]
    rich = Borrower([Lot(ALPHA, 1_000), Lot(BETA, 3_000, Standing.ELSEWHERE)], [Debt(LOAN)])
    unsold = law_with(margin__waiver_share=10_000)
    flags = [int(account(after(days, path, book=unsold)).ever[0]) for days in (1, 2, 3)]
    assert [0, Ever.EMPTIED | Ever.WIPED_OUT, Ever.EMPTIED | Ever.WIPED_OUT | Ever.ZEROED] == flags
    assert Ever.EMPTIED | Ever.ZEROED == account(after(3, path, rich, book=unsold)).ever[0]


def test_n_copies_of_an_account_are_n_times_one() -> None:
    copies = 37
    who = [person(investor=i, cash_won=10_001, loan=6_100_003) for i in range(1, copies + 1)]
    path = path_of(FIRST_LAW, 6, ALPHA=[8_500, 7_000, 6_000, 5_000])
    one = live(Population([], [borrowers(FIRST_LAW, who[0])]), path)
    many = live(Population([], [borrowers(FIRST_LAW, *who)]), path)
    for single, all_ in zip(one.records, many.records, strict=True):
        assert (copies * single.flows).tolist() == all_.flows.tolist()
        assert (copies * single.sums).tolist() == all_.sums.tolist()
        names = ("under_won", "shortfall_won", "called_won", "called", "net_worth_won")
        assert [copies * getattr(single, n) for n in names] == [getattr(all_, n) for n in names]
    assert copies * one.who.sum() == many.who.sum()
    columns = (c for name, c in zip(Borrowing._fields, account(many), strict=True) if name not in "investor age size")
    assert all((column == np.take(column, [0], axis=-1)).all() for column in columns)
