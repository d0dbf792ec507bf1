"""What a user asks of ``gaemi account``; the fields carry the names of the command's options."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gaemi.errors import Fault, Refused, closest
from gaemi.market.coin_episodes import is_coin_episode

MODELS = ("gbm", "history", "garch")
MOST_PATHS = 1_000_000
FEWEST_PATHS = 100
LONGEST_YEARS = 40


@dataclass(frozen=True, slots=True)
class Request:
    """Unset parts are the defaults of the documentation. ``file`` is a path, a mapping, a frame, or None.

    ``quick``: the account as it is and what is asked of it, without other leverage, time or saving beside it, and
    without the drift that is less the gap of margin users.
    """

    file: Any = None
    holding: tuple[str, ...] = ()
    loan: tuple[str, ...] = ()
    cash: str | None = None
    goal: str | None = None
    by: str | None = None
    saving: str | None = None
    firm: str | None = None
    drift: str | None = None
    what_if: tuple[str, ...] = ()
    more_years: int = 3
    more_saving: str = "1m"
    quick: bool = False
    model: str = "gbm"
    paths: int = 20_000
    years: int = 10
    prices: Any = None
    replay: Any = None
    sell_at: str | None = None
    days: int | None = None
    on: date | None = None
    seed: int = 0
    threads: int | None = None


def check_request(request: Request) -> None:
    """Refuse what can be refused before any work, all faults at once."""
    faults = []
    if request.model not in MODELS:
        help = closest(request.model, MODELS)
        faults.append(Fault("--model", f"'{request.model}'", f"models are {', '.join(MODELS)}", help))
    elif request.model != "gbm" and request.prices is None and request.replay is None:
        help = "give --prices FILE_OR_FOLDER, as FinanceDataReader, pykrx or yfinance write them"
        faults.append(Fault("--model", request.model, "needs a history of prices", help))
    if not FEWEST_PATHS <= request.paths <= MOST_PATHS:
        allowed = f"must be from {FEWEST_PATHS} to {MOST_PATHS:,}"
        faults.append(Fault("--paths", f"{request.paths:,}", allowed, "20,000 give a standard error of 0.35 points"))
    if not 1 <= request.years <= LONGEST_YEARS:
        faults.append(Fault("--years", str(request.years), f"must be from 1 to {LONGEST_YEARS} years of history"))
    if not 1 <= request.more_years <= LONGEST_YEARS // 2:
        faults.append(Fault("--more-years", str(request.more_years), f"must be from 1 to {LONGEST_YEARS // 2}"))
    if request.days is not None and not 1 <= request.days <= 2500:
        faults.append(Fault("--days", str(request.days), "must be from 1 to 2,500 sessions"))
    if request.days is not None and request.replay is None:
        faults.append(Fault("--days", str(request.days), "belongs to --replay", "give --by for the odds' horizon"))
    if request.sell_at is not None and not is_coin_episode(request.replay):
        help = "give --replay terra-2022 or another episode of coins"
        faults.append(Fault("--sell-at", request.sell_at, "belongs to a replay of coins", help))
    if request.threads is not None and request.threads < 1:
        faults.append(Fault("--threads", str(request.threads), "must be 1 or more"))
    if not 0 <= request.seed < 2**32:
        faults.append(Fault("--seed", str(request.seed), "must be from 0 to 4,294,967,295"))
    if request.file is None and not request.holding and request.cash is None:
        help = 'give a file, as examples/accounts/borrowed.yaml, or --holding "005930 1000 @ 71000"'
        faults.append(Fault("gaemi account", "no account", "needs a file or at least one holding", help))
    if faults:
        raise Refused(faults)
