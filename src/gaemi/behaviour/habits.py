"""Habits: what borrowers are assumed to do of themselves, from the law's topic ``behaviour``, as kernels read it."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np

from gaemi.kernels.revolve import Habits
from gaemi.law.lawbook import LawBook
from gaemi.rules.behaviour import sale_share
from gaemi.units import BPS

OLDEST = 400
"""Sessions of age up to which the speed of repayment is tabled: two terms of a loan are fewer."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The parameters of behaviour; shares are of one, not of 10,000. See the reference for sources and ranges."""

    sale_first_day_gain: float
    sale_first_day_loss: float
    sale_tenth_day_gain: float
    sale_tenth_day_loss: float
    repayment_pace: float
    close_distance: float
    sell_first: float
    top_up: float
    chase_a_day: float
    chase_a_week: float
    chase_memory: float
    flee_the_fall: float
    buy_the_dip: float
    flow_memory: float
    flow_persistence: float
    answer_spread: float
    unsettled_answer: float
    unsettled_persistence: float

    def with_values(self, values: dict[str, float]) -> "Behaviour":
        """The same with some parameters replaced."""
        return replace(self, **values)


def behaviour_of(book: LawBook, on: date) -> Behaviour:
    """The behaviour that the law's file assumes on a date."""
    return Behaviour(**{one.name: in_units(book, f"behaviour.{one.name}", on) for one in fields(Behaviour)})


def in_units(book: LawBook, path: str, on: date) -> float:
    """A parameter as a share of one where it is kept in basis points, else as it is."""
    value = float(book.value(path, on))
    return value / BPS if "bps" in book.parameter(path).unit else value


def bounds_of(book: LawBook, on: date, names: tuple[str, ...]) -> list[tuple[float, float]]:
    """Low and high end of the range of parameters of behaviour, in the units of :class:`Behaviour`."""
    found = []
    for name in names:
        entry = book.entry(f"behaviour.{name}", on)
        scale = BPS if "bps" in book.parameter(f"behaviour.{name}").unit else 1
        found.append((float(entry.low) / scale, float(entry.high) / scale))
    return found


def habits_of(behaviour: Behaviour, book: LawBook, on: date, stocks: int = 0) -> Habits:
    """Behaviour and what the law of a date adds, laid out for the kernel; ``stocks`` have pools of their own."""

    def shares(first: float, tenth: float) -> np.ndarray:
        each = [sale_share(first, tenth, age, behaviour.repayment_pace) for age in range(1, OLDEST)]
        return np.array([0.0, *each])

    value: Any = book.value
    tax, deposit, share = (
        value(path, on) for path in ("market.transaction_tax", "margin.deposit", "margin.firm_share")
    )
    return Habits(
        gain_share=shares(behaviour.sale_first_day_gain, behaviour.sale_tenth_day_gain),
        loss_share=shares(behaviour.sale_first_day_loss, behaviour.sale_tenth_day_loss),
        near=behaviour.close_distance,
        at_call=behaviour.sell_first,
        top_up=behaviour.top_up,
        chase_day=behaviour.chase_a_day,
        chase_week=behaviour.chase_a_week,
        flee=behaviour.flee_the_fall,
        dip=np.array([behaviour.buy_the_dip, 0.0] + [0.0] * stocks),
        memory=behaviour.flow_memory,
        persistence=behaviour.flow_persistence,
        extension=in_units(book, "state.extension", on),
        room=in_units(book, "state.entry_room", on),
        term_days=int(value("margin.term", on)),
        fill_bps=int(value("market.locked_fill", on)),
        fee_bps=int(value("market.broker_fee", on)),
        tax_bps=np.array([tax["KOSPI"], tax["KOSDAQ"]], np.int64),
        deposit_bps=np.array([deposit[group] for group in book.keys("stock_group")], np.int64),
        firm_upper_bps=np.cumsum([share[firm] for firm in book.keys("firm_class")]).astype(np.int64),
    )
