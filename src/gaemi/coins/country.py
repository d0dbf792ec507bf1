"""Exchange accounts beside the country's stock accounts: with ``--coins``, or where a shock names a coin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gaemi.coin_day import CoinWorld, run_coins
from gaemi.coins.exchange import CoinStart, coin_start, exchange_part
from gaemi.coins.tables import table
from gaemi.errors import Fault, Refused, refuse
from gaemi.market.coin_paths import CoinPath, coin_shock_path
from gaemi.market.premium import premium_process
from gaemi.market.shocks import Move, Shock
from gaemi.records.columns import Board, Kind
from gaemi.scene import Scene, coin_names
from gaemi.sources.tickers import BITCOIN, USDKRW
from gaemi.units import format_won
from gaemi.workers import Progress

GRID_PCT = tuple(range(-10, -90, -10))
"""Falls of BTC along the curve of coins; other coins fall with it by their beta."""

TOPICS = ("coins", "coin_loan")


@dataclass(slots=True)
class Coins:
    """Exchange accounts of a scene, the part of the shock that is theirs, and the premium at their prices."""

    scene: Scene
    start: CoinStart
    shock: Shock
    premium: dict[str, Any]
    priced: date
    """The day whose prices the accounts are valued at: the scene's where they are given, else the survey's."""

    def path(self, shock: Shock, days: int) -> CoinPath:
        """The path of a shock over calendar days from the scene's close."""
        process = premium_process(self.scene.book, self.scene.on)
        parts = (shock, self.start.instruments, self.scene.on, days, self.scene.won_per_dollar)
        return coin_shock_path(*parts, premium=process, seed=self.scene.request.seed)

    def world(self, sessions: Sequence[date]) -> CoinWorld:
        """A world of the asked shock up to the last of the sessions; with the feedback that the run has."""
        days = (sessions[-1] - self.scene.on).days
        feedback = self.scene.request.feedback is not False
        return self.start.begin(self.path(self.shock, days), self.scene.workers.here, feedback)


def coins_of(scene: Scene, shock: Shock | None) -> Coins | None:
    """The scene's exchange accounts where they are asked for, else None. Raises Refused beside a replay of stocks."""
    mine = coin_part(scene, shock) if shock is not None else Shock()
    _check_moves(mine)
    named = [move for move in mine.moves if move.target != USDKRW] + list(mine.halts)
    if not (scene.request.coins or named):
        return None
    if scene.request.replay is not None:
        help = "terra-2022 and oct-2025 are replays of coins"
        raise refuse("--coins", "given", f"cannot stand beside the replay of {scene.request.replay}", help)
    prices, premium = _prices(scene)
    start = coin_start(scene.book, scene.on, scene.request.scale, scene.request.seed, prices)
    return Coins(scene, start, mine, premium, scene.on if BITCOIN in prices else start.survey)


def _check_moves(mine: Shock) -> None:
    """Refuse what only stocks can do."""
    faults = [
        Fault("--shock", str(move), "a coin has no price limit, so that it cannot be locked", "write its move alone")
        for move in mine.moves
        if move.target != USDKRW and (move.locked or move.fill_bps is not None)
    ]
    if faults:
        raise Refused(faults)


def coin_part(scene: Scene, shock: Shock) -> Shock:
    """What of a shock is said of coins, the premium and won per dollar."""
    names = {*coin_names(scene.book, scene.on), USDKRW}
    return _kept(shock, names, True)


def stock_part(scene: Scene, shock: Shock) -> Shock:
    """What of a shock is said of stocks, indices and won per dollar."""
    names = set(coin_names(scene.book, scene.on))
    return _kept(shock, names, False)


def _kept(shock: Shock, names: set[str], inside: bool) -> Shock:
    moves, halts = ([one for one in each if (one.target in names) is inside] for each in (shock.moves, shock.halts))
    return Shock(tuple(moves), tuple(halts))  # type: ignore[arg-type]


