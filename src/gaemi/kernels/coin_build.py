"""Coin accounts from a plan: who holds how many won of which coins, the same for any number of threads.

An account's number is shuffled into a size band, and its place there is the place in the distribution of values, so
that nothing is left to luck. Steps of the golden section lead from that place to one among the ages, which spreads
every age evenly over the sizes; both counts are exact. Which coins an account holds, and how it splits its won among
them, is drawn with its number as key.
"""

from typing import NamedTuple

import numpy as np

from gaemi.chance import COIN_ACCOUNT, COIN_SIZE, SAMPLE, philox, shuffle, word
from gaemi.kernels.build import find_range, pick, quantile
from gaemi.records.coins import FIRST_STRANGER, CoinPlain
from gaemi.rules.coins import COIN_BITS, coin_won

FINE = 1 << 20
"""Shares of an account in its coins are drawn to this grain of the median share."""

LARGEST_SHARE = 1 << 40

LARGEST_WEIGHT = (1 << 31) - 1


class CoinNumbers(NamedTuple):
    seed: int
    accounts: int
    persons: int
    stock_persons: int  # persons with a coin account who hold shares
    stock_investors: int
    stock_step: int  # without a common part with stock_investors: steps through all of their numbers
    age_step: int  # the same for the accounts: the place among ages of each place among sizes


class CoinPlan(NamedTuple):
    """All that decides who holds what.

    ``sizes`` int64 [band + 1, 1] first ranks of the size bands and their end; ``ages`` the same of age bands;
    ``exchanges`` and ``coins`` int64 [class] upper ends of 32-bit words of the exchange and of the number of coins;
    ``odds`` int64 [1, 3, coin] and ``names`` int64 [1]: the alias table of coins; ``tables`` float64 [band + 2, level,
    point]: quantiles of won in each band, of splits, of deposits.
    """

    numbers: CoinNumbers
    sizes: np.ndarray
    ages: np.ndarray
    exchanges: np.ndarray
    coins: np.ndarray
    odds: np.ndarray
    names: np.ndarray
    tables: np.ndarray


class CoinSketch(NamedTuple):
    """First pass, one entry an account: bands, number of coins, won, weight in the deposits."""

    size: np.ndarray
    age: np.ndarray
    slots: np.ndarray
    value_won: np.ndarray
    cash_weight: np.ndarray


def keep_every_account(seed: int, k: int, low: int, high: int, kept: np.ndarray) -> None:
    """Mark every k-th account by hash of its number."""
    for number in range(low, high):
        kept[number] = 1 if (word(seed, 0, SAMPLE, COIN_ACCOUNT, number, 0) * k) >> 32 == 0 else 0


def first_above(ends: np.ndarray, value: int) -> int:
    """The first place whose end is above ``value``; the last where none is."""
    place = 0
    while place < ends.size - 1 and value >= ends[place]:
        place += 1
    return place


