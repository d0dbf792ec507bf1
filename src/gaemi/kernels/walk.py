"""Walk: one person's account along many paths, day by day, in several variants of it that share their luck.

Row ``path * variants + variant`` of a borrowing table is the account of that variant on that path. A day on which
nothing can happen (no call, no sale, no new peak, no loss of nine tenths, no goal, no date) is passed over after a look
at :mod:`gaemi.kernels.bounds`; every other day runs the kernels that the country's days run.
"""

from gaemi.kernels.bounds import raise_peaks, weigh_bounds
from gaemi.kernels.contract import contract_price
from gaemi.kernels.draw import draw_path
from gaemi.kernels.journey import (
    ACCOUNT_HIGH,
    ACCOUNT_LOW,
    ACCOUNT_VALUE,
    BEFORE,
    BROKER_VALUE,
    CONTRACT,
    FOLLOWER,
    GOAL,
    INTEREST_A_DAY,
    INTEREST_BEFORE,
    NEED_BROKER,
    NEED_STOCK_LOAN,
    NEXT_TERM,
    NOT_YET,
    NOW,
    PERSON_HIGH,
    PERSON_LOW,
    PERSON_VALUE,
    SLACK_WON,
    STOCK_LOAN_VALUE,
    Journey,
    Paper,
    Stride,
)
from gaemi.kernels.live import after_costs_won, has_clock, is_held_back, live_day, quote, trade_bounded, trade_freely
from gaemi.kernels.tables import LawTable
from gaemi.records.columns import Borrowing
from gaemi.rules.funds import value_step

ONLY_PEAK = 1


def walk(
    group: Borrowing, journey: Journey, law: LawTable, paper: Paper, span: tuple[int, int], start: int, stop: int
) -> None:
    """Take paths ``start`` to ``stop`` through the sessions of ``span`` (without its end), all under one law."""
    first, end = span
    variants = journey.road.variants.size
    for path in range(start, stop):
        draw_path(journey.luck, journey.sheet, journey.drawn, path, first, end)
        for variant in range(variants):
            row = path * variants + variant
            last = journey.road.variants[variant]["last"] + 1
            if journey.results.rows[row]["graduated"] == NOT_YET and last > first:
                walk_row(group, row, variant, journey, law, paper, (first, min(end, last)))


