"""An account given as a table (CSV, Parquet, a frame) or as a mapping, as the nodes that the reader of accounts takes.

A table has one row for each holding. Headers may be English, Korean, or the field names of the open interface of
Korea Investment & Securities (``inquire_balance``: pdno, hldg_qty, pchs_avg_pric, prpr, loan_dt, loan_amt, expd_dt).
What belongs to the account, its cash for one, may stand in a column with the same value in every row.
"""

import re
from collections.abc import Mapping
from typing import Any

from gaemi.law.lines import Node
from gaemi.sources.account_words import ACCOUNT_KEYS, HOLDING_KEYS, Places, aliases, plain, spelled
from gaemi.sources.tables import Table, tables_in

_OF_ACCOUNT = ("on", "firm", "cash", "dollars", "goal", "by", "saving")
_ZERO_IS_NOTHING = ("loan", "opened", "due")
"""Interfaces fill these with 0 or 00000000 where a row has no loan."""

_IN_BRACKETS = re.compile(r"(.*?)\s*\(([^()]*)\)")
_PLAIN_UNITS = ("원", "krw", "won", "주", "shares", "usd", "달러", "$", "%")


def table_root(table: Table, faults: Places) -> tuple[Node, tuple[str, ...]]:
    """The account that a table describes, and one note for each column that is not used.

    Two columns that mean the same, an amount in thousands, and a cash column whose rows differ are faults.
    """
    columns, unused = _columns(table, faults)
    cells = {name: [spelled(cell) for cell in table.column(index).to_list()] for name, index in columns.items()}
    holdings = []
    for at, row in enumerate(int(row) for row in table.rows()):
        words = {name: cells[name][at] for name in HOLDING_KEYS if name in cells and cells[name][at]}
        for name in _ZERO_IS_NOTHING:
            if not words.get(name, "").strip("0.,"):
                words.pop(name, None)
        if words:
            holdings.append(Node("map", row, [(_word(name, row), _word(cell, row)) for name, cell in words.items()]))
    root = [(_word("holdings", table.first_row), Node("list", table.first_row, holdings))]
    for name in _OF_ACCOUNT:
        filled = [(cell, row) for cell, row in zip(cells.get(name, ()), table.rows(), strict=False) if cell]
        for cell, row in filled:
            if cell != filled[0][0]:
                said = f"row {filled[0][1]} says '{filled[0][0]}'"
                faults.add(_word(cell, int(row)), f"{name} must be the same in every row", f"'{cell}'", said)
        if filled:
            root.append((_word(name, int(filled[0][1])), _word(filled[0][0], int(filled[0][1]))))
    return Node("map", table.first_row, root), tuple(f"{table.name}: column '{name}' is not used" for name in unused)


def _columns(table: Table, faults: Places) -> tuple[dict[str, int], list[str]]:
    """The column of each known name, and the headers that mean nothing here."""
    known = aliases({name: ACCOUNT_KEYS[name] for name in _OF_ACCOUNT}) | aliases(HOLDING_KEYS)
    header_row = table.first_row - 1
    columns: dict[str, int] = {}
    unused = []
    for index, header in enumerate(table.headers):
        bracketed = _IN_BRACKETS.fullmatch(header)
        base, unit = bracketed.groups() if bracketed else (header, "")
        name = known.get(plain(base))
        if name is None:
            unused += [header] if header else []
        elif unit and unit.strip().lower() not in _PLAIN_UNITS:
            faults.add(_word(header, header_row), f"{name} must be in whole units, won or dollars", f"'{header}'")
        elif name in columns:
            said = f"'{table.headers[columns[name]]}' says it already"
            faults.add(_word(header, header_row), f"a table must have one column of {name}", f"'{header}'", said)
        else:
            columns[name] = index
    for name in ("ticker", "quantity"):
        if name not in columns:
            had = ", ".join(f"'{header}'" for header in table.headers if header) or "no header"
            others = ", ".join((name, *HOLDING_KEYS[name]))
            faults.add(
                _word(name, header_row), f"a table must have a column of {name}", had, f"name it one of {others}"
            )
    if "ticker" not in columns or "quantity" not in columns:
        faults.refuse()
    return columns, unused


def _word(word: str, line: int) -> Node:
    return Node("word", line, word, word)


class Mapped:
    """A mapping as nodes; the line of each is the place in ``names`` of words such as ``account holdings[0].quantity``.

    ``notes`` collects those of the frames in it.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.notes: tuple[str, ...] = ()
        self.faults = Places("account")
        self.faults.names = self.names

    def node(self, value: Any, name: str = "account") -> Node:
        """The node of a value of Python: a map, a list, a frame of holdings, or a word."""
        line = self._line(name)
        if hasattr(value, "columns"):
            return self._frame(value, name)
        if isinstance(value, Mapping):
            inner = "account " if name == "account" else f"{name}."
            found = []
            for key, part in value.items():
                # A plain reader of YAML 1.1 turns the bare key `on` into True.
                spelling = "on" if key is True else str(key)
                node = self.node(part, f"{inner}{spelling}")
                found.append((_word(spelling, node.line), node))
            return Node("map", line, found)
        if isinstance(value, list | tuple) or getattr(value, "ndim", 0) == 1:
            return Node("list", line, [self.node(part, f"{name}[{index}]") for index, part in enumerate(value)])
        word = spelled(value)
        return Node("word", line, value if isinstance(value, bool) else word or None, word)

    def _frame(self, frame: Any, name: str) -> Node:
        (table,) = tables_in(frame)
        # Rows of a frame count from 1; row 0 is its header.
        lines = [self._line(f"{name} row {row}") for row in range(table.cells.height + 1)]
        root, notes = table_root(Table(name, table.headers, (), table.cells, lines[0] + 1), self.faults)
        self.notes += notes
        holdings: Node = root.value[0][1]
        return holdings

    def _line(self, name: str) -> int:
        self.names.append(name)
        return len(self.names) - 1
