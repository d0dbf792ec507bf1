"""Broken files: each gives a reject with its line or a refusal in words; never a traceback, never half of a book."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.records.book import HOLDINGS
from gaemi.sources.book.reader import BookTables, read_tables
from gaemi.sources.book.words import HEADERS

HEAD = "account,ticker,quantity\n"
QUOTE = "a quotation mark must be closed on its line"
TEXT = "must be text in UTF-8 or CP949"
SHARES = "quantity must be a whole number of shares"
SHORT = "short positions and overdrafts are not taken, see docs/book.md#short"
FRACTIONS, WRITE = "fractions are not taken, see docs/book.md#fractions", "write it as 1000 or 1,000주"
UNREADABLE = "must be a readable table"
ANEW = "nothing of this source was used; write it anew"
NO_FOOTER = "'Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.'"


def accepted(read: BookTables) -> list[tuple[str, str, int]]:
    """Account, ticker and quantity of the holdings that can be read by themselves."""
    table = read.tables["holdings"]
    tickers = [read.words["ticker"][code] for code in table.values["ticker"]]
    whole = zip(table.account.to_list(), tickers, table.values["quantity"].tolist(), table.bad, strict=True)
    return [(account, ticker, quantity) for account, ticker, quantity, bad in whole if not bad]


def told(read: BookTables) -> list[tuple[int, str, str, str, str]]:
    return read.rejects.frame().select("row", "column", "found", "allowed", "help").rows()


def refusals(source: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_tables(source)
    return [str(fault) for fault in refused.value.faults]


def lacks(file: str, had: str, *names: str) -> list[str]:
    """The refusals of a table that has none of the headers of some columns."""
    return [
        f"{file}: the table of holdings must have a column of {name}, was {had}; "
        f"name it one of {', '.join((name, *HEADERS['holdings'][name]))}"
        for name in names
    ]


ALL_NEEDED = [column.name for column in HOLDINGS if column.required]
READ = {
    "a byte order mark": (HEAD + "A,005930,1\n").encode("utf-8-sig"),
    "Korean headers in CP949": "계좌번호,종목코드,보유수량\nA,005930,1\n".encode("cp949"),
    "carriage returns": b"account,ticker,quantity\r\nA,005930,1\r\n",
    "no newline at the end": (HEAD + "A,005930,1").encode(),
    "blank lines": ("\n\n" + HEAD + "\n\nA,005930,1\n\n\r\n").encode(),
    "lines with nothing but separators": (HEAD + ",,\nA,005930,1\n,,\n").encode(),
    "lines of '#' above the header": ("# of the risk desk\n#a;b\n\n" + HEAD + "A,005930,1\n").encode(),
    "semicolons": b"account;ticker;quantity\nA;005930;1\n",
    "tabs": b"account\tticker\tquantity\nA\t005930\t1\n",
    "bars": b"account|ticker|quantity\nA|005930|1\n",
    "quoted headers and cells": b'"account","ticker","quantity"\n"A","005930","1"\n',
    "spaces around everything": b" Account ID , Ticker ,  Quantity \n A , 005930 , 1 \n",
    "a column without a header": b"account,ticker,quantity,\nA,005930,1,x\n",
    "field names of an open interface": b"CANO,PDNO,HLDG_QTY\nA,A005930,1\n",
    "another order of columns": b"quantity,account,ticker\n1,A,005930.KS\n",
}


@pytest.mark.parametrize("case", READ)
@pytest.mark.parametrize("ending", [".csv", ".TXT"])
def test_text_as_offices_write_it_is_read(case: str, ending: str, tmp_path: Path) -> None:
    (tmp_path / f"holdings{ending}").write_bytes(READ[case])
    read = read_tables(str(tmp_path))
    assert ([("A", "005930", 1)], []) == (accepted(read), told(read))


def test_segments_in_cp949_and_quoted_separators_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_bytes('계좌,지점\n김개미,강남 지점\n"B, C","""여의도"""\n'.encode("cp949"))
    (tmp_path / "holdings.csv").write_text(HEAD + '"B, C",005930,"1,000"\n', encoding="utf-8")
    read = read_tables(str(tmp_path))
    assert [("B, C", "005930", 1000)] == accepted(read)
    codes = read.tables["accounts"].values["segment"]
    assert ["강남 지점", '"여의도"'] == [read.words["segment"][code] for code in codes]


REJECTED = {
    "a row that is too short and one that is too long": (
        "A,005930\nB,005930,1,\nC,005930,3\n", [("C", "005930", 3)],
        [(2, "", "2 cells: 'A,005930'", "a row must have 3 cells, as the header has", ""),
         (3, "", "4 cells: 'B,005930,1,'", "a row must have 3 cells, as the header has", "")],
    ),
    "a line of '#' amid the rows": (
        "A,005930,1\n# end of page\nB,005930,2\n", [("A", "005930", 1), ("B", "005930", 2)],
        [(3, "", "1 cell: '# end of page'", "a row must have 3 cells, as the header has", "")],
    ),
    "a quotation mark that is left open": (
        'A,"005930,1\nC,005930,3\n', [("C", "005930", 3)], [(2, "", "'A,\"005930,1'", QUOTE, "")],
    ),
    "a quotation mark that is left open on the last line": (
        'C,005930,3\nA,005930,"1', [("C", "005930", 3)], [(3, "", "'A,005930,\"1'", QUOTE, "")],
    ),
    "a cell that is broken over two lines": (
        '"A\nB",005930,1\nC,005930,3\n', [("C", "005930", 3)],
        [(2, "", "'\"A'", QUOTE, ""), (3, "", "'B\",005930,1'", QUOTE, "")],
    ),
    "a carriage return inside of a cell": (
        "A,00\r5930,1\nB,005930,-2\n", [("A", "00\r5930", 1)],
        [(3, "quantity", "'-2'", "quantity must be above 0", SHORT)],
    ),
    "blank lines, which count as lines": (
        "\n\nA,005930,x\n\nB,005930,0\n", [],
        [(4, "quantity", "'x'", SHARES, WRITE),
         (6, "quantity", "'0'", "quantity must be above 0", "")],
    ),
    "cells of spaces": (
        " , , \nA,005930,1\n", [("A", "005930", 1)],
        [(2, column, "empty", f"{column} must be given", "") for column in ("account", "quantity", "ticker")],
    ),
    "a very long cell in a file with a short line": (
        f"A,005930,{'9' * 200_000}\nB\n", [],
        [(2, "quantity", f"'{'9' * 80}...'", SHARES, WRITE),
         (3, "", "1 cell: 'B'", "a row must have 3 cells, as the header has", "")],
    ),
    "a fault in the last line, which does not end": (
        "A,005930,1\nB,005930,1.5", [("A", "005930", 1)],
        [(3, "quantity", "'1.5'", SHARES, FRACTIONS)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REJECTED)
def test_rows_that_do_not_fit_are_told_by_their_line(case: str, tmp_path: Path) -> None:
    rows, good, faults = REJECTED[case]
    (tmp_path / "h.csv").write_text(HEAD + rows, encoding="utf-8", newline="")
    read = read_tables(str(tmp_path / "h.csv"))
    assert (good, faults) == (accepted(read), told(read))
    (counts,) = read.rows()
    wrong = len({fault[0] for fault in faults})
    assert {"table": "holdings", "read": len(good) + wrong, "accepted": len(good), "rejected": wrong} == counts


REFUSED = {
    "UTF-16": ((HEAD + "A,005930,1\n").encode("utf-16"), f"{TEXT}, was text in UTF-16; save it as CSV UTF-8"),
    "UTF-16 without a mark": (HEAD.encode("utf-16-le"), f"{TEXT}, was bytes of zero; save it as CSV UTF-8"),
    "two encodings": (
        "\ufeff계좌\n".encode() + "김\n".encode("cp949"), f"{TEXT}, was other bytes; save it as CSV UTF-8",
    ),
    "a workbook": (b"PK\x03\x04\x14\x00", f"{TEXT}, was an Excel or zip file; save it as CSV UTF-8"),
    "a gzip file": (b"\x1f\x8b\x08\x00", f"{TEXT}, was a gzip file; unpack it"),
    "a Parquet file": (b"PAR1\x15\x04", f"{TEXT}, was a Parquet file; let its name end in .parquet"),
    "an empty file": (b"", "must hold a header and rows, was an empty file"),
    "a file of blanks": (b"\xef\xbb\xbf\n \n\r\n# nothing\n", "must hold a header and rows, was an empty file"),
    "old line ends": (
        b"account,ticker,quantity\rA,005930,1\r",
        "lines must end in a line feed, was carriage returns alone; save it as CSV UTF-8",
    ),
    "an open header": (b'"account,ticker,quantity\nA,1,1\n', f"{QUOTE}, was '\"account,ticker,quantity'"),
    "two headers of one column": (
        "account,ticker,quantity,계좌\nA,005930,1,A\n".encode(),
        "the table of holdings must have one column of account, was 'account' and '계좌'; take one out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_files_that_are_no_table_are_refused(case: str, tmp_path: Path) -> None:
    raw, fault = REFUSED[case]
    (tmp_path / "h.csv").write_bytes(raw)
    assert [f"h.csv: {fault}"] == refusals(str(tmp_path / "h.csv"))


def test_every_column_that_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("<html>\n<body>\n", encoding="utf-8")
    assert lacks("h.csv", "'<html>'", *ALL_NEEDED) == refusals(str(tmp_path / "h.csv"))
    (tmp_path / "h.csv").write_text("account,shares\nA,1\n", encoding="utf-8")
    assert lacks("h.csv", "'account', 'shares'", "ticker") == refusals(str(tmp_path / "h.csv"))


def test_a_header_without_rows_is_refused_for_holdings_alone(tmp_path: Path) -> None:
    (tmp_path / "holdings.csv").write_text(HEAD, encoding="utf-8")
    (tmp_path / "loans.csv").write_text("account,principal\n", encoding="utf-8")
    fault = f"folder {tmp_path.name}: a book must hold at least one holding, was no row of holdings"
    assert [fault] == refusals(str(tmp_path))
    (tmp_path / "holdings.csv").write_text(HEAD + "A,005930,1\n", encoding="utf-8")
    assert [("loans", 0), ("holdings", 1)] == [(row["table"], row["read"]) for row in read_tables(str(tmp_path)).rows()]


# Folders.


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    endings = ".csv, .tsv, .txt, .parquet, .pq"
    fault = f"{tmp_path}: must hold files that end in {endings}, was a folder without such files"
    assert [fault] == refusals(str(tmp_path))
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    assert [fault] == refusals(str(tmp_path))
    place = tmp_path / "book.xlsx"
    assert [f"{place}: a table file ends in {endings}, was '.xlsx'"] == refusals(str(place))


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    help = "a book is a file, a folder, a URL of an object store or of PostgreSQL; `gaemi book --template` shows one"
    place = tmp_path / "none"
    assert [f"{place}: must be a file or a folder, was nothing there; {help}"] == refusals(str(place))
    assert [f"{place}: must be a file or a folder, was nothing there"] == refusals({"holdings": str(place)})
    assert ["source: must be a file, a folder or a URL, was an empty text"] == refusals("")
    assert ["source: the keys are accounts, loans, holdings, instruments, prices, was 'positions'"] == refusals(
        {"positions": pl.DataFrame()}
    )


def test_a_table_that_is_there_twice_would_count_twice(tmp_path: Path) -> None:
    for name in ("holdings.csv", "Holdings.txt"):
        (tmp_path / name).write_text(HEAD + "A,005930,1\n", encoding="utf-8")
    (fault,) = refusals(str(tmp_path / "."))
    expected = "must hold the table of holdings once, was Holdings.txt and holdings.csv"
    assert f"{tmp_path}: {expected}; every row would count twice: take one out" == fault


def test_files_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holdings").mkdir()
    (tmp_path / "holdings" / "part-0.csv").write_text(HEAD + "A,005930,1\n", encoding="utf-8")
    for name in ("_SUCCESS", ".part-0.csv.crc", "_metadata.parquet"):
        (tmp_path / "holdings" / name).write_bytes(b"junk")
    (tmp_path / "notes.csv").write_text("hello\n", encoding="utf-8")
    read = read_tables(str(tmp_path))
    assert ([("A", "005930", 1)], ("notes.csv",)) == (accepted(read), read.source.unused)


def test_a_folder_in_which_nothing_is_named_holdings_says_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account\nA\n", encoding="utf-8")
    (tmp_path / "positions.csv").write_text(HEAD, encoding="utf-8")
    assert [
        f"folder {tmp_path.name}: a book needs a table of holdings, was tables: accounts; not used: positions.csv; "
        "`gaemi book --template` shows it"
    ] == refusals(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    try:
        (fault,) = refusals(str(folder))
    finally:
        folder.chmod(0o755)
    assert fault.startswith(f"{folder}: {UNREADABLE}, was ") and "Permission denied" in fault


# Parquet.


def parts(folder: Path, *names: str) -> Path:
    """A partitioned folder of holdings: ten rows a file."""
    (folder / "holdings").mkdir()
    for name in names:
        ids = [f"{name}{i}" for i in range(10)]
        frame = pl.DataFrame({"account": ids, "ticker": ["005930"] * 10, "quantity": range(1, 11)})
        frame.write_parquet(folder / "holdings" / f"{name}.parquet", compression="snappy")
    return folder / "holdings"


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def wrong_magic(raw: bytes) -> bytes:
    return raw[:-4] + b"PAR9"


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut in the middle": (cut, NO_FOOTER),
    "another ending": (wrong_magic, NO_FOOTER),
    "empty": (lambda raw: b"", "'Parquet file size is 0 bytes'"),
    "text": (lambda raw: HEAD.encode() + b"A,005930,1\n", NO_FOOTER),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_one_corrupt_file_refuses_the_folder(case: str, tmp_path: Path) -> None:
    folder = parts(tmp_path, "a", "b", "c")
    damage, found = DAMAGES[case]
    for name in ("b", "c"):
        (folder / f"{name}.parquet").write_bytes(damage((folder / f"{name}.parquet").read_bytes()))
    faults = [f"holdings/{name}.parquet: {UNREADABLE}, was {found}; {ANEW}" for name in ("b", "c")]
    assert faults == refusals(str(tmp_path))


def test_a_right_footer_over_a_damaged_page_refuses_the_folder(tmp_path: Path) -> None:
    folder = parts(tmp_path, "a", "b")
    raw = (folder / "b.parquet").read_bytes()
    (folder / "b.parquet").write_bytes(raw[:4] + bytes(40) + raw[44:])
    (fault,) = refusals(str(tmp_path))
    assert fault.startswith(f"holdings/b.parquet: {UNREADABLE}, was '") and fault.endswith(f"'; {ANEW}")


def test_no_damage_of_any_byte_is_a_traceback(tmp_path: Path) -> None:
    """Every eleventh byte turned over: the file is read whole or refused, and the reader never gives up by itself."""
    folder = parts(tmp_path, "a")
    raw = (folder / "a.parquet").read_bytes()
    for at in range(4, len(raw), 11):
        (folder / "a.parquet").write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        try:
            read = read_tables(str(tmp_path))
        except Refused as refused:
            assert all(fault.where in ("holdings/a.parquet", f"folder {tmp_path.name}") for fault in refused.faults)
        else:
            assert 10 == read.tables["holdings"].read


def test_a_file_without_rows_adds_nothing(tmp_path: Path) -> None:
    folder = parts(tmp_path, "a", "b")
    pl.read_parquet(folder / "b.parquet").clear().write_parquet(folder / "b.parquet")
    assert 10 == read_tables(str(tmp_path)).tables["holdings"].accepted
    pl.read_parquet(folder / "b.parquet").write_parquet(folder / "a.parquet")
    fault = f"folder {tmp_path.name}: a book must hold at least one holding, was no row of holdings"
    assert [fault] == refusals(str(tmp_path))


def test_one_file_of_a_folder_that_lacks_a_column_refuses_it(tmp_path: Path) -> None:
    folder = parts(tmp_path, "a", "b")
    pl.read_parquet(folder / "b.parquet").drop("quantity").write_parquet(folder / "b.parquet")
    assert lacks("holdings/b.parquet", "'account', 'ticker'", "quantity") == refusals(str(tmp_path))