def walk_row(
    group: Borrowing, row: int, variant: int, journey: Journey, law: LawTable, paper: Paper, span: tuple[int, int]
) -> None:
    """One row through the sessions of ``span``: quiet days in a stride, the others whole."""
    road, results, level = journey.road, journey.results, journey.sheet.level
    first, stop = span
    latent, traded = paper.latent, paper.traded
    for i in range(road.names.size):
        latent[NOW, i] = results.latent[i, row]
        traded[NOW, i] = results.traded[i, row]
    grown, events = road.grown[variant], road.variants[variant]["events"]
    path = journey.drawn.number[row // road.variants.size]
    stride = Stride(road.names, road.days, level, grown, latent, paper.weight, paper.bounds, road.setting, path, events)
    weigh_bounds(group, row, variant, road.days[first - 1]["ordinal"], road, law, paper)
    session, busy = first, has_clock(group, row) or is_held_back(road, latent[NOW], traded[NOW])
    while session < stop:
        found = quiet(stride, (session, stop), first, busy)
        reached = found >> 1
        if reached >= stop:
            trade_freely(road, latent[NOW], traded[NOW])
            break
        if reached > session:
            trade_freely(road, latent[BEFORE], traded[NOW])
        session = reached + 1
        if found & ONLY_PEAK:
            trade_freely(road, latent[NOW], traded[NOW])
            quote(road.names, traded[NOW], won_per_dollar(stride, reached, first), paper.now)
            raise_peaks(group, row, road.days[reached]["ordinal"], law, paper)
            continue
        for i in range(road.names.size):
            traded[BEFORE, i] = traded[NOW, i]
        busy = trade_bounded(road, paper)
        quote(road.names, traded[BEFORE], won_per_dollar(stride, reached, first), paper.before)
        quote(road.names, traded[NOW], won_per_dollar(stride, reached, first), paper.now)
        live_day(group, row, variant, reached, road, results, law, paper)
        if results.rows[row]["graduated"] != NOT_YET:
            return
        weigh_bounds(group, row, variant, road.days[reached]["ordinal"], road, law, paper)
        busy |= has_clock(group, row)
    if stop == road.variants[variant]["last"] + 1:
        quote(road.names, traded[NOW], won_per_dollar(stride, stop - 1, first), paper.now)
        results.rows[row]["end_won"] = after_costs_won(group, row, road, results, law, stop - 1, paper.now)
    for i in range(road.names.size):
        results.latent[i, row] = latent[NOW, i]
        results.traded[i, row] = traded[NOW, i]


def won_per_dollar(stride: Stride, session: int, first: int) -> float:
    """Won for one dollar on a session of the span that begins with ``first``."""
    dollar, rate = stride.setting[0]["dollar"], stride.setting[0]["won_per_dollar"]
    if dollar < 0:
        return float(rate)
    return float(rate * (stride.level[dollar, session - first + 1] * stride.grown[dollar, session]))


def quiet(stride: Stride, span: tuple[int, int], first: int, busy: bool) -> int:
    """Pass over sessions of ``span`` on which nothing can happen.

    Returns twice the session on which something may, plus ONLY_PEAK where that can only be a new peak; twice the end
    of the span where there is none. Latent prices of that session (at the end: of the last) are left in ``latent``.
    """
    names, days, level, grown = stride.names, stride.days, stride.level, stride.grown
    latent, weight, bounds = stride.latent, stride.weight, stride.bounds
    slack_share = stride.setting[0]["tick_slack"]
    for session in range(span[0], span[1]):
        column = session - first + 1
        dollar = won_per_dollar(stride, session, first)
        ordinal = days[session]["ordinal"]
        wild = busy or days[session]["event"] & stride.events != 0
        broker = stock_loan = account = person = 0.0
        for i in range(names.size):
            name = names[i]
            past = latent[NOW, i]
            price = past
            driver = name["driver"]
            if driver >= 0:
                now = level[driver, column] * grown[driver, session]
                if name["kind"] == FOLLOWER:
                    then = level[driver, column - 1] * grown[driver, session - 1]
                    price = value_step(past, now / then - 1.0, name["leverage"], name["carry"])
                elif name["kind"] == CONTRACT:
                    then = level[driver, column - 1] * grown[driver, session - 1]
                    price = contract_price(name, past, (then, now), (stride.setting[0]["seed"], stride.path, session))
                    wild |= (price == 0.0) & (past > 0.0)
                else:
                    price = name["start"] * now
                wild |= (price < name["calm_low"] * past) | (price > name["calm_high"] * past) | (price < name["least"])
                latent[NOW, i] = price
            latent[BEFORE, i] = past
            won = price * name["scale"]
            if name["foreign"] != 0:
                won *= dollar
            broker += weight[BROKER_VALUE, i] * won
            stock_loan += weight[STOCK_LOAN_VALUE, i] * won
            account += weight[ACCOUNT_VALUE, i] * won
            person += weight[PERSON_VALUE, i] * won
        slack = bounds[SLACK_WON] + slack_share * person
        interest = bounds[INTEREST_A_DAY] * ordinal - bounds[INTEREST_BEFORE]
        wild |= (broker - slack <= bounds[NEED_BROKER]) | (stock_loan - slack <= bounds[NEED_STOCK_LOAN])
        wild |= (account - slack <= bounds[ACCOUNT_LOW] + interest) | (person - slack <= bounds[PERSON_LOW] + interest)
        wild |= (person + slack >= bounds[GOAL]) | (ordinal >= bounds[NEXT_TERM])
        if wild:
            return 2 * session
        if (account + slack >= bounds[ACCOUNT_HIGH]) | (person + slack >= bounds[PERSON_HIGH]):
            return 2 * session + ONLY_PEAK
    return 2 * span[1]
