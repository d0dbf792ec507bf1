"""What a user asked of a replay of coins."""

from dataclasses import dataclass

from gaemi.errors import Fault, Refused
from gaemi.scene import Request, check_request


@dataclass(frozen=True, slots=True)
class CoinRequest:
    """A replay of coins: the episode, bars of one's own, one account in ``scale``, the seed."""

    replay: str
    prices: str | None = None
    scale: int = 1
    seed: int = 0
    threads: int | None = None


def coin_request(request: Request) -> CoinRequest:
    """A replay of coins as it was asked for; what only stocks have is refused beside it. Raises Refused."""
    check_request(request)
    faults = [
        Fault(f"--{name}", str(given), f"cannot stand beside {request.replay}, an episode of coins", "leave it out")
        for name in ("on", "state", "days", "balances")
        if (given := getattr(request, name)) is not None
    ]
    if request.feedback is False:
        faults.append(
            Fault("--no-feedback", "given", "recorded prices contain all sales: there is no feedback to leave out")
        )
    if faults:
        raise Refused(faults)
    return CoinRequest(
        str(request.replay).strip().lower(), request.prices, request.scale, request.seed, request.threads
    )
