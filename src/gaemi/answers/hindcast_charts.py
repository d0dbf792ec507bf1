"""The charts of ``gaemi hindcast`` and of its score: which ones a result has, and what each shows in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gaemi.answers import wording
from gaemi.answers.hindcast_sheets import MARGIN_SOLD, TARGETS, has, won_of
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import hindcast as hindcast_plots
from gaemi.answers.plots import score as score_plots
from gaemi.answers.plots.style import Spec
from gaemi.answers.score_sheets import panels, period_name, target_words

SCORE_SCHEMA, SCHEMA = "gaemi.hindcast.score/", "gaemi.hindcast/"


def is_hindcast(result: Mapping[str, Any]) -> bool:
    """Whether the result is one of ``gaemi hindcast``, a forecast or its score."""
    return str(result.get("schema", "")).startswith((SCORE_SCHEMA, SCHEMA))


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a hindcast or of a score, in the order of the page; one without data is left out."""
    if str(result.get("schema", "")).startswith(SCORE_SCHEMA):
        found = [_errors(result), _coverage(result), _crps(result)]
    else:
        found = [_balance(result), _forced(result), _margin_sold(result)]
    return [picture for picture in found if picture is not None]


def _balance(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("days") or []
    markets = [market for market in hindcast_plots.MARKETS if has(rows, market)]
    if len(rows) < 2 or not markets:
        return None

    def draw(narrow: bool) -> Spec:
        return hindcast_plots.balance(result, narrow)

    told = [f"{market.upper()}: {_last(rows, market)}" for market in markets]
    words = f"Settled margin balance from {_span(rows)}, forecast and record. "
    return Picture("hindcast-balance", "Balances", words + "; ".join(told) + ".", draw)


def _forced(result: Mapping[str, Any]) -> Picture | None:
    return _daily(result, "forced", "hindcast-forced", TARGETS["forced"], hindcast_plots.forced)


def _margin_sold(result: Mapping[str, Any]) -> Picture | None:
    return _daily(result, "margin_sold", "hindcast-margin-sold", MARGIN_SOLD, hindcast_plots.margin_sold)


def _daily(
    result: Mapping[str, Any], prefix: str, name: str, title: str, plot: Callable[[Mapping[str, Any], bool], Spec]
) -> Picture | None:
    rows = result.get("days") or []
    if len(rows) < 2 or not has(rows, prefix):
        return None

    def draw(narrow: bool) -> Spec:
        return plot(result, narrow)

    sums = []
    for part, words in (("central", "central estimate"), ("record", "record"), ("mechanical", "if nobody reacts")):
        known = [won_of(row, prefix, part) for row in rows[1:]]
        total = sum(amount or 0 for amount in known)
        sums += [f"{words} {wording.won(total)}"] if all(amount is not None for amount in known) else []
    in_all = f", in all: {'; '.join(sums)}" if sums else ""
    return Picture(name, title, f"{title} from {_span(rows)}{in_all}. {_last(rows, prefix)}.", draw)


def _last(rows: Sequence[Mapping[str, Any]], prefix: str) -> str:
    """``on 30 March 2020 central estimate 3.1 tn won, 90 % range 3.0 tn to 3.3 tn won, record 2.9 tn won``."""
    row = next((row for row in reversed(rows) if won_of(row, prefix, "central") is not None), rows[-1])
    told = [f"central estimate {wording.won(won_of(row, prefix, 'central'))}"]
    low, high = won_of(row, prefix, "low"), won_of(row, prefix, "high")
    told += [] if low is None or high is None else [f"90 % range {wording.won_short(low)} to {wording.won(high)}"]
    record = won_of(row, prefix, "record")
    told += [] if record is None else [f"record {wording.won(record)}"]
    return f"on {wording.day_name(str(row['date']))} {', '.join(told)}"


def _span(rows: Sequence[Mapping[str, Any]]) -> str:
    return f"{wording.day_name(str(rows[0]['date']))} to {wording.day_name(str(rows[-1]['date']))}"


def _errors(result: Mapping[str, Any]) -> Picture | None:
    return _figure(result, "error_bn", "score-errors", "Errors", "Mean absolute error")


def _crps(result: Mapping[str, Any]) -> Picture | None:
    if not any(
        row.get("coverage_pct") is not None and row.get("crps_bn") is not None for row in result.get("rows") or []
    ):
        return None
    return _figure(result, "crps_bn", "score-crps", "Score of the distribution", "Continuous ranked probability score")


def _figure(result: Mapping[str, Any], field: str, name: str, title: str, words: str) -> Picture | None:
    found = panels(result, field)
    if not found:
        return None

    def draw(narrow: bool) -> Spec:
        return score_plots.errors(found, field, words, narrow)

    told = []
    for (period, target), rows in found.items():
        last = max(row["horizon"] for row in rows)
        at = [f"{row['method']} {wording.decimal(row[field])}" for row in rows if row["horizon"] == last]
        told.append(f"{period_name(period)}{target_words(target)} after {last} sessions: {', '.join(at)} bn won")
    return Picture(name, title, f"{words} of each method by horizon. {'; '.join(told)}.", draw)


def _coverage(result: Mapping[str, Any]) -> Picture | None:
    found = panels(result, "coverage_pct", by_target=False)
    if not found:
        return None

    def draw(narrow: bool) -> Spec:
        return score_plots.coverage(found, narrow)

    told = []
    for (period, method), rows in found.items():
        each = [
            f"{target_words(row['target'])} after {row['horizon']} sessions {wording.percent(row['coverage_pct'], 0)}"
            for row in rows
        ]
        told.append(f"{period_name(period)}{method}: {', '.join(each)}")
    words = "How often the record lies in the 90 % range, by horizon; the aim is 85 to 95 %. "
    return Picture("score-coverage", "Coverage", words + "; ".join(told) + ".", draw)