def _prices(scene: Scene) -> tuple[dict[str, float], dict[str, Any]]:
    """Won of each coin that the given prices hold on the date, and the premium that BTC and USDT then have."""
    found: dict[str, float] = {}
    dollars: dict[str, float] = {}
    history = scene.prices
    for ticker in () if history is None else history.tickers:
        if not (ticker.startswith("KRW-") or ticker.endswith("USDT")) or history is None:
            continue
        close = history.close_on(ticker, scene.on)
        if close is None:
            continue
        if ticker.startswith("KRW-"):
            found[ticker.removeprefix("KRW-")] = close
        else:
            dollars[ticker.removesuffix("USDT")] = close
    rate = scene.won_per_dollar
    premium: dict[str, Any] = {"source": "none given: taken as zero", "btc_pct": 0.0, "usdt_pct": 0.0}
    if BITCOIN in found and BITCOIN in dollars:
        premium |= {"source": "the given prices", "btc_pct": _premium_pct(found[BITCOIN], dollars[BITCOIN] * rate)}
    if "USDT" in found:
        premium |= {"source": "the given prices", "usdt_pct": _premium_pct(found["USDT"], rate)}
    level = 1.0 + (premium["btc_pct"] or 0.0) / 100.0
    return {coin: price * rate * level for coin, price in dollars.items()} | found, premium


def _premium_pct(won: float, abroad: float) -> float:
    return 100.0 * (won / abroad - 1.0)


def coins_part(coins: Coins, world: CoinWorld | None, progress: Progress) -> dict[str, Any]:
    """The coins of a country's document: the curve of BTC's falls, or what the asked shock did to won held."""
    asked = world is not None
    if world is None:
        world = coins.start.begin(coins.path(Shock(), 1), coins.scene.workers.here, feedback=False)
        run_coins(world)
    part = exchange_part(coins.start, world)
    curve = [] if asked else _curve(coins, progress)
    tables = [turnover_table(coins), premium_table(coins, world), *part["tables"]]
    if curve:
        tables.insert(0, table("curve", "If bitcoin fell and other coins with it, by their betas", CURVE, curve))
    part |= {
        "priced": str(coins.priced),
        "shock": str(coins.shock) if asked else None,
        "curve": curve,
        "premium": coins.premium,
        "tables": tables,
    }
    if not asked:
        part["bands"] = []
    part["sentences"] = _sentences(coins, part, asked, curve)
    return part


def _curve(coins: Coins, progress: Progress) -> list[dict[str, Any]]:
    """What accounts hold and lose at each fall of BTC, done within a day."""
    rows = []
    for done, pct in enumerate(GRID_PCT):
        progress("coins", done, len(GRID_PCT))
        shock = Shock((Move(BITCOIN, pct * 100, 1),))
        world = run_coins(coins.start.begin(coins.path(shock, 1), coins.scene.workers.here, feedback=True))
        part = exchange_part(coins.start, world)
        rows.append(
            {"btc_pct": float(pct)}
            | {name: part[name] for name in ("held_won", "lost_won", "emptied", "altcoin_share_pct")}
            | {"closed": part["loans"]["closed"], "residual_won": part["loans"]["residual_won"]}
        )
    progress("coins", len(GRID_PCT), len(GRID_PCT))
    return rows


