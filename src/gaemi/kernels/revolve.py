"""Revolve: a book of margin loans through its sessions: sold, repaid, opened, called.

A row is all loans opened on one session to buy one name at one class of firms: it knows its price, age and ratio. The
rules are those of every other account; rows stand for many borrowers, so what a part of them does takes a part of the
row. New loans either answer prices or, where a balance was observed, are what the balance asks for.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from gaemi.chance import REVOLVE, philox, uniform
from gaemi.kernels.tables import LawTable
from gaemi.kernels.wander import Named, Tape
from gaemi.rules.behaviour import deviation_of, distance_to_call, net_new_share, sell_first_share
from gaemi.rules.interest import interest_won
from gaemi.rules.margin import (
    NO_CLOCK,
    is_under_maintenance,
    next_clock,
    relief_e8,
    sale_quantity,
    sessions_to_sale,
    shortfall_e8,
    shortfall_won,
)
from gaemi.rules.market import fee_won, filled_quantity, transaction_tax_won

LARGEST_ROW_WON = 45_000_000_000
"""Loans of a row: sums of the rules stay whole up to 50 bn won."""

BALANCE, OPENED, REPAID, EXTRA, SOLD, TOPPED, UNPAID, CALLED, UNDER, FIRST, DUE, EXPECTED = range(12)
MEASURES = 12
"""Won of a session and pool, trade-dated: the balance at its close; new loans; repaid of their own accord; repaid
beyond that because the balance asks for it; principal paid by forced sales (below 0 where interest joins it); topped
up; what sales left unpaid; newly called; under maintenance; what of REPAID was sold first because a call was near; paid
at the end of the term; and the balance expected before it was observed."""


class Lent(NamedTuple):
    """Rows of loans. ``c`` places, of which the first ``count[0]`` are taken."""

    name: np.ndarray  # int64 [c]
    opened: np.ndarray  # int64 [c] session
    firm: np.ndarray  # int64 [c] firm class
    principal_won: np.ndarray  # int64 [c]
    lots: np.ndarray  # int64 [c]
    interest_from: np.ndarray  # int64 [c] session
    called: np.ndarray  # int64 [c] session, NO_CLOCK
    sale: np.ndarray  # int64 [c] session, NO_CLOCK
    count: np.ndarray  # type: ignore[assignment]  # int64 [1]; hides the method of tuples


class Habits(NamedTuple):
    """Behaviour, and the parts of the law that are not in its table. All 0: nobody reacts."""

    gain_share: np.ndarray  # float64 [age] share repaid in the session of that age, at a gain
    loss_share: np.ndarray  # float64 [age] at a loss
    near: float
    at_call: float
    top_up: float
    chase_day: float
    chase_week: float
    flee: float
    dip: np.ndarray  # float64 [p] new loans for a fall of the market's own index in the same session
    memory: float  # sessions
    persistence: float
    extension: float
    room: float  # collateral beyond the least deposit, at most
    term_days: int
    fill_bps: int  # share of an order that a locked name fills
    fee_bps: int
    tax_bps: np.ndarray  # int64 [2]
    deposit_bps: np.ndarray  # int64 [group]
    firm_upper_bps: np.ndarray  # int64 [f] cumulative shares of firm classes


class Flow(NamedTuple):
    """What is asked of the book and what it did. ``t`` sessions, ``p`` pools: loans of each board, of single stocks."""

    target_won: np.ndarray  # int64 [t, p] the next observed balance, trade-dated; -1 where none is known
    left: np.ndarray  # int64 [t, p] sessions until it stands, this one included
    given_won: np.ndarray  # int64 [t, p] new loans where they are published, else -1
    noise: np.ndarray  # float64 [t, p] standard normal draws of new loans
    answer: np.ndarray  # float64 [p] how strongly this member's borrowers answer prices, about 1
    normal: np.ndarray  # float64 [p] new loans of late as a share of the balance, without what prices explain
    spread: np.ndarray  # float64 [p] their mean squared surprise
    done_won: np.ndarray  # int64 [t, p, MEASURES]
    board: np.ndarray  # int64 [p] the board whose index a pool's borrowers watch


def revolve(
    lent: Lent, named: Named, tape: Tape, law: LawTable, habits: Habits, flow: Flow, luck: tuple[int, int, int],
    span: tuple[int, int],
) -> None:  # fmt: skip
    """Run sessions ``span`` of the book; ``luck`` is seed, path and whether people react (1) or only rules work (0)."""
    for t in range(span[0], span[1]):
        when = (luck[0], luck[1], t)
        sell_due(lent, named, tape, law, habits, flow, t)
        if luck[2] != 0:
            meet_calls(lent, named, tape, law, habits, flow, when)
            repay(lent, named, tape, law, habits, flow, when)
            for pool in range(flow.normal.size):
                open_new(lent, named, tape, habits, flow, when, pool)
        call(lent, named, tape, law, flow, when)
        drop_empty(lent)


def sell_due(lent: Lent, named: Named, tape: Tape, law: LawTable, habits: Habits, flow: Flow, t: int) -> None:
    """The opening auction: what fell due is sold, the quantity fixed from yesterday's close by law."""
    for j in range(lent.count[0]):
        if lent.sale[j] == NO_CLOCK or lent.sale[j] > t:
            continue
        name, firm = lent.name[j], lent.firm[j]
        pool = named.pool[name]
        loan, before, rate = lent.principal_won[j], tape.price[t - 1, name], law.financed_rate_bps
        value = lent.lots[j] * before * rate // 10000
        maintenance, convention = law.maintenance_bps[firm], law.convention[firm]
        if not is_under_maintenance(value, loan, maintenance):
            lent.called[j], lent.sale[j] = NO_CLOCK, NO_CLOCK
            continue
        discount = law.discount_bps[firm, named.group[name]]
        short = shortfall_e8(loan, value, maintenance, discount, convention)
        relief = relief_e8(before, maintenance, discount, law.cost_bps[firm], rate, convention)
        ordered = sale_quantity(short, relief, lent.lots[j])
        filled = ordered
        if tape.locked[t, name] != 0:
            filled = filled_quantity(ordered, habits.fill_bps)
        gross = filled * tape.price[t, name]
        money = gross - transaction_tax_won(gross, habits.tax_bps[named.board[name]]) - fee_won(gross, habits.fee_bps)
        days = tape.ordinal[t] - tape.ordinal[lent.opened[j]]
        charged = tape.ordinal[t] - tape.ordinal[lent.interest_from[j]]
        if filled > 0:
            money -= interest_won(loan, days, charged, law.interest_days, law.interest_bps, law.interest_retroactive)
            lent.interest_from[j] = t
        paid = min(loan, money)
        lent.lots[j] -= filled
        lent.principal_won[j] -= paid
        flow.done_won[t, pool, SOLD] += paid
        if lent.lots[j] == 0:
            flow.done_won[t, pool, UNPAID] += lent.principal_won[j]
            lent.principal_won[j] = 0
        if filled == ordered:
            lent.called[j], lent.sale[j] = NO_CLOCK, NO_CLOCK


