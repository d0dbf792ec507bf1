"""Read one investor's account: from YAML, JSON or CSV, from a mapping or a frame, or from options of the command.

A file names what is held, what is owed, and the goal::

    cash: 5m
    holdings:
      - {ticker: "005930", quantity: 1000, price: 71000}
      - TSLL 300 @ 20.48                    # or as one line, as the options of the command are written
    loans:
      - 45m on 005930
    goal: 6억
    by: 2030-12-31

Keys may be Korean (보유, 종목, 수량 ...). Everything that is wrong is told in one pass. Whether a ticker exists and
whether a loan is allowed are questions for those who know the prices and the law.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from gaemi.errors import refuse
from gaemi.law import lines
from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_cfd import CfdLine, cfd
from gaemi.sources.account_coin_loans import CoinLoanLine, coin_loan
from gaemi.sources.account_coins import CoinLine
from gaemi.sources.account_lots import HoldingLine, LoanLine, Lots
from gaemi.sources.account_positions import PositionLine, position
from gaemi.sources.account_tables import Mapped, table_root
from gaemi.sources.account_words import Places
from gaemi.sources.tables import CSV_ENDINGS, PARQUET_ENDINGS, decoded, read_file, tables_in

__all__ = [
    "AccountFile",
    "CfdLine",
    "CoinLine",
    "CoinLoanLine",
    "HoldingLine",
    "LoanLine",
    "PositionLine",
    "account_of_options",
    "read_account",
    "with_options",
]

TREE_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class AccountFile:
    """What an investor says about an account, read and checked for form alone.

    ``on`` is the day of the figures. ``saving_won`` goes in each month, into ``saving_into`` or else stays cash.
    ``drift_pct`` is the investor's own guess of the return a year. ``elsewhere_won`` is other money of the same
    person that secures nothing. ``notes`` say what was left unread.
    """

    name: str
    on: date | None = None
    firm: str | None = None
    cash_won: int = 0
    dollars_cents: int = 0
    holdings: tuple[HoldingLine, ...] = ()
    loans: tuple[LoanLine, ...] = ()
    positions: tuple[PositionLine, ...] = ()
    goal_won: int | None = None
    by: date | None = None
    saving_won: int = 0
    saving_into: str | None = None
    drift_pct: float | None = None
    elsewhere_won: int = 0
    origin: str = ""
    notes: tuple[str, ...] = ()
    coins: tuple[CoinLine, ...] = ()
    sell_at: str | None = None
    wallet: float | None = None
    cfds: tuple[CfdLine, ...] = ()
    coin_loans: tuple[CoinLoanLine, ...] = ()


def read_account(source: str | Path | Mapping[str, Any] | Any) -> AccountFile:
    """The account of a file (YAML, JSON, CSV, Parquet), of a mapping with the same keys, or of a frame of holdings.

    Text is UTF-8, with or without byte order mark, or CP949. Raises :class:`gaemi.errors.Refused` with every fault
    of the source: where it stands, what was found, what is allowed.
    """
    if isinstance(source, Mapping):
        mapped = Mapped()
        root, faults = mapped.node(source), mapped.faults
        return _account(root, faults, AccountFile("account", origin="a mapping", notes=mapped.notes))
    if isinstance(source, str | Path):
        path = Path(source)
        if path.suffix.lower() in TREE_ENDINGS:
            return _of_tree(path)
        if not path.is_file() or path.suffix.lower() not in CSV_ENDINGS + PARQUET_ENDINGS:
            endings = ", ".join(TREE_ENDINGS + CSV_ENDINGS + PARQUET_ENDINGS)
            raise refuse(str(source), _kind_of(path), f"an account must be a file that ends in {endings}")
        table, before = read_file(path), AccountFile(path.stem, origin=path.name)
    else:
        (table,) = tables_in(source)
        before = AccountFile("account", origin="a frame")
    faults = Places(table.name, "row")
    root, notes = table_root(table, faults)
    return _account(root, faults, replace(before, notes=notes))


def account_of_options(
    holding: Sequence[str] = (),
    loan: Sequence[str] = (),
    cash: str | None = None,
    goal: str | None = None,
    by: str | None = None,
    saving: str | None = None,
    firm: str | None = None,
) -> AccountFile:
    """The account that the options of the command describe: ``--holding "005930 1000 @ 71000" --loan "45m"``.

    Raises :class:`gaemi.errors.Refused` with every fault, each under its option.
    """
    return with_options(AccountFile("account", origin="options"), holding, loan, cash, goal, by, saving, firm)


def with_options(
    account: AccountFile,
    holding: Sequence[str] = (),
    loan: Sequence[str] = (),
    cash: str | None = None,
    goal: str | None = None,
    by: str | None = None,
    saving: str | None = None,
    firm: str | None = None,
) -> AccountFile:
    """The account with options over it: holdings and loans are added, single values replaced; None keeps what is there.

    Raises :class:`gaemi.errors.Refused` with every fault, each under its option.
    """
    places = Places("options")

    def word(option: str, said: str) -> Node:
        places.names.append(option)
        return Node("word", len(places.names) - 1, said, said)

    lists = (("holdings", "--holding", holding), ("loans", "--loan", loan))
    singles = (("cash", cash), ("goal", goal), ("by", by), ("saving", saving), ("firm", firm))
    # The first place is that of the options as a whole.
    root: list[tuple[Node, Node]] = []
    top = word("--holding", "")
    for key, option, said in lists:
        lines_said = [said] if isinstance(said, str) else said
        items = [word(f"{option} '{line}'", line) for line in lines_said]
        root.append((Node("word", top.line, key, key), Node("list", top.line, items)))
    for key, value in singles:
        if value is not None:
            root.append((Node("word", top.line, key, key), word(f"--{key}", value)))
    return _account(Node("map", top.line, root), places, account)


def _kind_of(path: Path) -> str:
    return "a folder" if path.is_dir() else f"'{path.suffix}'" if path.exists() else "nothing there"


class _Decoded:
    """A file that was decoded already, for a reader that asks for its name and its text."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text

    def read_text(self, encoding: str) -> str:
        return self._text


