"""The answer of the Terra replay in words, and what the model misses, from its own rows."""

from typing import Any

from gaemi.answers.wording import day_name, percent, whole, won

QUOTED_SPREAD_PCT = 40.0
"""Spread that the founder quoted on 11 May 2022, as the press printed it."""

ALLOWED = 3.0
"""The factor within which a day's supply counts as met."""

Document = dict[str, Any]


def sentences(document: Document) -> list[str]:
    """The answer, the main figures first."""
    told = [_supply(document), _halt(document), _value(document), _spread(document), _holders(document)]
    return [*told, _reserve(document), f"Prices: {document['path']}."]


def misses(document: Document) -> list[str]:
    """What the model does not reach, with the figure that it does reach and the reason where there is one."""
    found = [
        f"Supply at the end of {day_name(row['date'])}: {row['model_over_record']:.2f} times the record, outside the "
        f"factor of {ALLOWED:g}."
        for row in document["rows"][:-1]
        if not 1 / ALLOWED <= row["model_over_record"] <= ALLOWED
    ]
    found += [_halt_miss(document), *_value_misses(document), *_peg_misses(document)]
    found += [_holder_miss(document), *_reserve_miss(document)]
    return found


def _times(factor: float) -> str:
    return f"x{factor:,.0f}" if factor >= 100 else f"x{factor:.3g}"


def _variant(document: Document, name: str) -> dict[str, Any] | None:
    return next((row for row in document["variants"] if row["name"] == name), None)


def _supply(document: Document) -> str:
    told = "; ".join(
        f"{day_name(row['date'])} {_times(row['times_model'])} (record {_times(row['times_record'])})"
        for row in document["rows"][:-1]
    )
    return (
        f"LUNA's supply over that of 8 May, given what was burned each day and the price: {told}. Nothing is fitted: "
        "the module follows the chain's code."
    )


def _halt(document: Document) -> str:
    recorded = document["variants"][0]
    words = (
        f"At the chain's last halt, 13 May 01:58 UTC, the model stands at {_times(recorded['times_at_halt'])}, "
        f"the record at {_times(document['rows'][-1]['times_record'])}."
    )
    press = _variant(document, "press price")
    if press is None:
        return words
    return (
        f"{words} Trading had ended at 00:39 near the venue's smallest tick, where a price no longer tells what a coin "
        f"is worth; with the press's last price instead it is {_times(press['times_at_halt'])}."
    )


def _value(document: Document) -> str:
    rows = [row for row in document["variants"] if row["name"].startswith("elasticity")]
    reached = " to ".join(_times(row["times_at_halt"]) for row in rows)
    return (
        f"Given only the burned coins and LUNA's market value before the run, supply reaches {reached}: what was "
        "burned does not by itself make trillions. The price fell far more than the new coins explain, and that fall "
        "is given to the run above, not explained by it."
    )


def _spread(document: Document) -> str:
    most = max(row["spread_max_pct"] for row in document["rows"])
    peg = document["peg"]
    words = f"The module's spread reaches {percent(most)} (quoted then: {QUOTED_SPREAD_PCT:g} %)"
    if peg["broken_while_wide_pct"] is None:
        return words + "; without UST by the hour it is not held against the peg."
    return (
        f"{words}; in {percent(peg['broken_while_wide_pct'], 0)} of the {peg['both'] + peg['model_only']} hours in "
        f"which it is over {peg['spread_over_pct']:g} % UST closed under {peg['peg_under_usd']:g} dollars."
    )


def _holders(document: Document) -> str:
    total, press = (document["holders"][name]["total"] for name in ("dollar_price", "won_price"))
    early = document["holders"]["won_price"]["rows"][0]
    return (
        f"Of {whole(total['holders'])} holders in Korea {whole(total['came_holders'])} came during the fall. The other "
        f"{whole(early['holders'])} together had coins worth {won(early['cost_won'])} on 7 May; held to 15 May these "
        f"were worth {won(early['end_won'])} at the won prices of the press. Who came paid a mean that is assumed "
        f"and, if nobody sold, lost {won(press['came_lost_won'])} by then."
    )


def _reserve(document: Document) -> str:
    row = document["reserve"]
    return (
        f"{row['coin']}, which is redeemed at par, lost {percent(row['redeemed_pct'])} of its supply and fell to "
        f"{row['low_record_usd']:.4f} dollars on 12 May; redemption leaves room down to {row['low_model_usd']:.4f}."
    )


def _halt_miss(document: Document) -> str:
    recorded = document["variants"][0]
    words = (
        f"Supply at the halt: {_times(recorded['times_at_halt'])}, {recorded['model_over_record_at_halt']:.2f} times "
        "the record."
    )
    if document["within_days"]:
        return f"{words} Most was minted after the last price; how burning was spread over those minutes is unknown."
    return f"{words} Between daily closes the price is far too high: by the minute it had fallen before the day's end."


def _value_misses(document: Document) -> list[str]:
    return [
        f"{row['name'].capitalize()}: {_times(row['times_at_halt'])} at the halt, "
        f"{row['record_at_halt'] / row['supply_at_halt']:,.0f} times too few."
        for row in document["variants"]
        if row["name"].startswith("elasticity")
    ]


def _peg_misses(document: Document) -> list[str]:
    peg, most = document["peg"], max(row["spread_max_pct"] for row in document["rows"])
    found = []
    if most < QUOTED_SPREAD_PCT:
        found.append(
            f"Largest spread {percent(most)} against {QUOTED_SPREAD_PCT:g} % quoted: demand that is even over a day "
            "has no peaks."
        )
    if peg["record_only"]:
        found.append(
            f"UST was under {peg['peg_under_usd']:g} dollars in {peg['record_only']} of {peg['hours']} hours in which "
            "the spread is not over its mark: who could not wait for the module sold on exchanges."
        )
    return found


def _holder_miss(document: Document) -> str:
    told = []
    for name, words in (("dollar_price", "at the dollar price"), ("won_price", "at the won prices of the press")):
        row = next(row for row in reversed(document["holders"][name]["counts"]) if row["model_coins"] is not None)
        told.append(f"{row['model_coins'] / row['coins']:.2g} times the published number {words}")
    return (
        f"Coins in Korean hands on 15 May: {', '.join(told)}; the mean purchase and its minute are assumed, and nobody "
        "is taken to have sold."
    )


def _reserve_miss(document: Document) -> list[str]:
    row = document["reserve"]
    if row["below_model_bps"] <= 0:
        return []
    return [
        f"{row['coin']}'s low lies {row['below_model_bps']} basis points under what redemption at par leaves room for: "
        "only customers of the issuer may redeem, and not within minutes."
    ]