def meet_calls(
    lent: Lent, named: Named, tape: Tape, law: LawTable, habits: Habits, flow: Flow, when: tuple[int, int, int]
) -> None:
    """The session after a call: borrowers of some rows bring the shortfall, with money or by selling elsewhere.

    ``when`` is seed, path and session, here and below.
    """
    t = when[2]
    for j in range(lent.count[0]):
        if lent.called[j] != t - 1 or lent.sale[j] == NO_CLOCK:
            continue
        name = lent.name[j]
        if draw(named, when, name, lent.opened[j], 1) >= habits.top_up:
            continue
        value = lent.lots[j] * tape.price[t - 1, name] * law.financed_rate_bps // 10000
        missing = min(lent.principal_won[j], pay_to_maintenance(value, lent.principal_won[j], law, lent.firm[j]))
        lent.principal_won[j] -= missing
        flow.done_won[t, named.pool[name], TOPPED] += missing
        lent.called[j], lent.sale[j] = NO_CLOCK, NO_CLOCK


def pay_to_maintenance(value: int, loan: int, law: LawTable, firm: int) -> int:
    """Won of the loan to pay back so that what is left stands at maintenance."""
    maintenance = law.maintenance_bps[firm]
    return (shortfall_won(value, loan, maintenance) * 10000 + maintenance - 1) // maintenance


