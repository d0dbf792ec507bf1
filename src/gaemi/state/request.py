"""What a user asks of ``gaemi state``, and what can be refused before any work."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gaemi.days import is_session, session_on_or_before
from gaemi.errors import Fault, Refused
from gaemi.means import Means, check_means, no_resume

MOST_MEMBERS = 1_000
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class StateRequest(Means):
    """What is asked: ``members`` of the ensemble, ``names`` invented stocks a board.

    ``stocks`` are loans on single stocks by day; ``kospi`` and ``kosdaq`` name the market of those that gaemi does not
    know. ``curve``: also the nine shocks on every member.
    """

    on: date | None = None
    prices: Any = None
    balances: Any = None
    stocks: Any = None
    kospi: tuple[str, ...] = ()
    kosdaq: tuple[str, ...] = ()
    members: int = 50
    names: int = 40
    curve: bool = False
    seed: int = 0


def check(request: StateRequest) -> None:
    """Refuse what can be refused before any work, all faults at once."""
    faults = []
    if request.on is None:
        faults.append(Fault("--on", "nothing", "a state needs the date at whose close it stands", "--on 2020-01-31"))
    elif not is_session(request.on):
        near = f"the session before is {session_on_or_before(request.on)}"
        faults.append(Fault("--on", str(request.on), "must be a day on which the exchange trades", near))
    if request.prices is None:
        help = "give a file or folder with closes of KOSPI and KOSDAQ"
        faults.append(Fault("--prices", "nothing", "a state is rebuilt along recorded prices", help))
    both = sorted(set(request.kospi) & set(request.kosdaq))
    if both:
        faults.append(Fault("--kosdaq", ", ".join(both), "a stock is named for one market, not for both"))
    faults += ensemble_faults(request.members, request.names, request.seed, request)
    if faults:
        raise Refused(faults)
    no_resume(request, "a state")


def ensemble_faults(members: int, names: int, seed: int, means: Means) -> list[Fault]:
    """Faults of the options that say how large an ensemble is and which luck it has."""
    faults: list[Fault] = []
    if not 1 <= members <= MOST_MEMBERS:
        faults.append(Fault("--members", str(members), f"must be from 1 to {MOST_MEMBERS:,}"))
    if not 2 <= names <= MOST_NAMES:
        faults.append(Fault("--names", str(names), f"must be from 2 to {MOST_NAMES} invented stocks a board"))
    if not 0 <= seed < 2**32:
        faults.append(Fault("--seed", str(seed), "must be from 0 to 4,294,967,295"))
    check_means(means, faults)
    return faults
