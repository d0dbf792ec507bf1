"""What a user asks of ``gaemi hindcast``, and what can be refused before any work."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gaemi.errors import Fault, Refused
from gaemi.hindcast.baselines import LONGEST
from gaemi.means import Means, no_resume, only_here
from gaemi.state.request import ensemble_faults

FIT_UNTIL = date(2019, 12, 31)
"""Parameters and baselines are fitted on data up to here; what comes after is for testing."""

MOST_PATHS = 5_000
MODELS = ("gbm", "history", "garch")


@dataclass(frozen=True, slots=True)
class HindcastRequest(Means):
    """A forecast of ``first`` to ``last`` as it could be made at the close of ``first``; or, with ``score``, of all.

    ``paths``: mode B, so many simulated paths of the indices instead of the recorded one, by ``model``.
    """

    first: date | None = None
    last: date | None = None
    prices: Any = None
    balances: Any = None
    paths: int | None = None
    model: str = "garch"
    score: bool = False
    members: int = 50
    names: int = 40
    seed: int = 0


def check(request: HindcastRequest) -> None:
    """Refuse what can be refused before any work, all faults at once."""
    faults = []
    if not request.score:
        for name, day in (("--from", request.first), ("--to", request.last)):
            if day is None:
                help = "gaemi hindcast --from 2020-03-09 --to 2020-03-31"
                faults.append(Fault(name, "nothing", "a hindcast needs the session at whose close it is made", help))
        if request.first and request.last and request.last <= request.first:
            faults.append(Fault("--to", str(request.last), f"must be after --from, {request.first}"))
    for name, source in (("--prices", request.prices), ("--balances", request.balances)):
        if source is None:
            faults.append(Fault(name, "nothing", "a hindcast needs recorded prices and published balances"))
    if request.paths is not None and not 2 <= request.paths <= MOST_PATHS:
        faults.append(Fault("--paths", str(request.paths), f"must be from 2 to {MOST_PATHS:,}"))
    if request.model not in MODELS:
        faults.append(Fault("--model", f"'{request.model}'", f"must be one of {', '.join(MODELS)}"))
    if request.score and request.members < 2:
        faults.append(Fault("--members", str(request.members), "a score needs two members or more"))
    faults += ensemble_faults(request.members, request.names, request.seed, request)
    if faults:
        raise Refused(faults)
    if request.score:
        only_here(request, "--score")
    no_resume(request, "a hindcast")


def too_long(sessions: int, last: date) -> Refused:
    """The refusal of a hindcast over more sessions than one reaches."""
    allowed = f"must lie at most {LONGEST} sessions after --from"
    return Refused([Fault("--to", f"{last}, {sessions} sessions", allowed, "make one hindcast after the other")])