def draw(named: Named, when: tuple[int, int, int], name: int, opened: int, purpose: int) -> float:
    """A uniform draw of one row on one session: of the member, the name, the session and the opening."""
    number = named.number[name]
    words = philox(
        number & 0xFFFFFFFF, (number >> 32 & 0xFFFFFFFF) ^ opened, when[2], REVOLVE * 65536 + purpose, when[0], when[1]
    )
    return uniform(words[0])


def repay(
    lent: Lent, named: Named, tape: Tape, law: LawTable, habits: Habits, flow: Flow, when: tuple[int, int, int]
) -> None:
    """The session: borrowers sell and repay, faster when young and at a gain, and near their call when prices fall."""
    t = when[2]
    for j in range(lent.count[0]):
        if lent.opened[j] >= t or lent.principal_won[j] == 0:
            continue
        name = lent.name[j]
        pool, driver = named.pool[name], named.driver[name]
        if flow.given_won[t, pool] >= 0:
            continue
        price, loan = tape.price[t, name], lent.principal_won[j]
        age = min(t - lent.opened[j], habits.gain_share.size - 1)
        gains = price >= tape.price[lent.opened[j], name]
        share = habits.gain_share[age] if gains else habits.loss_share[age]
        first = 0.0
        if tape.day[t, driver] < 0.0:
            deviation = deviation_of(named.own[name], tape.deviation[t, driver])
            value = max(lent.lots[j] * price, 1)
            distance = distance_to_call(value, loan, law.maintenance_bps[lent.firm[j]], deviation)
            first = sell_first_share(distance, habits.near, habits.at_call)
        paid = int(loan * min(1.0, share + first))
        flow.done_won[t, pool, FIRST] += int(loan * min(first, 1.0))
        ended = term_ends(lent, tape, habits, t, j)
        if ended == 2 or (ended == 1 and draw(named, when, name, lent.opened[j], 2) >= habits.extension):
            flow.done_won[t, pool, DUE] += loan - paid
            paid = loan
        pay_part(lent, j, paid)
        flow.done_won[t, pool, REPAID] += paid


def term_ends(lent: Lent, tape: Tape, habits: Habits, t: int, j: int) -> int:
    """1 on the first session at or after the end of the term, 2 from the end of its one extension on, else 0."""
    opened = tape.ordinal[lent.opened[j]]
    if tape.ordinal[t] - opened >= 2 * habits.term_days:
        return 2
    return 1 if tape.ordinal[t] - opened >= habits.term_days > tape.ordinal[t - 1] - opened else 0


def pay_part(lent: Lent, j: int, paid: int) -> None:
    """Take ``paid`` off a row and the same share of its lots, to the nearest: its borrowers who repay are gone.

    What is still owed keeps a lot: without one it would be left unpaid although nothing was sold.
    """
    loan = lent.principal_won[j]
    if paid >= loan:
        lent.principal_won[j], lent.lots[j] = 0, 0
        return
    lent.lots[j] = max(1, lent.lots[j] - int(lent.lots[j] * (paid / loan) + 0.5))
    lent.principal_won[j] = loan - paid


