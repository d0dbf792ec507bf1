"""What can become of an account in a scenario: exclusive outcomes, worst first, and the flags "ever"."""

from enum import IntEnum


class Outcome(IntEnum):
    """The one outcome under which an account is counted. A lower number is worse and wins."""

    RESIDUAL_DEBT = 0  # still owes when all is sold
    ZEROED = 1  # collateral no longer covers the loans (깡통)
    EMPTIED = 2  # the account lost 90 % of its peak
    FORCE_SOLD = 3  # the firm sold holdings (반대매매)
    CALLED = 4  # the ratio closed under maintenance
    NONE = 5

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", " ")


class Ever(IntEnum):
    """What happened at least once; the bits of the column ``ever``."""

    CALLED = 1
    FORCE_SOLD = 2
    EMPTIED = 4
    ZEROED = 8
    RESIDUAL_DEBT = 16
    WIPED_OUT = 32  # the investor, not the account


class PathOutcome(IntEnum):
    """What became of one investor on one path; a path is counted under the first that applies, in this order.

    A path on which the investor was wiped out first never graduates later. The start counts what was put in since.
    """

    RESIDUAL_DEBT = 0  # still owes when all is sold
    ZEROED = 1  # collateral no longer covered the loans at a close (깡통)
    WIPED_OUT = 2  # net worth lost 90 % of its peak
    GRADUATE = 3  # net worth reached the goal at a close
    FORCE_SOLD = 4  # the firm sold holdings (반대매매)
    BELOW_HALF = 5  # ended below half of the start
    BELOW_START = 6  # ended below the start
    NONE = 7

    @property
    def label(self) -> str:
        return _PATH_WORDS[self]


_PATH_WORDS = {
    PathOutcome.RESIDUAL_DEBT: "residual debt",
    PathOutcome.ZEROED: "zeroed",
    PathOutcome.WIPED_OUT: "wiped out",
    PathOutcome.GRADUATE: "graduate",
    PathOutcome.FORCE_SOLD: "force-sold",
    PathOutcome.BELOW_HALF: "ended below half",
    PathOutcome.BELOW_START: "ended below the start",
    PathOutcome.NONE: "none of these",
}


def outcome_of(ever: int) -> int:
    """The worst outcome among the bits of ``ever``, as the number of an :class:`Outcome`; compilable."""
    if ever & Ever.RESIDUAL_DEBT.value:
        return Outcome.RESIDUAL_DEBT.value
    if ever & Ever.ZEROED.value:
        return Outcome.ZEROED.value
    if ever & Ever.EMPTIED.value:
        return Outcome.EMPTIED.value
    if ever & Ever.FORCE_SOLD.value:
        return Outcome.FORCE_SOLD.value
    if ever & Ever.CALLED.value:
        return Outcome.CALLED.value
    return Outcome.NONE.value
