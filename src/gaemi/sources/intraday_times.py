"""When a bar begins: epochs, written times with and without an offset, and the time zone they stand in.

Everything becomes whole seconds of UTC. What the file says goes first (an epoch, an offset in the value, a header as
``time_kst``), then the user's word, then the custom of the venue that the name tells: names in USDT are written in
UTC, names in won in Korean time. A name that tells neither is not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gaemi.errors import Fault, closest, refuse
from gaemi.sources.tables import Table, capped
from gaemi.sources.tickers import is_dollar_coin, is_won_coin

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

UTC = "UTC"
KST = "KST"
OFFSETS = {UTC: 0, KST: 9 * 3600}
"""Seconds ahead of UTC; Korea has kept no summer time since 1988."""

_ZONE_WORDS = {"UTC": UTC, "Z": UTC, "GMT": UTC, "KST": KST, "ASIA/SEOUL": KST, "+09:00": KST, "+00:00": UTC}
_EPOCH_DIGITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""How many to a second, by the digits of an epoch of these decades: seconds, milli-, micro- and nanoseconds."""
_EPOCH = r"^(?:\d{10}|\d{13}|\d{16}|\d{19})(?:\.0+)?$"
_WRITTEN = (
    r"^(?<y>\d{4})[-./]?(?<m>\d{2})[-./]?(?<d>\d{2})"
    r"(?:[ T]?(?<H>\d{2}):?(?<M>\d{2})(?::?(?<S>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?<zone>Z|UTC|KST|[+-]\d{2}:?\d{2})?$"
)
_HEADER = re.compile(r"(?P<base>.*?)[ _]*\(?(?P<end>utc|kst|ms|us|ns|sec)?\)?")
_BASES = {
    *("", "date", "datetime", "time", "timestamp", "open_time", "opentime", "open time", "start", "start_time"),
    *("unix", "candle_date_time", "candle_time", "날짜", "일자", "일시", "시간"),
}
_EXAMPLE = "must be a time as 2022-05-10 03:17, 2022-05-10T03:17:00Z or an epoch"


@dataclass(frozen=True)
class Times:
    """The times of one table. ``seconds`` is int64 [row] since 1970 as written, 0 where ``known`` is False.

    ``zone`` is UTC, KST, or None where the file does not tell. ``bare`` says that no row has a time of day, and
    ``written`` holds the cells for messages. ``position`` is the column that was read.
    """

    position: int
    seconds: np.ndarray
    known: np.ndarray
    zone: str | None
    bare: bool
    faults: tuple[Fault, ...]


def zone_named(zone: str | None) -> str | None:
    """``UTC`` or ``KST`` for the word of a user, or None for none.

    Raises :class:`gaemi.errors.Refused` for any other zone.

    >>> zone_named("Asia/Seoul")
    'KST'
    """
    if zone is None:
        return None
    found = _ZONE_WORDS.get(zone.strip().upper())
    if found is None:
        help = closest(zone.strip().upper(), _ZONE_WORDS) or "write the times in one of the two"
        raise refuse("--zone", f"'{zone}'", "must be UTC or KST", help)
    return found


def time_columns(headers: tuple[str, ...]) -> list[tuple[int, str | None]]:
    """The columns that may say when a bar begins, the best first, each with the zone that its header names."""
    found: list[tuple[int, int, str | None]] = []
    for position, header in enumerate(headers):
        match = _HEADER.fullmatch(header.strip().lower())
        if match is None or match["base"] not in _BASES:
            continue
        zone = _ZONE_WORDS.get((match["end"] or "").upper())
        # A column without a name is an index, or row numbers beside a named column of times.
        rank = 3 if not header else {UTC: 0, KST: 1, None: 2}[zone]
        found.append((rank, position, zone))
    return [(position, zone) for _, position, zone in sorted(found, key=lambda one: one[:2])]