def open_new(
    lent: Lent, named: Named, tape: Tape, habits: Habits, flow: Flow, when: tuple[int, int, int], pool: int
) -> None:
    """New loans of one pool: what prices suggest, or what the balance that was observed asks for."""
    t = when[2]
    before = flow.done_won[t - 1, pool, BALANCE]
    balance = 0
    for j in range(lent.count[0]):
        if named.pool[lent.name[j]] == pool:
            balance += lent.principal_won[j]
    pulled = flow.answer[pool] * answer_to_prices(tape, habits, flow, t, pool)
    stray = 0.0 if flow.left[t, pool] == 1 else flow.noise[t, pool] * sqrt(flow.spread[pool])
    normal = habits.persistence * flow.normal[pool] + stray
    churn = flow.done_won[t, pool, REPAID] - flow.done_won[t, pool, FIRST]
    opened = max(0, churn + int(before * (normal + pulled)))
    flow.done_won[t, pool, EXPECTED] = balance + opened
    if flow.given_won[t, pool] >= 0:
        opened = max(flow.given_won[t, pool], flow.target_won[t, pool] - balance)
        repaid = balance + opened - flow.target_won[t, pool]
        flow.done_won[t, pool, REPAID] += pay_all(lent, named, pool, repaid, balance)
    elif flow.left[t, pool] > 0:
        opened += (flow.target_won[t, pool] - balance - opened) // flow.left[t, pool]
        if opened < 0:
            flow.done_won[t, pool, EXTRA] += pay_all(lent, named, pool, -opened, balance)
            opened = 0
        learn(habits, flow, before, opened - churn - flow.done_won[t, pool, EXTRA], pulled, pool)
    else:
        flow.normal[pool] += stray / habits.memory
    flow.done_won[t, pool, OPENED] = opened
    spread_over_names(lent, named, tape, habits, flow, when, opened, pool)


def answer_to_prices(tape: Tape, habits: Habits, flow: Flow, t: int, pool: int) -> float:
    """What prices of the session and of those before it add to new loans, as a share of the balance."""
    return net_new_share(
        habits.chase_day, tape.bought_day[t, pool], habits.chase_week, tape.bought_week[t, pool],
        habits.flee, habits.dip[pool], tape.day[t, flow.board[pool]],
    )  # fmt: skip


def learn(habits: Habits, flow: Flow, before: int, net: int, pulled: float, pool: int) -> None:
    """What was opened beyond what prices explain tells what is normal now, and how far it strays."""
    if before <= 0:
        return
    answered = net / before - pulled
    surprise = answered - habits.persistence * flow.normal[pool]
    flow.normal[pool] += (answered - flow.normal[pool]) / habits.memory
    flow.spread[pool] += (surprise * surprise - flow.spread[pool]) / 60.0


def pay_all(lent: Lent, named: Named, pool: int, asked: int, balance: int) -> int:
    """Repay ``asked`` won of a pool that owes ``balance``, each row its share; the first rows make up for rounding."""
    if balance <= 0:
        return 0
    asked, paid = min(asked, balance), 0
    for j in range(lent.count[0]):
        if named.pool[lent.name[j]] == pool:
            part = int(lent.principal_won[j] * (asked / balance))
            part = min(part, asked - paid)
            pay_part(lent, j, part)
            paid += part
    for j in range(lent.count[0]):
        if paid < asked and named.pool[lent.name[j]] == pool:
            part = min(lent.principal_won[j], asked - paid)
            pay_part(lent, j, part)
            paid += part
    return paid


def spread_over_names(
    lent: Lent, named: Named, tape: Tape, habits: Habits, flow: Flow, when: tuple[int, int, int], opened: int, pool: int
) -> None:
    """Open loans of ``opened`` won, an equal part for each name of the pool, in rows of one class of firms."""
    names = 0
    for i in range(named.board.size):
        names += 1 if named.pool[i] == pool else 0
    place, given = 0, 0
    for i in range(named.board.size):
        if named.pool[i] != pool:
            continue
        place += 1
        part = opened * place // names - given
        given += part
        turn = 0
        while part > 0 and lent.count[0] < lent.name.size:
            open_row(lent, named, tape, habits, flow, when, (i, min(part, LARGEST_ROW_WON), turn))
            part -= min(part, LARGEST_ROW_WON)
            turn += 1


