"""Tiers of a venue as a user has them: a CSV of floors, caps and rates, or JSON from ccxt (fetch_leverage_tiers).

A schedule is refused with every fault that it has: a gap or an overlap between tiers, a rate that falls, a rate that is
no share, a first floor that is not 0, a number below 0.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.records.positions import MICRO, MOST_MICRO, Schedule
from gaemi.rules.perpetual import E6
from gaemi.sources.tables import decoded, numbers, tables_in
from gaemi.sources.tickers import canonical

COLUMNS: dict[str, tuple[str, ...]] = {
    "symbol": ("ticker", "contract", "종목"),
    "floor": ("minnotional", "notionalfloor", "from", "하한"),
    "cap": ("maxnotional", "notionalcap", "to", "상한"),
    "mmr": ("maintenancemarginrate", "maintmarginratio", "maintenance", "유지증거금률"),
}
"""Names of columns and keys, without regard to case, spaces and underscores."""

NEEDED = ("floor", "mmr")
_NUMBERS = ("floor", "cap", "mmr")
ANY = ""
"""Name of a schedule whose file names no contract."""


@dataclass(frozen=True, slots=True)
class _Tier:
    """One row in dollars; ``cap`` None where it has no upper end."""

    floor: float
    cap: float | None
    rate: float
    where: str


def read_tiers(source: str | Path | Mapping[str, Any] | Any) -> tuple[Schedule, ...]:
    """The schedule of each contract of a CSV file, a JSON file, a frame, or what ccxt returned, by name.

    Rates are kept to a millionth. Raises :class:`gaemi.errors.Refused` with every fault.
    """
    faults: list[Fault] = []
    if isinstance(source, Mapping | list):
        rows = _from_json(source, "tiers", faults)
    elif isinstance(source, str | Path) and Path(source).suffix.lower() == ".json":
        rows = _from_json(_loaded(Path(source)), Path(source).name, faults)
    else:
        rows = _from_tables(source, faults)
    if not rows and not faults:
        faults.append(Fault("tiers", "no row", "must hold at least one tier"))
    for name in sorted(rows):
        faults += _schedule_faults(rows[name])
    if faults:
        raise Refused(faults)
    return tuple(
        Schedule(
            name,
            tuple(round(tier.floor * MICRO) for tier in rows[name]),
            tuple(round(tier.rate * E6) for tier in rows[name]),
        )
        for name in sorted(rows)
    )


def _loaded(path: Path) -> Any:
    if not path.is_file():
        raise refuse(str(path), "nothing there", "must be a file")
    try:
        return json.loads(decoded(path.name, path.read_bytes()))
    except json.JSONDecodeError as problem:
        raise refuse(f"{path.name}, line {problem.lineno}", problem.msg, "must be JSON") from None


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")


def _field(name: str) -> str | None:
    """The column that a header or key means, or None."""
    word = _plain(name)
    return next((field for field, others in COLUMNS.items() if word == field or word in others), None)


def _from_tables(source: Any, faults: list[Fault]) -> dict[str, list[_Tier]]:
    found: dict[str, list[_Tier]] = {}
    for table in tables_in(source):
        place: dict[str, int] = {}
        for index, header in enumerate(table.headers):
            field = _field(header)
            if field is not None:
                place.setdefault(field, index)
        missing = [name for name in NEEDED if name not in place]
        if missing:
            help = closest(missing[0], table.headers)
            shown = ", ".join(header for header in table.headers if header)
            faults.append(Fault(table.name, shown, f"must have the columns {', '.join(NEEDED)}", help))
            continue
        symbols: list[str] = (
            table.text(place["symbol"]).fill_null(ANY).to_list() if "symbol" in place else [ANY] * table.cells.height
        )
        texts: dict[str, list[str | None]] = {n: table.text(place[n]).to_list() for n in _NUMBERS if n in place}
        values = {name: numbers(table, place[name])[0].tolist() for name in texts}
        for i in range(table.cells.height):
            if all(texts[name][i] is None for name in texts):
                continue
            cells: dict[str, tuple[float, str | None]] = {n: (values[n][i], texts[n][i]) for n in texts}
            _add(
                found,
                canonical(symbols[i]),
                cells,
                f"{table.name}, row {i + table.first_row}",
                faults,
            )
    return found


def _from_json(told: Any, name: str, faults: list[Fault]) -> dict[str, list[_Tier]]:
    """Maps from contract to tiers, or one list of tiers."""
    found: dict[str, list[_Tier]] = {}
    by_contract = told if isinstance(told, Mapping) else {ANY: told}
    for contract, tiers in by_contract.items():
        if not isinstance(tiers, Sequence) or isinstance(tiers, str):
            faults.append(Fault(f"{name}, {contract}", type(tiers).__name__, "must be a list of tiers"))
            continue
        symbol = canonical(str(contract).partition(":")[0]) if contract else ANY
        for i, tier in enumerate(tiers, 1):
            where = f"{name}, {contract or 'tiers'}, tier {i}"
            if not isinstance(tier, Mapping):
                faults.append(Fault(where, str(tier), "a tier must be a map with floor, cap and mmr"))
                continue
            cells = {}
            for key, value in tier.items():
                field = _field(str(key))
                if field is not None and field != "symbol":
                    number = _number(value)
                    cells[field] = (number, None if value is None else str(value))
            _add(found, symbol, cells, where, faults)
    return found


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _add(
    found: dict[str, list[_Tier]],
    contract: str,
    cells: Mapping[str, tuple[float, str | None]],
    where: str,
    faults: list[Fault],
) -> None:
    """Add one row, or the faults of its cells."""
    before = len(faults)
    for name in (*NEEDED, "cap"):
        number, text = cells.get(name, (float("nan"), None))
        if text is None and name != "cap":
            faults.append(Fault(where, f"no {name}", f"each tier must have {' and '.join(NEEDED)}"))
        elif text is not None and number != number:
            faults.append(Fault(where, f"'{text}'", f"{name} must be a number"))
        elif text is not None and name != "mmr" and not 0 <= number <= MOST_MICRO / MICRO:
            faults.append(Fault(where, f"{number:g}", f"{name} must be 0 or more"))
        elif text is not None and name == "mmr" and not 0 < number < 1:
            help = "write 0.5 % as 0.005" if number >= 1 else ""
            faults.append(Fault(where, f"{number:g}", "mmr must be above 0 and below 1", help))
    if len(faults) == before:
        cap, text = cells.get("cap", (0.0, None))
        found.setdefault(contract, []).append(
            _Tier(cells["floor"][0], None if text is None else cap, cells["mmr"][0], where)
        )


def _schedule_faults(tiers: Sequence[_Tier]) -> list[Fault]:
    """What is wrong with the tiers of one contract as a whole; they must stand in order of their floors."""
    faults = []
    if tiers[0].floor != 0:
        faults.append(Fault(tiers[0].where, f"{tiers[0].floor:,.0f}", "the first floor must be 0"))
    for tier, after in pairwise(tiers):
        if after.floor <= tier.floor:
            faults.append(
                Fault(after.where, f"{after.floor:,.0f}", f"floor must be above {tier.floor:,.0f}, the tier below")
            )
        elif tier.cap is not None and after.floor > tier.cap:
            what = f"a gap from {tier.cap:,.0f} to {after.floor:,.0f}"
            faults.append(Fault(after.where, what, "each tier must begin where the one below ends"))
        elif tier.cap is not None and after.floor < tier.cap:
            what = f"an overlap from {after.floor:,.0f} to {tier.cap:,.0f}"
            faults.append(Fault(after.where, what, "each tier must begin where the one below ends"))
        if after.rate < tier.rate:
            faults.append(Fault(after.where, f"{after.rate:g}", f"mmr must not fall, the tier below has {tier.rate:g}"))
    for tier in tiers:
        if tier.cap is not None and tier.cap <= tier.floor:
            faults.append(Fault(tier.where, f"{tier.cap:,.0f}", f"cap must be above the floor, {tier.floor:,.0f}"))
    return faults
