"""Perpetual-like positions of an account: contracts with margin that a venue closes within the day."""

from collections.abc import Mapping
from dataclasses import dataclass

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_words import Places

SIDES = {"long": ("롱", "매수"), "short": ("숏", "매도")}
MODES = {"isolated": ("격리", "격리마진"), "cross": ("교차", "교차마진")}
POSITION_KEYS: dict[str, tuple[str, ...]] = {
    "ticker": ("symbol", "종목", "마켓"),
    "side": ("방향",),
    "quantity": ("size", "수량"),
    "entry": ("진입가", "평균단가"),
    "margin": ("증거금",),
    "maintenance": ("유지증거금률",),
    "price": ("현재가", "mark"),
    "volatility": ("volatility_pct", "변동성"),
    "leverage": ("배수", "레버리지"),
    "mode": ("마진모드", "방식"),
    "tiers": ("구간", "유지증거금표"),
    "funding": ("펀딩비", "펀딩비율"),
}
NEEDED = ("ticker", "side", "quantity", "entry")
MOST_TIMES = 200.0
SAME_MARGIN = 0.02
"""Margin and leverage may differ by so much of the margin: venues take fees from it and people round."""


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One position: units and prices in the contract's currency (won for KRW- names, else dollars).

    ``margin`` is the money that backs this position alone, 0 in cross mode, where the wallet does. ``maintenance_pct``
    is the share of its value under which the venue closes it; ``tiers`` are its own schedule as floors and rates in per
    cent; without either it is the venue table of the law. ``price`` None: from the prices.
    """

    ticker: str
    side: int
    quantity: float
    entry: float
    margin: float
    maintenance_pct: float | None
    price: float | None = None
    volatility_pct: float | None = None
    where: str = ""
    cross: bool = False
    tiers: tuple[tuple[float, float], ...] = ()
    table: str | None = None
    funding_pct: float | None = None


def position(node: Node, faults: Places) -> PositionLine | None:
    """The position of a map; None, with faults, where it cannot be read."""
    found = words.named(node, faults, "a position", POSITION_KEYS, NEEDED)
    if not found:
        return None
    name = words.ticker(found["ticker"], faults, "ticker") if "ticker" in found else None
    side = words.choice(found["side"], faults, "side", SIDES) if "side" in found else None
    mode = words.choice(found["mode"], faults, "mode", MODES) if "mode" in found else "isolated"
    numbers: dict[str, float | None] = {
        key: words.price(found[key], faults, "mark" if key == "price" else key, name or "a position", None)
        for key in ("quantity", "entry", "margin", "price")
        if key in found
    }
    before = len(faults.found)
    margin = _margin(found, numbers, node, faults, mode == "cross")
    share = words.factor(found["maintenance"], faults, "maintenance", "%", (0, 50)) if "maintenance" in found else None
    if "maintenance" in found and "tiers" in found:
        faults.add(found["tiers"], "a position must name maintenance or tiers, not both")
    tiers, table = tiers_of(found["tiers"], faults) if "tiers" in found else ((), None)
    spread = words.factor(found["volatility"], faults, "volatility", "%", (0, 1000)) if "volatility" in found else None
    funding = words.factor(found["funding"], faults, "funding", "%", (-5, 5)) if "funding" in found else None
    told = [numbers.get(key) for key in ("quantity", "entry")]
    if name is None or side is None or margin is None or None in told or len(faults.found) > before:
        return None
    quantity, entry = (float(number or 0.0) for number in told)
    return PositionLine(
        name, 1 if side == "long" else -1, quantity, entry, margin, share, numbers.get("price"), spread,
        faults.where(node.line), mode == "cross", tiers, table, funding,
    )  # fmt: skip


def _margin(
    found: Mapping[str, Node], numbers: Mapping[str, float | None], node: Node, faults: Places, cross: bool
) -> float | None:
    """What backs the position alone: as said, or its value at entry over its leverage; 0 where the wallet does."""
    times = _leverage(found["leverage"], faults) if "leverage" in found else None
    if cross:
        if "margin" in found:
            help = "write what the wallet holds under wallet"
            faults.add(found["margin"], "a position in cross mode has no margin of its own", help=help)
        return 0.0
    quantity, entry, margin = (numbers.get(key) for key in ("quantity", "entry", "margin"))
    if "margin" not in found and "leverage" not in found:
        faults.add(node, "a position must have margin or leverage", "no margin and no leverage")
        return None
    if times is None or quantity is None or entry is None:
        return margin
    needed = quantity * entry / times
    if "margin" not in found:
        return needed
    if margin is not None and abs(margin - needed) > SAME_MARGIN * needed:
        allowed = f"margin must be value over leverage: {quantity:g} x {entry:,g} / {times:g} = {needed:,.2f}"
        faults.add(found["margin"], allowed, f"margin {margin:,g} and leverage {times:g}", "leave one of them out")
        return None
    return margin


def _leverage(node: Node, faults: Places) -> float | None:
    times = words.factor(node, faults, "leverage", "x", (0, MOST_TIMES))
    if times == 0:
        faults.add(node, "leverage must be above 0")
        return None
    return times


def tiers_of(node: Node, faults: Places) -> tuple[tuple[tuple[float, float], ...], str | None]:
    """An own schedule as (floor in the contract's currency, rate in per cent), or the name of a table of the law.

    A list of maps with ``floor``, ``rate`` and, if wanted, ``cap``. The first floor is 0, floors and rates rise, and
    each cap is the next floor.
    """
    if node.kind == "word":
        return (), words.text(node, faults, "tiers")
    if node.kind != "list":
        faults.add(node, "tiers must be a list of floor and rate, or the name of a table")
        return (), None
    rows: list[tuple[float, float]] = []
    caps: list[float | None] = []
    for each in node.value:
        keys = {"floor": ("from", "하한"), "cap": ("to", "상한"), "rate": ("maintenance", "mmr", "유지증거금률")}
        found = words.named(each, faults, "a tier", keys, ("floor", "rate"))
        floor = words.amount(found["floor"], faults, "floor") if "floor" in found else None
        cap = words.amount(found["cap"], faults, "cap") if "cap" in found else None
        rate = words.factor(found["rate"], faults, "rate", "%", (0, 100)) if "rate" in found else None
        if floor is None or rate is None:
            continue
        if not rows and floor != 0:
            faults.add(each, "the first tier must begin at 0", f"{floor:,g}")
        if not 0 < rate < 100:
            faults.add(each, "rate of a tier must be above 0% and below 100%", f"{rate:g}%")
        if rows:
            _judge(each, faults, rows[-1], caps[-1], (floor, rate))
        rows.append((floor, rate))
        caps.append(cap)
    if not rows and not faults.found:
        faults.add(node, "tiers must have at least one row", "none")
    return tuple(rows), None


def _judge(
    node: Node, faults: Places, before: tuple[float, float], cap: float | None, row: tuple[float, float]
) -> None:
    """What a tier must be to the one before it."""
    floor, rate = row
    if cap is not None and floor > cap:
        faults.add(node, f"tiers must not leave a gap: the one before ends at {cap:,g}", f"floor {floor:,g}")
    elif cap is not None and floor < cap:
        faults.add(node, f"tiers must not overlap: the one before ends at {cap:,g}", f"floor {floor:,g}")
    elif floor <= before[0]:
        faults.add(node, f"floors of tiers must rise: the one before begins at {before[0]:,g}", f"{floor:,g}")
    if rate < before[1]:
        faults.add(node, f"rates of tiers must not fall: the one before asks {before[1]:g}%", f"{rate:g}%")