def read_times(table: Table) -> Times | None:
    """The times of a table, or None where no column holds any.

    Of two columns that name different zones the one in UTC is used, if the two agree; an epoch goes before a text
    without a zone.
    """
    columns = time_columns(table.headers)
    parsed = [(zone, times) for position, zone in columns if (times := _parsed(table, position, zone)) is not None]
    if not parsed:
        return None
    told = [times for _, times in parsed if times.zone is not None]
    chosen = told[0] if told else parsed[0][1]
    return _compared(table, chosen, [times for zone, times in parsed if zone is not None and times is not chosen])


def in_utc(times: Times, ticker: str, zone: str | None) -> tuple[np.ndarray, str]:
    """Whole seconds of UTC [row] of the rows of ``ticker``, and a note where only custom tells the zone.

    A day without a time of day is the day of the venue: won exchanges cut it at 09:00 Korean time, which is 00:00
    UTC of the same date, so that such rows begin at 00:00 UTC in both. Raises :class:`gaemi.errors.Refused` where
    neither the file nor the user nor the name tells the zone.
    """
    if times.bare and is_won_coin(ticker):
        return times.seconds, "the day of a won exchange is read as beginning at 09:00 Korean time"
    if times.zone is not None or zone is not None:
        return times.seconds - OFFSETS[times.zone or zone or UTC], ""
    if is_won_coin(ticker):
        return times.seconds - OFFSETS[KST], "names in won without a time zone are read as Korean time"
    if is_dollar_coin(ticker):
        return times.seconds, "names in USDT without a time zone are read as UTC"
    help = "name the column time_utc or time_kst, or give --zone UTC or --zone KST"
    raise refuse(ticker, "times without a time zone", "the file or --zone must say in which zone its times stand", help)


def _parsed(table: Table, position: int, zone: str | None) -> Times | None:
    column = table.column(position)
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        return _of_stamps(table, position, zone)
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    first = text.drop_nulls().head(1)
    if first.is_empty():
        return None
    if first.str.contains(_EPOCH).item():
        return _of_epochs(table, position, text, zone)
    return _of_text(table, position, text, zone)


def _of_stamps(table: Table, position: int, zone: str | None) -> Times:
    """A column that a frame holds as times: one with a zone tells it, one of whole days has no time of day."""
    column = table.column(position)
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column, zone = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None), UTC
    seconds = column.cast(pl.Datetime("us")).dt.epoch("s")
    known = seconds.is_not_null().to_numpy()
    whole = seconds.fill_null(0).to_numpy()
    bare = bool(known.any()) and not (whole[known] % 86400).any() and zone is None
    return Times(position, whole, known, zone, bare, tuple(_unread(table, column.cast(pl.String), known)))


def _of_epochs(table: Table, position: int, text: pl.Series, zone: str | None) -> Times:
    good = text.str.contains(_EPOCH).fill_null(False)
    digits = text.str.extract(r"^(\d+)").fill_null("")
    whole = digits.str.slice(0, 10).cast(pl.Int64, strict=False).fill_null(0)
    rest = digits.str.slice(10).str.strip_chars("0") != ""
    # A time that is no whole second is moved off every grid of minutes, so that it is told as such.
    seconds = np.where(good.to_numpy(), whole.to_numpy() + rest.to_numpy(), 0)
    known = good.to_numpy()
    faults = _unread(table, text, known)
    if zone == KST:
        found = f"an epoch ({text.drop_nulls()[0]}) under the header {table.headers[position]}"
        faults.append(
            Fault(table.name, found, "an epoch counts from 1970 in UTC: the header must not name another zone")
        )
    return Times(position, seconds, known, UTC, False, tuple(faults))


