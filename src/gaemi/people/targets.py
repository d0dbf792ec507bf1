"""The table of targets: every published or assumed total that the population was built to meet, and what it reached."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """One total. ``exact`` says that the population must reach it to the unit at full scale."""

    name: str
    source: str
    unit: str
    target: int
    reached: int
    exact: bool

    @property
    def error(self) -> int:
        return self.reached - self.target

    @property
    def error_share(self) -> float:
        """The error as a share of the target; 0 where the target is 0 and met."""
        return self.error / self.target if self.target else float(self.error != 0)


@dataclass(slots=True)
class Targets:
    """All targets of a population in order, and remarks on how they were reached."""

    rows: list[Target] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, name: str, source: str, unit: str, target: int, reached: int, exact: bool = False) -> None:
        self.rows.append(Target(name, source, unit, int(target), int(reached), exact))

    def __iter__(self) -> Iterator[Target]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def named(self, name: str) -> Target:
        return next(row for row in self.rows if row.name == name)

    def missed(self) -> list[Target]:
        """Exact targets that were not reached to the unit."""
        return [row for row in self.rows if row.exact and row.error]
