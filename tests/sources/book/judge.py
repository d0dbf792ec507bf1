"""The judge: which cells of a drawn book must be named in the rejects, told slowly, one row after another.

Written from the tables' meaning, not from the reader: no arrays, no parsing (the drawing says what a cell means).
"""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from sources.book.drawn import ON, Bad, Book, Cell

SHIPPED = {"005930": 107_500, "000660": 559_000, "035720": 65_100, "NVDA": 202}
ABROAD = {"NVDA"}
UNFIT = {"5930", "KOSPI", "KRW-BTC"}
NEEDED = {"accounts": {"account"}, "instruments": {"ticker"}, "loans": {"account", "principal"}}
NEEDED["holdings"] = {"account", "ticker", "quantity"}
MOST_POOL_WON = 50_000_000_000
Fault = tuple[str, int, str]


class Judge:
    """Faults as table, index of the row and column; a row with a fault is rejected."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.faults: set[Fault] = set()
        self._cells()
        self._accounts()
        self._instruments()
        self._holdings()
        self._loans()

    def good(self, table: str) -> list[int]:
        """Indices of the rows of a table that nothing was said against."""
        gone = {index for name, index, _ in self.faults if name == table}
        return [index for index in range(len(self.book.get(table, []))) if index not in gone]

    def value(self, table: str, index: int, column: str) -> Any:
        return self.book[table][index][column].value

    def _name(self, table: str, rows: list[int], column: str) -> None:
        self.faults |= {(table, index, column) for index in rows}

    def _cells(self) -> None:
        for table, rows in self.book.items():
            for index, row in enumerate(rows):
                wrong = [column for column, cell in row.items() if self._is_wrong(table, column, cell)]
                self.faults |= {(table, index, column) for column in wrong}

    @staticmethod
    def _is_wrong(table: str, column: str, cell: Cell) -> bool:
        return cell.value is Bad.CELL or (cell.value is None and column in NEEDED[table])

    def _twice(self, table: str, column: str) -> None:
        """Name the rows of what stands in several rows, also where one of them has another fault."""
        named = {
            i: row[column].value for i, row in enumerate(self.book.get(table, [])) if row[column].value is not None
        }
        times = Counter(named.values())
        self._name(table, [index for index, name in named.items() if times[name] > 1], column)

    def _accounts(self) -> None:
        """Which accounts there are: those of their table, else those that hold something."""
        self._twice("accounts", "account")
        table = "accounts" if "accounts" in self.book else "holdings"
        self.accounts = {self.value(table, index, "account") for index in self.good(table)}
        for other in ("holdings", "loans"):
            self._name_strangers(other)

    def _name_strangers(self, table: str) -> None:
        lost = [index for index in self.good(table) if self.value(table, index, "account") not in self.accounts]
        self._name(table, lost, "account")

    def _instruments(self) -> None:
        """Prices: of the table of instruments, else shipped."""
        self._twice("instruments", "ticker")
        good = self.good("instruments")
        dollars = [i for i in good if self.value("instruments", i, "currency") == "USD"]
        home = [i for i in dollars if self.value("instruments", i, "ticker") not in UNFIT]
        self._name("instruments", home, "currency")
        own = {i: self.book["instruments"][i] for i in self.good("instruments")}
        told = {row["ticker"].value: row["price"].value for row in own.values() if row["price"].value is not None}
        self.prices = {name: price for name, price in (SHIPPED | told).items() if name not in UNFIT}

    def _holdings(self) -> None:
        home = {self.value("holdings", i, "ticker") for i in self.good("holdings")} - ABROAD - UNFIT
        wrong = {"KRW": ABROAD, "USD": home}
        for index in self.good("holdings"):
            row = self.book["holdings"][index]
            if row["ticker"].value in wrong.get(row["currency"].value, ()):
                self.faults.add(("holdings", index, "currency"))
        lost = [i for i in self.good("holdings") if self.value("holdings", i, "ticker") not in self.prices]
        self._name("holdings", lost, "ticker")

    def _loans(self) -> None:
        for check in (self._loan_dates, self._loan_pools, self._loan_names, self._loan_sizes):
            check()
        self.held: dict[str, Counter[str]] = defaultdict(Counter)
        for index in self.good("holdings"):
            row = self.book["holdings"][index]
            self.held[row["account"].value][row["ticker"].value] += row["quantity"].value
        self.on = {index: self.value("loans", index, "ticker") for index in self.good("loans")}
        self._loan_tickers()
        self._loan_claims()
        self._loan_rest()

    def kind(self, index: int) -> str:
        return str(self.value("loans", index, "kind") or "margin")

    def _loan_dates(self) -> None:
        for index in self.good("loans"):
            opened, due = (self.value("loans", index, name) for name in ("opened", "due"))
            if opened is not None and opened > ON:
                self.faults.add(("loans", index, "opened"))
            elif due is not None and (due < (opened or date.min) or (due <= ON and self.kind(index) != "unsettled")):
                self.faults.add(("loans", index, "due"))

    def _loan_pools(self) -> None:
        for index in self.good("loans"):
            pool = self.value("loans", index, "pool")
            if pool is not None and (pool == "stock_loan") != (self.kind(index) == "stock_loan"):
                self.faults.add(("loans", index, "pool"))

    def _loan_names(self) -> None:
        for index in self.good("loans"):
            ticker = self.value("loans", index, "ticker")
            if ticker is not None and (ticker not in self.prices or ticker in ABROAD):
                self.faults.add(("loans", index, "ticker"))

    def _loan_sizes(self) -> None:
        pools = {"margin": "broker", "pledged": "broker"}
        sums: Counter[tuple[str, str]] = Counter()
        place = {}
        for index in self.good("loans"):
            place[index] = (self.value("loans", index, "account"), pools.get(self.kind(index), self.kind(index)))
            sums[place[index]] += self.value("loans", index, "principal")
        self._name("loans", [index for index, pool in place.items() if sums[pool] > MOST_POOL_WON], "principal")

    def _home(self, index: int) -> list[str]:
        return sorted(set(self.held[self.value("loans", index, "account")]) - ABROAD)

    def is_whole(self, index: int) -> bool:
        """Whether the loan is on all that no other loan claims."""
        return self.value("loans", index, "ticker") is None and self.kind(index) in ("pledged", "stock_loan")

    def _loan_tickers(self) -> None:
        for index in self.good("loans"):
            if self.on[index] is None and not self.is_whole(index):
                can = self._home(index)
                if len(can) == 1:
                    self.on[index] = can[0]
                else:
                    self.faults.add(("loans", index, "ticker"))

    def _named(self) -> dict[tuple[str, str], list[int]]:
        """Loans by account and ticker, without those on all that is left."""
        found = defaultdict(list)
        for index in self.good("loans"):
            if not self.is_whole(index):
                found[self.value("loans", index, "account"), self.on[index]].append(index)
        return found

    def _loan_claims(self) -> None:
        for (account, ticker), rows in self._named().items():
            shares = self.held[account][ticker]
            claims = sum(self.value("loans", index, "quantity") or 0 for index in rows)
            silent = {self.kind(i) for i in rows if self.value("loans", i, "quantity") is None}
            if shares == 0:
                self._name("loans", rows, "ticker")
            elif claims > shares or (silent and claims == shares) or len(silent) > 1:
                self._name("loans", rows, "quantity")

    def _loan_rest(self) -> None:
        left = {account: Counter(shares) for account, shares in self.held.items()}
        for (account, ticker), rows in self._named().items():
            claims = [self.value("loans", index, "quantity") for index in rows]
            left[account][ticker] -= left[account][ticker] if None in claims else sum(claims)
        whole = defaultdict(list)
        for index in self.good("loans"):
            if self.is_whole(index):
                whole[self.value("loans", index, "account")].append(index)
        for account, rows in whole.items():
            rest = sum(count for ticker, count in left.get(account, Counter()).items() if ticker not in ABROAD)
            if not rest or len({self.kind(index) for index in rows}) > 1:
                self._name("loans", rows, "ticker")
