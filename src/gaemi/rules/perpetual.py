"""Perpetuals and positions like them: contracts with margin, closed by the venue within the day.

Two families stand here. **Prices** answer a person: floats, in the contract's own currency, ``side`` 1 for long and -1
for short. **Tests and payments** run over whole venues: whole millionths of the quote currency (``micro``), rounded
against the trader by less than one of them; lots and values are signed, above 0 for long.

A schedule of tiers gives the maintenance of a position of ``value``: ``rate`` x ``value`` - ``amount``, of the last
tier whose floor the value has reached. The amounts make it continuous, and since rates never fall it is the largest of
all tiers' lines at every value. That is why a position's price of liquidation is the extreme one of its tiers' prices.
"""

LONG, SHORT = 1, -1

E6 = 1_000_000
"""Rates of tiers and fees are in millionths, so that 0.4 % is 4 000."""

E8 = 100_000_000
"""Rates of funding are in hundred-millionths."""


def equity(margin: float, side: int, quantity: float, entry: float, price: float) -> float:
    """What the margin and the profit so far come to; below 0 the venue has lost money on the position.

    Source: linear contracts in the documents of the venues, for instance Binance's page on liquidation (2024).
    """
    return margin + side * quantity * (price - entry)


def next_amount(amount: float, floor: float, rate: float, next_rate: float) -> float:
    """The maintenance amount of the tier that begins at ``floor``, from the ``amount`` and ``rate`` of the one below.

    Maintenance is then the same from both sides of the floor.

    Source: cum_n = cum_(n-1) + floor_n (mmr_n - mmr_(n-1)); Binance's page on leverage and margin (2021).

    >>> next_amount(0.0, 50_000.0, 0.004, 0.005)
    50.0
    """
    return amount + floor * (next_rate - rate)


def tier_of(value: float, floors: "tuple[float, ...]") -> int:
    """The tier of a position of ``value``, 0 or more: the last one whose floor it has reached.

    Source: as :func:`next_amount`.
    """
    tier = 0
    while tier + 1 < len(floors) and value >= floors[tier + 1]:
        tier += 1
    return tier


def liquidation_price(
    margin: float, side: int, quantity: float, entry: float, maintenance: float, amount: float = 0.0
) -> float:
    """The price at which equity is ``maintenance`` x the position's value less ``amount``: there the venue closes it.

    ``margin`` is what backs the position, see :func:`backing` for margin that others share. Venues that count the fee
    of closing add it to ``maintenance``. 0 or less of a long position: no price closes it.

    Source: margin + s q (p - e) = m q p - c, solved for p; Binance's page on liquidation prices (isolated and one-way,
    2021); with the taker's fee in m the formula of Gate and OKX (help pages, 2024).

    >>> round(liquidation_price(0.1, 1, 1.0, 1.0, 0.005), 15)
    0.904522613065327
    """
    return (margin + amount - side * quantity * entry) / (quantity * (maintenance - side))


def tiered_liquidation_price(
    margin: float,
    side: int,
    quantity: float,
    entry: float,
    rates: "tuple[float, ...]",
    amounts: "tuple[float, ...]",
) -> float:
    """The price of liquidation under a whole schedule: that of the tier in which the value *at that price* falls.

    It is the highest of the tiers' prices for a long position and the lowest for a short one, so no tier is tried in
    vain. 0 or less: no price closes it.

    Source: Binance's page on liquidation prices (2021), note on the tier of the value at the price of liquidation.

    >>> round(tiered_liquidation_price(1_535_443.01, 1, 109.488, 32_481.98, (0.01, 0.025), (1_300.0, 16_300.0)), 2)
    18778.73
    """
    found = liquidation_price(margin, side, quantity, entry, rates[0], amounts[0])
    for tier in range(1, len(rates)):
        price = liquidation_price(margin, side, quantity, entry, rates[tier], amounts[tier])
        if side * price > side * found:
            found = price
    return found


def backing(wallet: float, other_maintenance: float, other_profit: float) -> float:
    """What of a shared wallet backs one position, given what the account's other positions need and have made.

    Source: WB - TMM1 + UPNL1 of Binance's page on liquidation prices (cross margin, 2021).

    Two obligations, 5 of own money, 4 needed elsewhere, one unit bought at 100 at 0.4 %:

    >>> round(liquidation_price(backing(5.0, 4.0, 0.0), 1, 1.0, 100.0, 0.004), 2)
    99.4
    """
    return wallet - other_maintenance + other_profit


def liquidation_price_by_entry(
    side: int, quantity: float, entry: float, initial_margin: float, maintenance_margin: float, extra: float = 0.0
) -> float:
    """The price of liquidation where maintenance is a share of the value *at entry* and stays; ``extra`` was added.

    Source: EP - s ((IM - MM) + extra) / size; Bybit's help page on isolated margin, the text of before 2026.

    >>> liquidation_price_by_entry(1, 1.0, 20_000.0, 400.0, 100.0)
    19700.0
    """
    return entry - side * (initial_margin - maintenance_margin + extra) / quantity