def _of_tree(path: Path) -> AccountFile:
    try:
        text = decoded(path.name, path.read_bytes())
    except OSError as problem:
        raise refuse(str(path), problem.strerror or "no file", "must be a file that can be read") from None
    if path.suffix.lower() == ".json":
        # JSON may be set out with tabs, which YAML does not take; inside its words they are written as \t.
        text = text.replace("\t", " ")
    root = lines.read(cast(Path, _Decoded(path.name, text)))
    if root is None or (root.kind == "word" and root.value is None):
        raise refuse(path.name, "an empty file", "an account must name holdings or cash")
    return _account(root, Places(path.name), AccountFile(path.stem, origin=path.name))


def _account(root: Node, faults: Places, before: AccountFile) -> AccountFile:
    """The account that stands in the root, over what was known before."""
    found = words.named(root, faults, "an account", words.ACCOUNT_KEYS)
    reader = Lots(faults, {*(line.ticker for line in before.holdings), *(line.ticker for line in before.coins)})
    for node in _items(found.get("holdings"), faults, "holdings"):
        reader.holding(node)
    for key in ("loans", "margin"):
        for node in _items(found.get(key), faults, key):
            reader.loan(node, is_margin=key == "margin")
    read_positions = [position(node, faults) for node in _items(found.get("positions"), faults, "positions")]
    cfds = [cfd(node, faults) for node in _items(found.get("cfd"), faults, "cfd")]
    lent = [coin_loan(node, faults) for node in _items(found.get("coin_loans"), faults, "coin_loans")]
    values: dict[str, Any] = {}
    for field, key, read in _FIELDS:
        if key in found:
            values[field] = read(found[key], faults)
    account = replace(before, **{field: value for field, value in values.items() if value is not None})
    on = account.on
    reader.check(on)
    if account.by is not None and on is not None and account.by <= on:
        late = found.get("by") or found.get("on") or root
        faults.add(late, f"by must be after {on}, the day of the account", str(account.by), "a goal lies in the future")
    account = replace(
        account,
        holdings=before.holdings + reader.holdings,
        loans=before.loans + reader.loans,
        coins=before.coins + reader.coins,
        cfds=before.cfds + tuple(each for each in cfds if each is not None),
        coin_loans=before.coin_loans + tuple(each for each in lent if each is not None),
        notes=before.notes + reader.notes,
        positions=before.positions + tuple(each for each in read_positions if each is not None),
    )
    lots = (account.holdings, account.coins, account.positions, account.cfds, account.coin_loans)
    held = any(lots) or account.cash_won or account.dollars_cents
    if not faults.found and not held:
        faults.add(root, "an account must name holdings or cash", "neither")
    faults.refuse()
    return account


def _items(node: Node | None, faults: Places, what: str) -> list[Node]:
    """The items of a list; a single line may stand for a list of one."""
    if node is None:
        return []
    if node.kind == "list":
        return list(node.value)
    if node.kind == "map":
        faults.add(node, f"{what} must be a list", help="begin each item with a hyphen")
        return []
    return [node]


def _saving(node: Node, faults: Places) -> int | None:
    """Won a month, which the text may say once more: ``500k a month``, ``월 50만원``."""
    bare = re.sub(r"\s*(?:a month|per month|/\s*month|/\s*월)$|^(?:매월|매달|월)\s*", "", node.raw.strip())
    return words.money(node if bare == node.raw.strip() else replace(node, raw=bare, value=bare), faults, "saving")


_FIELDS = (
    ("name", "name", lambda node, faults: words.text(node, faults, "name")),
    ("on", "on", lambda node, faults: words.day(node, faults, "on")),
    ("firm", "firm", lambda node, faults: words.text(node, faults, "firm")),
    ("cash_won", "cash", lambda node, faults: words.money(node, faults, "cash")),
    ("dollars_cents", "dollars", lambda node, faults: words.cents(node, faults, "dollars")),
    ("goal_won", "goal", lambda node, faults: words.money(node, faults, "goal", least=1)),
    ("by", "by", lambda node, faults: words.day(node, faults, "by")),
    ("saving_won", "saving", _saving),
    ("saving_into", "saving_into", lambda node, faults: words.ticker(node, faults, "saving_into")),
    ("drift_pct", "drift", lambda node, faults: words.factor(node, faults, "drift", "%", (-100, 1000))),
    ("wallet", "wallet", lambda node, faults: words.amount(node, faults, "wallet")),
    ("sell_at", "sell_at", lambda node, faults: words.text(node, faults, "sell_at")),
    ("elsewhere_won", "elsewhere", lambda node, faults: words.money(node, faults, "elsewhere")),
)
