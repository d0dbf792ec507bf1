"""What may be asked of the site, as forms, links and the JSON API say it. Nothing here names a file of this machine.

Fields are those of the views' requests that need no file; what the views themselves refuse is refused by them, in the
same words. Sizes that would hold the machine for long are bounded here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gaemi.market.coin_episodes import COIN_EPISODES
from gaemi.market.episodes import EPISODES

MOST_PATHS, MOST_BOOK_PATHS, MOST_ITEMS, MOST_DAYS = 50_000, 2_000, 60, 250
EPISODE_NAMES = (*(each.name for each in EPISODES), *(each.name for each in COIN_EPISODES))
COMPARED = "-30%"
DEEPEST = 10

Text = Annotated[str, Field(max_length=400)]
Words = Annotated[str, Field(max_length=60)]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="Seed of all luck.")]
Days = Annotated[int | None, Field(ge=1, le=MOST_DAYS, description="Sessions to run.")]
Shock = Annotated[str | None, Field(max_length=400, description='One assumed move: "KOSPI -20%, KOSDAQ -25% over 3d".')]
Day = Annotated[date | None, Field(le=date(2099, 12, 31), description="The day of the figures.")]
Episode = Annotated[Literal[EPISODE_NAMES] | None, Field(description="A recorded episode, by its name.")]  # type: ignore[valid-type]


class Asked(BaseModel):
    """Unknown fields are refused, so that a slip of the pen is not an answer to another question."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class AccountAsk(Asked):
    """One account: what is held, what is owed, the goal. ``account`` has the keys of an account file instead."""

    account: Annotated[dict[str, Any] | None, Field(description="The account as an account file says it.")] = None
    holding: Annotated[list[Text], Field(max_length=MOST_ITEMS, description='"005930 1000 @ 71000"')] = []
    loan: Annotated[list[Text], Field(max_length=MOST_ITEMS, description='"45m on 005930"')] = []
    cash: Words | None = None
    goal: Words | None = None
    by: Words | None = None
    saving: Words | None = None
    firm: Words | None = None
    drift: Words | None = None
    what_if: Annotated[list[Text], Field(max_length=6, description='"add 10m", "loan -20m"')] = []
    replay: Episode = None
    on: Day = None
    paths: Annotated[int, Field(ge=100, le=MOST_PATHS)] = 10_000
    quick: Annotated[bool, Field(description="Nothing beside it, and one drift fewer.")] = False
    seed: Seed = 0

    @field_validator("account")
    @classmethod
    def _can_be_written(cls, account: dict[str, Any] | None) -> dict[str, Any] | None:
        """JSON may hold half of a letter, which no document can, and lists in lists without end."""
        if _depth(account) > DEEPEST:
            raise ValueError(f"lists and maps may stand {DEEPEST} deep in each other")
        try:
            json.dumps(account, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("its words must be whole letters") from None
        return account


class CountryAsk(Asked):
    """Korea's borrowers: the fragility curve, one ``shock``, or the ``replay`` of an episode."""

    shock: Shock = None
    replay: Episode = None
    state: Annotated[Literal["shipped", "simple"] | None, Field(description="Whose accounts.")] = None
    on: Day = None
    scale: Annotated[int, Field(ge=1, le=10_000, description="Every k-th investor, each standing for k.")] = 100
    days: Days = None
    feedback: Annotated[bool | None, Field(description="Whether forced sales move prices.")] = None
    coins: bool = False
    seed: Seed = 0


class CompareAsk(Asked):
    """The country under today's law and under a ``reform``: the name of a shipped one, or the text of a reform file."""

    reform: Annotated[str, Field(min_length=1, max_length=20_000)]
    shock: Shock = COMPARED
    state: Annotated[Literal["shipped", "simple"] | None, Field(description="Whose accounts.")] = None
    on: Day = None
    scale: Annotated[int, Field(ge=1, le=10_000)] = 100
    days: Days = None
    coins: bool = False
    seed: Seed = 0


class BookAsk(Asked):
    """The site's book: as it stands, under a ``shock`` or a ``replay``, to the fall of a ``break_share``."""

    shock: Shock = None
    replay: Episode = None
    break_share: Annotated[
        Words | None, Field(description='Share of the loans at which it counts as broken: "5%".')
    ] = None
    paths: Annotated[int, Field(ge=0, le=MOST_BOOK_PATHS)] = 0
    horizon: Days = None
    days: Days = None
    feedback: bool | None = None
    firm: Words | None = None
    capital: Words | None = None
    on: Day = None
    seed: Seed = 0


ASKS: Mapping[str, type[Asked]] = {
    "account": AccountAsk,
    "country": CountryAsk,
    "compare": CompareAsk,
    "book": BookAsk,
}


def _depth(value: Any) -> int:
    """How deep lists and maps stand in each other; a little more than the most where it is more."""
    depth, level = 0, [value]
    while depth <= DEEPEST and any(isinstance(each, dict | list) for each in level):
        depth += 1
        maps = [part for each in level if isinstance(each, dict) for part in each.values()]
        level = maps + [part for each in level if isinstance(each, list) for part in each]
    return depth


@dataclass(frozen=True, slots=True)
class Ask:
    """A view, its fields, and files that came with them: contents by a name of ours."""

    view: str
    fields: Asked
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def lane(self) -> str:
        """Which worker answers: quick ones never wait behind long ones."""
        if self.view == "account":
            return "moment" if getattr(self.fields, "quick", False) else "account"
        return "long"

    @property
    def is_private(self) -> bool:
        """Whether it holds somebody's own figures: then nobody finds it who was not told its name."""
        return self.view in ("account", "book")

    def name(self, secret: str) -> str | None:
        """The name that the same question always has, or None where each time is one of its own.

        A public question is named by what it asks; one of the site's book too, but so that only this site, which alone
        knows ``secret``, can tell the name from the question.
        """
        if self.view == "account" or self.files:
            return None
        text = json.dumps([self.view, self.fields.model_dump(mode="json")], sort_keys=True)
        key = secret.encode() if self.is_private else b""
        return hashlib.blake2b(text.encode(), key=key, digest_size=15).hexdigest()
