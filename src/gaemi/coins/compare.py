"""Exchange accounts and their loan accounts under two laws, on the same path with the same luck."""

from dataclasses import replace
from datetime import date
from typing import Any

from gaemi.answers.coin_measures import coin_rows
from gaemi.coin_day import CoinWorld, run_coins
from gaemi.coins.country import Coins
from gaemi.coins.exchange import CoinStart
from gaemi.coins.tables import table
from gaemi.kernels import coins as kernel
from gaemi.law.lawbook import LawBook
from gaemi.people.coin_borrowers import coin_borrowers
from gaemi.records.coins import CoinPopulation
from gaemi.units import format_won
from gaemi.workers import Progress, silent

LAWS = (("baseline", "today's law"), ("reformed", "reform"))


def compared_coins(
    coins: Coins, reformed: LawBook, name: str, last: date, progress: Progress = silent
) -> dict[str, Any]:
    """The coins of a comparison up to ``last``: both laws, coin by coin, band by band; tables and sentences.

    Spot accounts are the same persons with the same coins; who borrows, how much and on what terms is each law's own.
    Borrowing that a reform bars goes nowhere else.
    """
    asked = coins.shock if coins.shock.moves or coins.shock.halts else None
    path = coins.path(coins.shock, (last - coins.scene.on).days)
    starts = (coins.start, under(coins.start, reformed, coins.scene.request.scale))
    worlds = [run_coins(start.begin(path, coins.scene.workers.here, feedback=True), progress) for start in starts]
    rows = [coin_rows(world) for world in worlds]
    first, second = (_figures(world, found) for world, found in zip(worlds, rows, strict=True))
    return {
        "on": str(coins.start.on),
        "survey": str(coins.start.survey),
        "shock": str(asked) if asked else None,
        "accounts": rows[0]["accounts"],
        "held_before_won": rows[0]["held_before_won"],
        "baseline": first,
        "reformed": second,
        "tables": [_laws_table(first, second), _coins_table(*rows), _bands_table(*rows)],
        "sentences": _sentences(name, str(asked) if asked else "prices of coins that stand still", first, second),
    }


def under(start: CoinStart, book: LawBook, scale: int) -> CoinStart:
    """The same exchange accounts under another law, with the loan accounts that it has; the same luck row by row."""
    loans = coin_borrowers(book, start.on, start.instruments, scale, start.seed)
    population = CoinPopulation(start.population.plain, loans, start.population.weight)
    return replace(start, book=book, population=population)


def _figures(world: CoinWorld, rows: dict[str, Any]) -> dict[str, Any]:
    """What one law did: its loan accounts, what was traded by force, and what everybody lost."""
    loans = rows["loans"]
    return {
        "borrowers": loans["borrowers"],
        "owed_before_won": loans["debt_before_won"],
        "owed_won": loans["debt_won"],
        "closed": loans["closed"],
        "residual_won": loans["residual_won"],
        "sold_won": sum(row["sold_won"] for row in rows["coins"]),
        "bought_won": sum(row["bought_won"] for row in rows["coins"]),
        "borrowers_lost_won": _net_won(world, 0) - _net_won(world, -1),
        "spot_lost_won": rows["lost_won"],
        "emptied": rows["emptied"],
    }


def _net_won(world: CoinWorld, at: int) -> int:
    """Won that loan accounts hold less all they owe, at the first record or the last; below 0 where debt is left."""
    sums = world.records[at].sums
    net = int(sums[kernel.HELD_WON]) - int(sums[kernel.DEBT_WON]) - int(sums[kernel.RESIDUAL_SUM_WON])
    return net * world.weight


def _laws_table(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    columns = (
        ("law", "", "text"),
        ("borrowers", "borrowers", "heads"),
        ("owed_before_won", "owed", "won"),
        ("closed", "closed by force", "heads"),
        ("sold_won", "sold", "won"),
        ("bought_won", "bought back", "won"),
        ("residual_won", "residual debt", "won"),
        ("borrowers_lost_won", "lost by borrowers", "won"),
        ("spot_lost_won", "lost by spot accounts", "won"),
    )
    rows = [{"law": words} | part for (_, words), part in zip(LAWS, (first, second), strict=True)]
    return table("laws", "Coins under two laws", columns, rows)


def _coins_table(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Coins that anybody was forced to trade under either law, in the order of the table of coins."""
    fields = (("sold_won", "sold", "won"), ("bought_won", "bought back", "won"), ("extra_move_pct", "moved", "pct 2"))
    columns = [("name", "coin", "text")]
    for field, heading, kind in fields:
        columns += [(f"{side}_{field}", f"{heading}, {words}", kind) for side, words in LAWS]
    rows = [
        {"coin": first["coin"], "name": first["name"]}
        | {
            f"{side}_{field}": row[field]
            for field, _, _ in fields
            for (side, _), row in zip(LAWS, (first, second), strict=True)
        }
        for first, second in zip(before["coins"], after["coins"], strict=True)
        if any(row[name] for row in (first, second) for name in ("sold_won", "bought_won"))
    ]
    return table("by_coin", "Sold and bought back by force, and what it moved, by coin", columns, rows)


def _bands_table(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What spot accounts lost under both laws, by value held: who pays for the sales of others."""
    columns = (
        ("size", "held", "text"),
        ("accounts", "accounts", "heads"),
        ("baseline_lost_won", "lost, today's law", "won"),
        ("reformed_lost_won", "lost, reform", "won"),
        ("more_lost_won", "difference", "won change"),
    )
    rows = [
        {
            "size": first["size"],
            "accounts": first["accounts"],
            "baseline_lost_won": first["lost_won"],
            "reformed_lost_won": second["lost_won"],
            "more_lost_won": second["lost_won"] - first["lost_won"],
        }
        for first, second in zip(before["bands"], after["bands"], strict=True)
    ]
    return table("bands", "Lost by exchange accounts under two laws", columns, rows)


def _sentences(name: str, shock: str, first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """What the reform does to coins: first those who borrow, then those who never did."""
    told = [_borrowers_said(f"Coins under {name} and {shock}", first, second)]
    lost, more = first["spot_lost_won"], second["spot_lost_won"] - first["spot_lost_won"]
    verb, further = ("lose", more) if lost >= 0 else ("gain", -more)
    much = f"{format_won(abs(further))} {'more' if further > 0 else 'less'}" if further else "as much"
    today = f"{verb} {format_won(abs(lost))} under today's law"
    return [*told, f"Spot accounts, which owe nothing, {today} and {much} under the reform."]


def _borrowers_said(opening: str, first: dict[str, Any], second: dict[str, Any]) -> str:
    if not (first["borrowers"] or second["borrowers"]):
        return f"{opening}: nobody borrows against coins under either law."
    said = (
        f"{opening}: {first['borrowers']:,} borrowers who owe {format_won(first['owed_before_won'])} become "
        f"{second['borrowers']:,} who owe {format_won(second['owed_before_won'])}; loan accounts closed by force are "
        f"{second['closed']:,} instead of {first['closed']:,}"
    )
    if not (first["residual_won"] or second["residual_won"]):
        return f"{said}, and nothing stays unpaid."
    return (
        f"{said}, and {format_won(second['residual_won'])} stays unpaid instead of {format_won(first['residual_won'])}."
    )