def liquidation_price_of_inverse(
    side: int, quantity: float, entry: float, initial_margin: float, maintenance_margin: float
) -> float:
    """The price of liquidation of a contract of ``quantity`` dollars that is margined and settled in the coin.

    Margins are in coins. 0 or less of a short position: no price closes it.

    Source: quantity / (value + s (IM - MM)), value = quantity / entry; Bybit's help page on inverse contracts (2024).

    >>> liquidation_price_of_inverse(1, 20_000.0, 20_000.0, 0.3, 0.05)
    16000.0
    """
    return quantity / (quantity / entry + side * (initial_margin - maintenance_margin))


def liquidation_price_from_here(
    price: float, side: int, quantity: float, margin_available: float, maintenance: float
) -> float:
    """The price of liquidation from what stands now: ``margin_available`` is equity less maintenance at ``price``.

    Source: price - s margin_available / size / (1 - l s), l = 1 / maintenance leverage; Hyperliquid's documents (2025).

    >>> round(liquidation_price_from_here(1.0, 1, 1.0, 0.1 - 0.005, 0.005), 15)
    0.904522613065327
    """
    return price - side * margin_available / quantity / (1 - maintenance * side)


def bankruptcy_price(margin: float, side: int, quantity: float, entry: float) -> float:
    """The price at which the position has lost all that backs it; (1 - s / leverage) x entry where nothing was added.

    Source: Bybit's help page on the bankruptcy price (2024).

    >>> bankruptcy_price(2_000.0, 1, 1.0, 20_000.0)
    18000.0
    """
    return entry - side * margin / quantity


def bankruptcy_value(value: float, net_collateral: float, maintenance: float, of_all: float) -> float:
    """What closing a part of an account must bring so that the part loses its share of the account's collateral.

    ``value`` is signed, that of the part at the mark; ``maintenance`` of ``of_all`` is the part's. Below 0 for a short
    position: what may be paid for it. Closed for this the account's ratio stays, and closed whole nothing is left.

    Source: -dNNV - TNC |dMMR| / TMMR; dYdX chain v4, liquidations (2024).

    >>> bankruptcy_value(5_000.0, 499.0, 500.0, 500.0), bankruptcy_value(-5_000.0, 499.0, 500.0, 500.0)
    (4501.0, -5499.0)
    """
    return value - net_collateral * maintenance / of_all


def is_liquidatable(maintenance: float, net_collateral: float) -> bool:
    """True when an account or isolated position has less than its maintenance; exactly at it, it is safe.

    Source: dYdX chain v4, liquidations (2024): maintenance > 0 and maintenance > net collateral.

    >>> [is_liquidatable(500, 5_000 - debt) for debt in (4_000, 4_500, 4_501)]
    [False, False, True]
    """
    return maintenance > 0 and maintenance > net_collateral


def deleveraging_score(profit: float, entry_value: float, value: float, equity: float) -> float:
    """The place in the queue for auto-deleveraging, highest first; all in the contract's currency, ``profit`` signed.

    Winners come by profit in per cent of the value at entry x effective leverage, then losers by profit in per cent /
    effective leverage, the smallest loss first. Effective leverage is ``value`` over what backs the position, above 0.

    Source: Binance's and Bybit's pages on auto-deleveraging (2024).

    >>> deleveraging_score(20.0, 100.0, 120.0, 60.0), deleveraging_score(-20.0, 100.0, 80.0, 40.0)
    (0.4, -0.1)
    """
    leverage = value / equity
    share = profit / entry_value
    return share * leverage if profit > 0 else share / leverage


def share_rounded_up(value_micro: int, rate_e6: int) -> int:
    """``rate_e6`` millionths of ``value_micro``, 0 or more, rounded up: against the trader by less than one micro.

    Cut in two, so that no product leaves 63 bits.

    Source: rounding is this page's; venues publish none.
    """
    whole, rest = value_micro // E6, value_micro % E6
    return whole * rate_e6 + -(-(rest * rate_e6) // E6)


def maintenance_micro(
    value_micro: int,
    floors_micro: "tuple[int, ...]",
    rates_e6: "tuple[int, ...]",
    amounts_micro: "tuple[int, ...]",
) -> int:
    """The maintenance of a position of ``value_micro``, 0 or more, under a schedule of tiers, rounded up.

    Source: as :func:`next_amount`.

    >>> maintenance_micro(500_000 * E6, (0, 250_000 * E6), (5_000, 10_000), (50 * E6, 1_300 * E6)) // E6
    3700
    """
    tier = 0
    while tier + 1 < len(floors_micro) and value_micro >= floors_micro[tier + 1]:
        tier += 1
    return share_rounded_up(value_micro, rates_e6[tier]) - amounts_micro[tier]


def funding_micro(mark_micro: int, rate_e8: int) -> int:
    """What one lot pays at a funding time, nearest micro, halves up: longs pay it and shorts get it; below 0 reversed.

    Rounded once a lot and not once an account, so that what longs pay is what shorts get.

    Source: mark value x funding rate; Binance's page on funding (2021).
    """
    return (2 * mark_micro * rate_e8 + E8) // (2 * E8)


def part_micro(whole_micro: int, lots: int, of_lots: int) -> int:
    """The part of an amount that belongs to ``lots`` of ``of_lots``, floored; the whole for all of them.

    Cut in two: exact as long as ``of_lots`` is below 2 ** 31.

    Source: average entry price, kept through partial closing; the venues' pages on profit and loss.
    """
    share, rest = whole_micro // of_lots, whole_micro % of_lots
    return share * lots + rest * lots // of_lots
