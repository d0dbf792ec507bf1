"""What a user asks of the book view, and the refusals that need no work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from gaemi.errors import Fault, Refused, closest
from gaemi.market.models import FEWEST_RETURNS
from gaemi.means import Means, check_means
from gaemi.units import BPS, parse_bps, parse_won

DAYS = 10
MOST_DAYS = 250
MODELS = tuple(FEWEST_RETURNS)
FEWEST_PATHS, MOST_PATHS = 100, 100_000
LONGEST_YEARS = 60


@dataclass(frozen=True, slots=True)
class Request(Means):
    """What a user asked of ``gaemi book``; unset parts are the defaults of the documentation."""

    source: Any = None
    on: date | None = None
    shock: str | None = None
    replay: str | None = None
    break_share: str | None = None
    paths: int = 0
    model: str = "gbm"
    horizon: int | None = None
    years: int = 10
    days: int | None = None
    feedback: bool | None = None
    dispersion: str = "0%"
    firm: str | None = None
    capital: str | None = None
    prices: Any = None
    tables: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    rejects: str | Path | None = None
    validate: bool = False
    seed: int = 0

    @property
    def dispersion_share(self) -> float:
        """How far names spread around their index, as a share of the index's log move."""
        return parse_bps(self.dispersion, "--dispersion") / BPS

    @property
    def break_bps(self) -> int:
        """Share of the loan book at which it counts as broken."""
        return parse_bps(self.break_share or "0%", "--break")

    @property
    def capital_won(self) -> int | None:
        return None if self.capital is None else parse_won(self.capital, "--capital")


def check_request(request: Request) -> None:
    """Refuse what can be refused before any work, all faults at once."""
    faults: list[Fault] = []
    if request.source is None:
        help = "give a file, a folder or a URL; --template shows the tables, --example 1000 --out DIR makes some"
        faults.append(Fault("gaemi book", "no source", "needs a book", help))
    if request.shock is not None and request.replay is not None:
        faults.append(Fault("--replay", request.replay, "cannot stand beside --shock", "give one of the two"))
    _check_numbers(request, faults)
    for read in ("dispersion_share", "break_bps", "capital_won"):
        try:
            getattr(request, read)
        except Refused as problem:
            faults += problem.faults
    if not faults and not 0 <= request.dispersion_share <= 2:
        faults.append(Fault("--dispersion", request.dispersion, "must be from 0% to 200%"))
    if not faults and request.break_share is not None and not 0 < request.break_bps <= BPS:
        faults.append(Fault("--break", request.break_share, "must be above 0% and at most 100% of the loans"))
    if faults:
        raise Refused(faults)


def _check_numbers(request: Request, faults: list[Fault]) -> None:
    if request.paths and not FEWEST_PATHS <= request.paths <= MOST_PATHS:
        allowed = f"must be 0 or from {FEWEST_PATHS} to {MOST_PATHS:,}"
        faults.append(Fault("--paths", f"{request.paths:,}", allowed, "99 % of 1,000 paths rest on ten of them"))
    if request.model not in MODELS:
        help = closest(request.model, MODELS)
        faults.append(Fault("--model", f"'{request.model}'", f"models are {', '.join(MODELS)}", help))
    for name, value in (("--days", request.days), ("--horizon", request.horizon)):
        if value is not None and not 1 <= value <= MOST_DAYS:
            faults.append(Fault(name, str(value), f"must be from 1 to {MOST_DAYS} sessions"))
    if not 1 <= request.years <= LONGEST_YEARS:
        faults.append(Fault("--years", str(request.years), f"must be from 1 to {LONGEST_YEARS} years of history"))
    check_means(request, faults)
    if not 0 <= request.seed < 2**32:
        faults.append(Fault("--seed", str(request.seed), "must be from 0 to 4,294,967,295"))
