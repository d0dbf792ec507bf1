"""What a chart of a result is, before it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from gaemi.answers.plots.style import Spec


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart of a result: its name, its title, what it shows in words, and how to draw it wide or narrow."""

    name: str
    title: str
    description: str
    draw: Callable[[bool], Spec]
