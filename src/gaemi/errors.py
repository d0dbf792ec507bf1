"""Three kinds of failure, never mixed.

An *outcome* of an account is a member of :mod:`gaemi.outcomes`. A *user's mistake* is a list of
:class:`Fault`, collected and raised together as :class:`Refused`: the doors print it and exit with 2.
*Our mistake* is an ``assert``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where it stands, what was found, what is allowed.

    ``where`` is a file with its line or row, or an option of the command; ``help`` says what to do.
    """

    where: str
    found: str
    allowed: str
    help: str = ""

    def __str__(self) -> str:
        tail = f"; {self.help}" if self.help else ""
        return f"{self.where}: {self.allowed}, was {self.found}{tail}"


class Refused(Exception):
    """Input that is not taken. Carries every fault that was found, in the order of the input."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        assert self.faults, "a refusal names at least one fault"
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(where: str, found: str, allowed: str, help: str = "") -> Refused:
    """A refusal with one fault, to be raised."""
    return Refused([Fault(where, found, allowed, help)])


def closest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the nearest known word, or an empty string."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.4)
    return f"did you mean '{near[0]}'?" if near else ""