def turnover_table(coins: Coins) -> dict[str, Any]:
    """Turnover of coins beside that of KOSPI, with what each counts."""
    book, scene = coins.scene.book, coins.scene
    entry = book.entry("coins.turnover", coins.start.survey)
    stocks = (scene.instruments.board == Board.KOSPI) & (scene.instruments.kind == Kind.STOCK)
    kospi = int(scene.instruments.turnover_won[stocks].sum())
    rows = [
        {
            "what": f"coins, survey of {coins.start.survey}",
            "won": int(entry.value),
            "share_pct": 100.0 * int(entry.value) / kospi if kospi else None,
            "counts": "mean of all days of the half year, all won exchanges, each trade once",
        },
        {"what": "KOSPI, this run", "won": kospi, "share_pct": 100.0, "counts": "mean of sessions, stocks of the run"},
    ]
    rows += [
        {"what": claim, "won": None, "share_pct": None, "counts": f"{counts}: {used}"}
        for claim, counts, used in book.value("coins.turnover_definitions", scene.on)
        if used != "coins.turnover"
    ]
    columns = (
        ("what", "what", "text"),
        ("won", "a day", "won"),
        ("share_pct", "of KOSPI", "pct"),
        ("counts", "counts", "text"),
    )
    return table("turnover", "Turnover of coins against KOSPI's: definitions differ", columns, rows)


def premium_table(coins: Coins, world: CoinWorld) -> dict[str, Any]:
    """The premium of the won price over the world price of BTC, and over a dollar of USDT, before and after."""
    rows = []
    for of, coin, abroad in (("BTC (kimchi premium)", BITCOIN, True), ("USDT, over a dollar", "USDT", False)):
        before = coins.premium[f"{coin.lower()}_pct"]
        added = _added_pct(world, f"KRW-{coin}", before, abroad)
        rows.append({"of": of, "before_pct": before, "added_pct": added, "source": coins.premium["source"]})
    columns = (
        ("of", "premium of", "text"),
        ("before_pct", "before", "pct 2"),
        ("added_pct", "added on the path", "pct 2"),
        ("source", "source", "text"),
    )
    return table("premium", "Won price over world price", columns, rows)


def _added_pct(world: CoinWorld, ticker: str, before_pct: float, abroad: bool) -> float | None:
    """Points that the path adds to a premium: the won price over the world price or, not ``abroad``, over a dollar."""
    if ticker not in world.instruments.ticker:
        return None
    row, path = world.instruments.row(ticker), world.path
    won = float(world.records[-1].price_won[row] / world.records[0].price_won[row])
    other = float(path.won_per_dollar[-1] / path.won_per_dollar[0]) * (float(path.world[-1, row]) if abroad else 1.0)
    return (100.0 + before_pct) * (won / other - 1.0)


CURVE = (
    ("btc_pct", "bitcoin", "shock"),
    ("held_won", "held", "won"),
    ("lost_won", "lost", "won"),
    ("emptied", "accounts emptied", "heads"),
    ("altcoin_share_pct", "altcoins", "pct"),
    ("closed", "loans closed", "heads"),
    ("residual_won", "residual debt", "won"),
)


def _sentences(coins: Coins, part: dict[str, Any], asked: bool, curve: list[dict[str, Any]]) -> list[str]:
    held = (
        f"{part['accounts_surveyed']:,} accounts at won exchanges hold {format_won(part['held_before_won'])} in coins "
        f"at the prices of {coins.priced}"
    )
    share = f"{part['altcoin_share_before_pct']:.0f} % of it neither bitcoin nor dollar coins"
    if not asked:
        half = next(row for row in curve if row["btc_pct"] == -50.0)
        lost = format_won(half["lost_won"])
        return [f"{held}, {share}; if bitcoin fell by half and the others by their betas, they would lose {lost}."]
    if not (coins.shock.moves or coins.shock.halts):
        return [f"{held}, {share}; the shock moves no coin."]
    lost = 100.0 * part["lost_won"] / part["held_before_won"]
    does = "lose" if part["lost_won"] >= 0 else "gain"
    told = [f"{held}, {share}; under {coins.shock} they {does} {format_won(abs(part['lost_won']))}, {abs(lost):.1f} %."]
    if part["loans"]["borrowers"]:
        told.append(
            f"{part['loans']['closed']:,} of {part['loans']['borrowers']:,} coin loans are closed by force and "
            f"{format_won(part['loans']['residual_won'])} stays unpaid."
        )
    return told
