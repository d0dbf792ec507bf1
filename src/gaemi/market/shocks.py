"""Shocks in words: assumed moves of indices, currency and single names.

A shock is written as a list of moves and halts::

    KOSPI -20%, KOSDAQ -25%, USDKRW +8% over 3d
    004690 -30% x3 locked fill 2%
    006740 halt 5d

``-20%`` alone is KOSPI. A shock that names KOSPI and not KOSDAQ moves KOSDAQ 1.2 times as many per cent; write
``KOSDAQ 0%`` to keep it still. ``over 3d`` spreads a move over three sessions in equal log steps; at the end of the
text it holds for every move that names none of its own; without it a move takes three sessions. ``x3`` is the same
move on each of three sessions. ``locked`` says that the name closes at its limit and only the share ``fill`` of
what is offered finds a buyer; a locked move takes one session, or as many as ``x`` says.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gaemi.errors import Fault, Refused, closest
from gaemi.sources.tickers import INDICES, KOSDAQ, KOSPI, canonical

DEFAULT_SESSIONS = 3
LONGEST_SESSIONS = 250
KOSDAQ_TENTHS_OF_KOSPI = 12
"""KOSDAQ falls 12 tenths of what KOSPI falls where a shock does not say; a convention of this project."""

_FORM = 'must be written as "KOSPI -20% over 3d", "004690 -30% x3 locked fill 2%" or "006740 halt 5d"'
_MINUS = dict.fromkeys(map(ord, "‐‑‒–—−﹣－"), "-")
_DAYS = r"(?P<days>\d+)\s*(?:d|days?|sessions?)"
_OVER = re.compile(rf"over\s+{_DAYS}", re.IGNORECASE)
_HALT = re.compile(rf"(?P<target>.*?)\s+halt(?:ed)?(?:\s+(?:for\s+)?{_DAYS})?", re.IGNORECASE)
_MOVE = re.compile(r"(?P<target>.*?)\s*(?P<sign>[+-]?)\s*(?P<number>\d+(?:\.\d+)?|\.\d+)\s*%(?P<rest>.*)", re.DOTALL)
_OPTION = re.compile(
    rf"(?P<repeat>x\s*(?P<times>\d+)\b)|(?P<locked>locked\b)|(?P<fill>fill\s+(?P<share>\d+(?:\.\d+)?)\s*%)"
    rf"|(?P<over>over\s+{_DAYS}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Move:
    """One assumed move: ``change_bps`` over ``sessions`` sessions, done ``repeat_days`` times one after another.

    ``fill_bps`` is the share of offered shares that a locked name still sells; None where the text does not say.
    ``implied`` marks the move of KOSDAQ that follows from KOSPI's and was not written.
    """

    target: str
    change_bps: int
    sessions: int = DEFAULT_SESSIONS
    repeat_days: int = 1
    locked: bool = False
    fill_bps: int | None = None
    implied: bool = False

    @property
    def days(self) -> int:
        """Sessions until the move is done."""
        return self.sessions * self.repeat_days

    def __str__(self) -> str:
        words = [self.target, f"{_percent(self.change_bps)}"]
        if self.repeat_days > 1:
            words.append(f"x{self.repeat_days}")
        if self.locked:
            words.append("locked")
        if self.fill_bps is not None:
            words.append(f"fill {_percent(self.fill_bps, sign=False)}")
        if self.repeat_days == 1 and not self.locked:
            words.append(f"over {self.sessions}d")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Halt:
    """A name that does not trade for ``sessions`` sessions, from the first of the scenario on."""

    target: str
    sessions: int

    def __str__(self) -> str:
        return f"{self.target} halt {self.sessions}d"


@dataclass(frozen=True, slots=True)
class Shock:
    """What is assumed to happen: each target at most once. Names that are not named follow their index."""

    moves: tuple[Move, ...] = ()
    halts: tuple[Halt, ...] = ()

    def move_of(self, target: str) -> Move | None:
        """The move of ``target``, or None."""
        return next((move for move in self.moves if move.target == target), None)

    def change_bps(self, target: str) -> int:
        """The change of ``target`` in basis points as written (a repeated move: of one day), 0 where unnamed."""
        move = self.move_of(target)
        return move.change_bps if move else 0

    @property
    def days(self) -> int:
        """Sessions until the last move is done and the last halted name trades again."""
        return max([move.days for move in self.moves] + [halt.sessions for halt in self.halts], default=0)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in (*self.moves, *self.halts))


@dataclass(frozen=True, slots=True)
class _Part:
    """One piece between commas, with the place of its first character (counted from 1)."""

    text: str
    where: str


def with_default(kospi_bps: int, sessions: int = DEFAULT_SESSIONS) -> Shock:
    """The shock of the fragility grid: KOSPI by ``kospi_bps``, KOSDAQ 1.2 times as much, over ``sessions``.

    >>> str(with_default(-2000))
    'KOSPI -20% over 3d, KOSDAQ -24% over 3d'
    """
    move = Move(KOSPI, kospi_bps, sessions)
    shock = Shock((move, _implied_kosdaq(move)))
    faults = [fault for part in shock.moves for fault in _change_faults(part.change_bps, f"shock of {part.target}")]
    if faults:
        raise Refused(faults)
    return shock


def parse_shock(text: str, known: Sequence[str] = (), where: str = "--shock") -> Shock:
    """The shock that ``text`` writes, with indices before names as written; ``known`` lists the single tickers.

    Raises :class:`gaemi.errors.Refused` with every fault: a part that cannot be read, a target that is not known, a
    fall of 100 % or more, a rise of more than 100 %, a target named twice, an option that does not fit.

    >>> str(parse_shock("KOSPI -20%, USDKRW +8% over 5d"))
    'KOSPI -20% over 5d, USDKRW +8% over 5d, KOSDAQ -24% over 5d'
    """
    names = {canonical(name): None for name in (*INDICES, *known)}
    faults: list[Fault] = []
    common = DEFAULT_SESSIONS
    written: list[tuple[Move, bool]] = []
    halts: list[Halt] = []
    parts = _parts(text, where)
    if not any(part.text for part in parts):
        raise Refused([Fault(where, f"'{text.strip()}'", _FORM)])
    for part in parts:
        over = _OVER.fullmatch(part.text)
        halt = _HALT.fullmatch(part.text)
        if not part.text:
            faults.append(Fault(part.where, "nothing between two commas", _FORM))
        elif over:
            common = _sessions(over["days"], part.where, faults)
        elif halt:
            halts.append(_read_halt(halt, part, names, faults))
        else:
            read = _read_move(part, names, faults)
            if read:
                written.append(read)
    if written and written[-1][1]:
        common = written[-1][0].sessions
    moves = [move if own else _spread(move, common) for move, own in written]
    if not faults and not moves and not halts:
        faults.append(Fault(where, f"'{text.strip()}'", "must name a move or a halt beside its length"))
    faults += _repeated([*moves, *halts], where)
    _add_kosdaq(moves, where, faults)
    if faults:
        raise Refused(faults)
    return Shock(tuple(moves), tuple(halts))


def plain_signs(text: str) -> str:
    """The text with every minus, wide digit and wide sign as ASCII writes it."""
    return unicodedata.normalize("NFKC", text.translate(_MINUS)).translate(_MINUS)


def _parts(text: str, where: str) -> list[_Part]:
    """The text between commas, semicolons and line ends, in plain ASCII signs."""
    parts, start = [], 0
    for piece in re.split(r"[,;\n]", plain_signs(text)):
        offset = start + len(piece) - len(piece.lstrip()) + 1
        parts.append(_Part(" ".join(piece.split()), f"{where}, character {offset}"))
        start += len(piece) + 1
    # A comma at the very end is a habit, not a mistake.
    return parts[:-1] if len(parts) > 1 and not parts[-1].text else parts


def _read_halt(match: re.Match[str], part: _Part, names: Iterable[str], faults: list[Fault]) -> Halt:
    target = _target(match["target"], part, names, faults)
    if target in INDICES:
        faults.append(Fault(part.where, f"a halt of {target}", "only a single name can be halted"))
    if match["days"] is None:
        faults.append(Fault(part.where, f"'{part.text}'", 'a halt must say for how long, as "halt 5d"'))
        return Halt(target, 1)
    return Halt(target, _sessions(match["days"], part.where, faults))


def _read_move(part: _Part, names: Iterable[str], faults: list[Fault]) -> tuple[Move, bool] | None:
    """The move of one part, and whether it says for itself how long it takes."""
    match = _MOVE.fullmatch(part.text)
    if match is None or " " in match["target"]:
        faults.append(Fault(part.where, f"'{part.text}'", _FORM))
        return None
    target = _target(match["target"], part, names, faults) if match["target"] else KOSPI
    change_bps = _change_bps(match, part, faults)
    options = _options(match["rest"], part, faults)
    repeat_days = _sessions(options["repeat"], part.where, faults) if "repeat" in options else 1
    locked = "locked" in options
    daily = "repeat" in options or locked
    faults += _option_faults(target, change_bps, options, part.where)
    sessions = _sessions(options["over"], part.where, faults) if "over" in options and not daily else 1
    fill_bps = _fill_bps(options["fill"], part.where, faults) if "fill" in options else None
    own = daily or "over" in options
    return Move(target, change_bps, sessions, repeat_days, locked, fill_bps), own


def _target(written: str, part: _Part, names: Iterable[str], faults: list[Fault]) -> str:
    target = canonical(written)
    if target not in names:
        known = list(names)
        allowed = "must be KOSPI, KOSDAQ, USDKRW or the ticker of an instrument of this run"
        faults.append(Fault(part.where, f"'{written}'", allowed, closest(target, known)))
    return target


def _change_bps(match: re.Match[str], part: _Part, faults: list[Fault]) -> int:
    """The signed change in basis points; 0 after a fault."""
    exact = Decimal(match["number"]) * 100
    if exact and not match["sign"]:
        found = f"{match['number']}% without a sign"
        faults.append(Fault(part.where, found, "a change must carry its sign, as -20% or +20%"))
        return 0
    if exact != int(exact):
        faults.append(Fault(part.where, f"{match['number']}%", "a change has at most two decimals of a per cent"))
        return 0
    change_bps = -int(exact) if match["sign"] == "-" else int(exact)
    faults += _change_faults(change_bps, part.where)
    return change_bps


def _change_faults(change_bps: int, where: str) -> list[Fault]:
    if -10_000 < change_bps <= 10_000:
        return []
    return [Fault(where, _percent(change_bps), "a change must be above -100% and not above +100%")]


def _options(rest: str, part: _Part, faults: list[Fault]) -> dict[str, str]:
    """What stands after the change: ``repeat``, ``locked``, ``fill`` and ``over`` with their figures."""
    options: dict[str, str] = {}
    left = rest.strip()
    while left:
        match = _OPTION.match(left)
        if match is None:
            word = left.split()[0]
            help = closest(word.lower(), ["locked", "fill 2%", "over 3d", "x3", "halt 5d"])
            faults.append(
                Fault(
                    part.where, f"'{left}'", 'after the change may stand "x3", "locked", "fill 2%" and "over 3d"', help
                )
            )
            break
        name = next(name for name in ("repeat", "locked", "fill", "over") if match[name])
        if name in options:
            faults.append(Fault(part.where, f"'{match[0]}'", f"'{name}' may stand once in a move"))
        figures = {"repeat": match["times"], "fill": match["share"], "over": match["days"]}
        options[name] = figures.get(name) or ""
        left = left[match.end() :].strip()
    return options


def _option_faults(target: str, change_bps: int, options: dict[str, str], where: str) -> list[Fault]:
    faults = []
    if "over" in options and ("repeat" in options or "locked" in options):
        found = '"over" beside ' + ('"x"' if "repeat" in options else '"locked"')
        faults.append(Fault(where, found, "a repeated or locked move counts its own sessions", "leave one out"))
    if "locked" in options and target in INDICES:
        faults.append(Fault(where, f"a locked {target}", "only a single name can be locked at its limit"))
    if "locked" in options and change_bps == 0:
        faults.append(Fault(where, "a locked move of 0%", "a locked name moves: its change must not be 0%"))
    if "fill" in options and "locked" not in options:
        faults.append(Fault(where, '"fill" without "locked"', "a fill belongs to a locked name", 'add "locked"'))
    return faults


def _fill_bps(share: str, where: str, faults: list[Fault]) -> int:
    exact = Decimal(share) * 100
    if exact != int(exact) or exact > 10_000:
        faults.append(Fault(where, f"fill {share}%", "a fill must be 0% to 100% with at most two decimals"))
        return 0
    return int(exact)


def _sessions(figure: str, where: str, faults: list[Fault]) -> int:
    count = int(figure) if len(figure) <= 6 else LONGEST_SESSIONS + 1
    if not 1 <= count <= LONGEST_SESSIONS:
        faults.append(Fault(where, f"{figure} sessions", f"a length must be 1 to {LONGEST_SESSIONS} sessions"))
        return 1
    return count


def _spread(move: Move, sessions: int) -> Move:
    return Move(move.target, move.change_bps, sessions)


def _repeated(named: Sequence[Move | Halt], where: str) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[str, Move | Halt] = {}
    for part in named:
        if part.target in seen:
            found = f"'{seen[part.target]}' and '{part}'"
            faults.append(Fault(where, found, f"{part.target} may be named once", "a halted name does not move"))
        seen.setdefault(part.target, part)
    return faults


def _implied_kosdaq(kospi: Move) -> Move:
    size = (abs(kospi.change_bps) * KOSDAQ_TENTHS_OF_KOSPI + 5) // 10
    change_bps = -size if kospi.change_bps < 0 else size
    return Move(KOSDAQ, change_bps, kospi.sessions, kospi.repeat_days, implied=True)


def _add_kosdaq(moves: list[Move], where: str, faults: list[Fault]) -> None:
    """KOSDAQ follows KOSPI where the text names only the latter."""
    kospi = next((move for move in moves if move.target == KOSPI), None)
    if kospi is None or any(move.target == KOSDAQ for move in moves):
        return
    implied = _implied_kosdaq(kospi)
    moves.append(implied)
    for fault in _change_faults(implied.change_bps, where):
        found = f"{fault.found} for KOSDAQ, 1.2 times KOSPI's {_percent(kospi.change_bps)}"
        faults.append(Fault(where, found, fault.allowed, 'name KOSDAQ too, as "KOSDAQ -90%"'))


def _percent(bps: int, sign: bool = True) -> str:
    number = Decimal(bps) / 100
    text = f"{number.normalize():f}"
    return f"+{text}%" if sign and bps > 0 else f"{text}%"