def sketch_coins(plan: CoinPlan, ids: np.ndarray, low: int, high: int, out: CoinSketch) -> None:
    """First pass over ``ids[low:high]``: bands, won and number of coins, before any coin is drawn."""
    numbers, sizes, ages, tables, coins = plan.numbers, plan.sizes, plan.ages, plan.tables, plan.coins
    size_out, age_out, slots_out, value_out, cash_out = out.size, out.age, out.slots, out.value_won, out.cash_weight
    bands = sizes.shape[0] - 1
    for j in range(low, high):
        number = int(ids[j])
        rank = shuffle(number, numbers.accounts, numbers.seed, COIN_SIZE)
        band = find_range(sizes, rank)
        count = sizes[band + 1, 0] - sizes[band, 0]
        place = (((2 * (rank - sizes[band, 0]) + 1) << 31) // count) & 0xFFFFFFFF
        value = quantile(tables, band, place)
        words = philox(number, 0, 0, COIN_ACCOUNT * 65536, numbers.seed & 0xFFFFFFFF, 0)
        weight = value / 1000.0 * quantile(tables, bands + 1, words[1])
        size_out[j] = band
        age_out[j] = find_range(ages, rank * numbers.age_step % numbers.accounts)
        slots_out[j] = 1 + first_above(coins, words[0])
        value_out[j] = int(value)
        cash_out[j] = LARGEST_WEIGHT if weight > LARGEST_WEIGHT else int(weight)


def person_of(numbers: CoinNumbers, account: int) -> int:
    """The person behind an account: the first ``persons`` accounts are one each, the rest second ones, spread evenly.

    A stock investor's number where the person holds shares, which ``stock_persons`` of them do, spread evenly as well;
    else one from FIRST_STRANGER on. Numbers of accounts are shuffled into bands, so that even is as good as random.
    """
    person = account
    if account >= numbers.persons:
        person = (account - numbers.persons) * numbers.persons // (numbers.accounts - numbers.persons)
    holder = person * numbers.stock_persons // numbers.persons
    if holder != (person + 1) * numbers.stock_persons // numbers.persons:
        return holder * numbers.stock_step % numbers.stock_investors
    return FIRST_STRANGER + person


def place_coins(
    plan: CoinPlan, ids: np.ndarray, span: tuple[int, int, int], code: tuple[int, int], drawn: CoinSketch,
    cash_won: np.ndarray, group: CoinPlain,
) -> None:  # fmt: skip
    """Second pass: accounts of ``ids[low:high]`` with ``code`` = (fewest, most) coins take rows of their group.

    ``span`` is (low, high, first row). Quantities hold shares to the grain FINE, peaks the won of the account.
    """
    numbers, exchanges = plan.numbers, plan.exchanges
    seed = numbers.seed & 0xFFFFFFFF
    shelf = Shelf(plan.odds, plan.names, plan.tables, group.instrument, group.quantity)
    investor, age, size, exchange = group.investor, group.age, group.size, group.exchange
    slots_in, age_in, size_in, value_in = drawn.slots, drawn.age, drawn.size, drawn.value_won
    cash_out, peak_out = group.cash_won, group.peak_won
    low, high, row = span
    for j in range(low, high):
        slots = slots_in[j]
        if slots < code[0] or slots > code[1]:
            continue
        number = int(ids[j])
        words = philox(number, 0, 0, COIN_ACCOUNT * 65536, seed, 0)
        investor[row] = person_of(numbers, number)
        age[row] = age_in[j]
        size[row] = size_in[j]
        exchange[row] = first_above(exchanges, words[2])
        cash_out[row] = cash_won[j]
        peak_out[row] = value_in[j]
        draw_coins(shelf, seed, number, slots, row)
        row += 1


class Shelf(NamedTuple):
    """What coins are drawn from and into; taken out of the plan and the group once, before the loop over accounts."""

    odds: np.ndarray
    names: np.ndarray
    tables: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray


def draw_coins(shelf: Shelf, seed: int, number: int, slots: int, row: int) -> None:
    """The coins of an account, each once, and their shares."""
    splits = shelf.tables.shape[0] - 2
    for first in range(0, slots, 2):
        w0, w1, w2, w3 = philox(number, 0, 1 + first, COIN_ACCOUNT * 65536, seed, 0)
        for slot in range(first, min(first + 2, slots)):
            coin = pick(shelf.odds, shelf.names, 0, w0)
            if is_held(shelf.instrument, row, slot, coin):
                coin = another_coin(shelf, seed, number, slot, row)
            share = quantile(shelf.tables, splits, w1) * FINE
            shelf.instrument[slot, row] = coin
            shelf.quantity[slot, row] = 1 + (LARGEST_SHARE if share > LARGEST_SHARE else int(share))
            w0, w1 = w2, w3


def another_coin(shelf: Shelf, seed: int, number: int, slot: int, row: int) -> int:
    """A coin that no slot before holds: of four draws the first, else the first of the table."""
    words = philox(number, 0, 16 + slot, COIN_ACCOUNT * 65536, seed, 0)
    for place in range(4):
        coin = pick(shelf.odds, shelf.names, 0, words[place])
        if not is_held(shelf.instrument, row, slot, coin):
            return coin
    place = 0
    while is_held(shelf.instrument, row, slot, shelf.odds[0, 0, place]):
        place += 1
    return int(shelf.odds[0, 0, place])


def is_held(instrument: np.ndarray, row: int, slots: int, coin: int) -> bool:
    """Whether one of the first ``slots`` slots of the account holds the coin."""
    found = 0
    for slot in range(slots):
        found |= int(instrument[slot, row] == coin)
    return found != 0


def weigh_coins(group: CoinPlain, large: int, stride: int, factor: np.ndarray, tally: np.ndarray) -> None:
    """Add the won of each coin that accounts hold when shares are multiplied by ``factor``.

    Those from the band ``large`` on are weighed one by one, of the others every ``stride``-th for as many.
    """
    slots = group.instrument.shape[0]
    for j in range(group.investor.size):
        times = 1.0
        if group.size[j] < large:
            times = float(stride)
            if j % stride != 0:
                continue
        whole = 0.0
        for slot in range(slots):
            whole += group.quantity[slot, j] * factor[group.instrument[slot, j]]
        for slot in range(slots):
            coin = group.instrument[slot, j]
            tally[coin] += times * group.peak_won[j] * (group.quantity[slot, j] * factor[coin] / whole)


class CoinPrices(NamedTuple):
    """``unit`` int64 [coin]; ``edges`` int64 [band + 1]: the least won of each band, and one past the most of all."""

    unit: np.ndarray
    edges: np.ndarray


def finish_coins(
    group: CoinPlain, span: tuple[int, int], factor: np.ndarray, prices: CoinPrices, held: np.ndarray
) -> None:
    """Shares become lots, rounded up, and the peak what they are worth; an account stays in its band.

    ``held`` int64 [coin] takes the lots.
    """
    slots = group.instrument.shape[0]
    unit = prices.unit
    for j in range(span[0], span[1]):
        whole = 0.0
        for slot in range(slots):
            whole += group.quantity[slot, j] * factor[group.instrument[slot, j]]
        value, most, best = 0, 0, 0
        for slot in range(slots):
            if group.quantity[slot, j] == 0:
                continue
            coin = group.instrument[slot, j]
            won = group.peak_won[j] * (group.quantity[slot, j] * factor[coin] / whole)
            lots = 1 + int(won * 4194304.0 / unit[coin])
            group.quantity[slot, j] = lots
            worth = coin_won(lots, unit[coin])
            value += worth
            if worth > best:
                most, best = slot, worth
        coin = group.instrument[most, j]
        top = prices.edges[group.size[j] + 1]
        while value >= top and group.quantity[most, j] > 1:
            value -= coin_won(group.quantity[most, j], unit[coin])
            group.quantity[most, j] -= 1
            value += coin_won(group.quantity[most, j], unit[coin])
        group.peak_won[j] = value
        for slot in range(slots):
            held[group.instrument[slot, j]] += group.quantity[slot, j]


def settle_coins(group: CoinPlain, least_band: int, prices: CoinPrices, part: np.ndarray, missing: np.ndarray) -> None:
    """Move ``missing`` int64 [coin] lots, more or fewer, into the holdings of accounts from ``least_band`` on.

    Each holding takes the ``part`` float64 [coin] of its lots, or all that is missing where the part is 9 or more, as
    far as its account stays in its band and keeps a lot. Accounts go in the order of their rows.
    """
    for j in range(group.investor.size):
        if group.size[j] < least_band:
            continue
        low, high = prices.edges[group.size[j]], prices.edges[group.size[j] + 1] - 1
        for slot in range(group.instrument.shape[0]):
            coin, lots = group.instrument[slot, j], group.quantity[slot, j]
            if lots == 0 or missing[coin] == 0:
                continue
            unit = prices.unit[coin]
            wanted = missing[coin]
            if part[coin] < 9.0:
                share = int(lots * part[coin])
                wanted = min(share, wanted) if wanted > 0 else max(share, wanted)
            room_up = ((high - group.peak_won[j]) << COIN_BITS) // unit - 1
            room_down = min(lots - 1, ((group.peak_won[j] - low) << COIN_BITS) // unit - 1)
            step = max(-max(room_down, 0), min(max(room_up, 0), wanted))
            if step != 0:
                group.peak_won[j] += coin_won(lots + step, unit) - coin_won(lots, unit)
                group.quantity[slot, j] = lots + step
                missing[coin] -= step


def lots_from(group: CoinPlain, least_band: int, held: np.ndarray) -> None:
    """Add the lots that accounts from ``least_band`` on hold to ``held`` int64 [coin]."""
    for slot in range(group.instrument.shape[0]):
        for j in range(group.investor.size):
            if group.size[j] >= least_band:
                held[group.instrument[slot, j]] += group.quantity[slot, j]


def start_coins(group: CoinPlain, prices: CoinPrices, sizes: int, counts: np.ndarray) -> None:
    """Peaks become coins and deposit at these prices; bands follow where ``sizes`` is 1. Counts by (size, age)."""
    for j in range(group.investor.size):
        value = 0
        for slot in range(group.instrument.shape[0]):
            value += coin_won(group.quantity[slot, j], prices.unit[group.instrument[slot, j]])
        if sizes == 1:
            band = 0
            while band < prices.edges.size - 2 and value >= prices.edges[band + 1]:
                band += 1
            group.size[j] = band
        group.peak_won[j] = value + group.cash_won[j]
        counts[group.size[j], group.age[j]] += 1