def open_row(
    lent: Lent, named: Named, tape: Tape, habits: Habits, flow: Flow, when: tuple[int, int, int],
    asked: tuple[int, int, int],
) -> None:  # fmt: skip
    """One row of new loans at the session's close, with its firm class and the collateral brought by luck.

    ``asked`` is the name, the won, and the number of the row where a name needs more than one.
    """
    name, won, turn = asked
    j, t = lent.count[0], when[2]
    firm = 0
    ticket = draw(named, when, name, turn, 3) * 10000.0
    while firm < habits.firm_upper_bps.size - 1 and ticket >= habits.firm_upper_bps[firm]:
        firm += 1
    bought = won * 10000.0 / (10000 - habits.deposit_bps[named.group[name]])
    bought *= 1.0 + habits.room * draw(named, when, name, turn, 4)
    lent.name[j], lent.opened[j], lent.firm[j] = name, t, firm
    lent.principal_won[j], lent.lots[j] = won, int(bought / tape.price[t, name]) + 1
    lent.interest_from[j], lent.called[j], lent.sale[j] = t, NO_CLOCK, NO_CLOCK
    lent.count[0] = j + 1


def call(lent: Lent, named: Named, tape: Tape, law: LawTable, flow: Flow, when: tuple[int, int, int]) -> None:
    """The close: test every row against maintenance; start, keep, shorten or clear its clock; sum the balance.

    While the duty to call is waived, rows of firms that use the waiver have no clock.
    """
    t = when[2]
    for j in range(lent.count[0]):
        name, firm, loan = lent.name[j], lent.firm[j], lent.principal_won[j]
        pool = named.pool[name]
        flow.done_won[t, pool, BALANCE] += loan
        if loan == 0:
            continue
        value = lent.lots[j] * tape.price[t, name] * law.financed_rate_bps // 10000
        under = is_under_maintenance(value, loan, law.maintenance_bps[firm])
        runs = lent.sale[j] != NO_CLOCK
        if not under and not runs:
            continue
        due = t
        if under:
            flow.done_won[t, pool, UNDER] += loan
            if is_waived(lent, named, law, when, j):
                lent.called[j], lent.sale[j] = NO_CLOCK, NO_CLOCK
                continue
            due += sessions_to_sale(value, loan, law.clock_under_bps[firm], law.clock_sessions[firm])
            if not runs:
                flow.done_won[t, pool, CALLED] += loan
        lent.called[j], lent.sale[j] = next_clock(
            lent.called[j], lent.sale[j], t, due, under, False, law.cleared_on_recovery != 0
        )


def is_waived(lent: Lent, named: Named, law: LawTable, when: tuple[int, int, int], j: int) -> bool:
    """Whether the firm of a row does not call today; it is the same firm on every session."""
    if law.waiver_share_bps == 0:
        return False
    firm = draw(named, (when[0], when[1], 0), lent.name[j], lent.opened[j], 5)
    return firm * 10000.0 < law.waiver_share_bps


def drop_empty(lent: Lent) -> None:
    """Close up the rows: those that owe nothing are gone, the others keep their order."""
    kept = 0
    for j in range(lent.count[0]):
        if lent.principal_won[j] == 0:
            continue
        if kept != j:
            lent.name[kept], lent.opened[kept], lent.firm[kept] = lent.name[j], lent.opened[j], lent.firm[j]
            lent.principal_won[kept], lent.lots[kept] = lent.principal_won[j], lent.lots[j]
            lent.interest_from[kept], lent.called[kept] = lent.interest_from[j], lent.called[j]
            lent.sale[kept] = lent.sale[j]
        kept += 1
    lent.count[0] = kept