def _of_text(table: Table, position: int, text: pl.Series, zone: str | None) -> Times | None:
    parts = text.str.extract_groups(_WRITTEN).struct.unnest()
    day = parts.select(pl.concat_str("y", "m", "d", separator="-")).to_series()
    clock = parts.select(
        pl.concat_str(
            pl.col("H").fill_null("00"), pl.col("M").fill_null("00"), pl.col("S").fill_null("00"), separator=":"
        )
    ).to_series()
    stamps = (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    known = stamps.is_not_null().to_numpy()
    if not known.any() and not table.headers[position]:
        return None
    seconds = stamps.dt.epoch("s").fill_null(0).to_numpy()
    faults = _unread(table, text, known)
    offsets = parts["zone"].str.replace(":", "", literal=True)
    told = offsets.is_not_null().to_numpy() & known
    bare = bool(known.any()) and not (parts["H"].is_not_null().to_numpy() & known).any()
    if told.any():
        shift = _shifts(offsets)
        faults += _zone_faults(table, position, zone, told, known, shift)
        seconds, zone = np.where(told, seconds - shift, seconds), UTC
    return Times(position, seconds, known, zone, bare, tuple(faults))


def _shifts(offsets: pl.Series) -> np.ndarray:
    """Seconds ahead of UTC [row] of ``Z``, ``KST`` and ``+0900``; 0 where there is none."""
    sign = pl.when(pl.col("o").str.starts_with("-")).then(-1).otherwise(1)
    hours = pl.col("o").str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = pl.col("o").str.slice(3, 2).cast(pl.Int64, strict=False)
    shift = pl.when(pl.col("o") == KST).then(OFFSETS[KST]).otherwise(sign * (hours * 3600 + minutes * 60))
    return pl.DataFrame({"o": offsets}).select(shift.fill_null(0)).to_series().to_numpy()


def _zone_faults(
    table: Table, position: int, zone: str | None, told: np.ndarray, known: np.ndarray, shift: np.ndarray
) -> list[Fault]:
    """Where offsets contradict the header, or stand on some rows only."""
    header = table.headers[position]
    faults = []
    against = told & (shift != OFFSETS[zone]) if zone is not None else np.zeros(len(told), dtype=bool)
    for row in np.flatnonzero(against).tolist():
        found = f"'{table.text(position)[row]}' under the header {header}"
        faults.append(
            Fault(f"{table.name}, row {row + table.first_row}", found, "header and offset must name one zone")
        )
    for row in np.flatnonzero(known & ~told).tolist() if zone is None else []:
        found = f"'{table.text(position)[row]}' without an offset, others have one"
        faults.append(
            Fault(f"{table.name}, row {row + table.first_row}", found, "every time must tell its zone, or none")
        )
    return capped(faults)


def _compared(table: Table, chosen: Times, others: list[Times]) -> Times:
    """The chosen times, with a fault where another column that names its zone says another moment."""
    faults = list(chosen.faults)
    for other in others:
        if other.zone is None or chosen.zone is None or other.bare or chosen.bare:
            continue
        moment = chosen.seconds - OFFSETS[chosen.zone]
        apart = chosen.known & other.known & (moment != other.seconds - OFFSETS[other.zone])
        for row in np.flatnonzero(apart)[:1].tolist():
            one, two = (f"{table.text(it.position)[row]} ({table.headers[it.position]})" for it in (chosen, other))
            found = f"{one} and {two}"
            where = f"{table.name}, row {row + table.first_row}"
            faults.append(Fault(where, found, "both columns of time must name the same moment"))
    return Times(chosen.position, chosen.seconds, chosen.known, chosen.zone, chosen.bare, tuple(faults))


def _unread(table: Table, text: pl.Series, known: np.ndarray) -> list[Fault]:
    """One fault for each row whose time cannot be read; a row with no cell at all is none."""
    empty = pl.all_horizontal(pl.all().is_null() | (pl.all().cast(pl.String) == ""))
    blank = table.cells.select(empty.fill_null(True)).to_series().to_numpy()
    rows = np.flatnonzero(~known & ~blank).tolist()
    return capped(
        [Fault(f"{table.name}, row {row + table.first_row}", f"'{text[row] or ''}'", _EXAMPLE) for row in rows]
    )
