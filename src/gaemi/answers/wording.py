"""How a figure is written for people: won first, head counts as ranges, a dash where nothing is known."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from gaemi.units import format_won

UNKNOWN = "–"
MINUS = "−"


def won(amount: int | None) -> str:
    """``24.6 bn won``; a dash for an amount that is not known."""
    return UNKNOWN if amount is None else format_won(amount).replace("-", MINUS)


def won_short(amount: int | None) -> str:
    """``24.6 bn``, for narrow columns whose caption says that they are won."""
    return won(amount).removesuffix(" won")


def won_change(amount: int | None) -> str:
    """An amount with its sign written out: ``+24.6 bn won``."""
    return won(amount) if amount is None or amount <= 0 else f"+{format_won(amount)}"


def whole(count: int | None) -> str:
    """A whole number with its thousands apart: ``1,234``."""
    return UNKNOWN if count is None else f"{count:,}".replace("-", MINUS)


def percent(share: float | None, digits: int = 1) -> str:
    """``4.1 %`` of a share that is already in per cent."""
    return UNKNOWN if share is None else f"{decimal(share, digits)} %"


def decimal(number: float | None, digits: int = 1) -> str:
    """A number with fixed decimals and a true minus; never ``-0.0``."""
    if number is None:
        return UNKNOWN
    text = f"{number:,.{digits}f}"
    return (text[1:] if float(text.replace(",", "")) == 0 and text[0] == "-" else text).replace("-", MINUS)


def shock(size_pct: float | None) -> str:
    """A move of the index in per cent: ``−30 %``."""
    return UNKNOWN if size_pct is None else f"{size_pct + 0.0:g} %".replace("-", MINUS)


def heads(count: Mapping[str, int] | int | None) -> str:
    """A head count as the range it is known in, rounded to what can be meant: ``123 k (62–185 k)``.

    A plain integer stands for a count without a range; ``None`` is a dash.
    """
    if count is None:
        return UNKNOWN
    if isinstance(count, int):
        return head(count)
    central, low, high = count["central"], count["low"], count["high"]
    if low == high:
        return head(central)
    below, above = head(low).rsplit(" ", 1), head(high).rsplit(" ", 1)
    joined = f"{below[0]}–{head(high)}" if below[1:] == above[1:] else f"{head(low)}–{head(high)}"
    return f"{head(central)} ({joined})"


def head(count: int) -> str:
    """One head count: ``1.2 m``, ``123 k``, ``5.3 k``, ``812``."""
    size = abs(count)
    sign = MINUS if count < 0 else ""
    if size >= 999_500:
        return f"{sign}{size / 1e6:.1f} m"
    if size >= 9_950:
        return f"{sign}{size / 1e3:.0f} k"
    return f"{sign}{size / 1e3:.1f} k" if size >= 1_000 else f"{sign}{size}"


def day_name(text: str | None) -> str:
    """``31 October 2025`` of an ISO date; other text stays as it is."""
    try:
        on = date.fromisoformat(text or "")
    except ValueError:
        return text or UNKNOWN
    return f"{on.day} {on:%B %Y}"


def measure(value: Any, unit: str | None = None) -> str:
    """The value of a parameter or a target with its unit, whatever its type."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {measure(inner, unit)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        between = "; " if value and isinstance(value[0], list | tuple) else ", "
        return between.join(measure(inner, unit) for inner in value)
    if isinstance(value, int | float):
        return _number_with_unit(value, unit or "")
    return str(value)


def state_line(result: Mapping[str, Any]) -> str:
    """From which state a result starts, in one line; empty where the result does not say."""
    of = result.get("state_of")
    if not of:
        return ""
    if of.get("cohorts_hash") is None:
        return f"State {result['state']}: ages and ratios of margin loans by a rule, not rebuilt from history."
    doubt = "" if of.get("feasible") else " It is marked infeasible: it needs loans that can hardly have been made."
    return f"State {result['state']}: margin loans rebuilt from balances ({of['basis']}).{doubt}"


MANY = 6


def brief(value: Any, unit: str | None = None) -> str:
    """The same in a few words: a long list of figures becomes their number and their span."""
    if isinstance(value, Mapping) and len(value) > MANY:
        said = list(dict.fromkeys(measure(inner, unit) for inner in value.values()))
        if len(said) == 1:
            return f"{said[0]} for each of {len(value)}"
        known = [inner for inner in value.values() if isinstance(inner, int | float)]
        if known:
            return f"{len(value)} values, {span(min(known), max(known), unit)}"
    return measure(value, unit)


def span(low: Any, high: Any, unit: str | None = None) -> str:
    """``400,000 to 1,200,000 people``; of figures by key the least and the greatest; of names ``one of a, b``."""
    if low is None and high is None:
        return UNKNOWN
    if isinstance(low, Mapping) and isinstance(high, Mapping):
        lows, highs = ([end for end in ends.values() if isinstance(end, int | float)] for ends in (low, high))
        return span(min(lows), max(highs), unit) if lows and highs else UNKNOWN
    if isinstance(low, list | tuple):
        return f"one of {measure(low)}" if low == high else f"{measure(low)} to {measure(high)}"
    first = measure(low, unit).removesuffix(f" {unit}")  # the unit is said once
    return f"{first} to {measure(high, unit)}"


PLAIN_UNITS = ("", "1", "count", "number", "share", "ratio", "times", "table", "text", "choice", "flag", "names")


def _number_with_unit(value: int | float, unit: str) -> str:
    if unit == "won" and isinstance(value, int):
        return won(value)
    if unit in ("bps", "share_bps", "bps_a_year"):
        year = " a year" if unit == "bps_a_year" else ""
        return f"{value / 100:g} %{year}".replace("-", MINUS)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    tail = "" if unit in PLAIN_UNITS else " %" if unit in ("percent", "pct", "%") else f" {unit}"
    return text.replace("-", MINUS) + tail


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Pairs (name, text) of a nested record, in its order; inner names follow a dot of space."""
    for name, value in record.items():
        label = f"{prefix}{name}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from flat(value, f"{label} · ")
        else:
            yield label, measure(value)
