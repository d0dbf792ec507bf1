"""Files that are sent: read by the reader of the command, with its answers and its complaints."""

import io
import json
from html import escape
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from views.conftest import gaemi as command
from views.conftest import refusals
from web.site import BOOK, BOOK_ON, HELD, ROOT, Here
from web.test_api import same

import gaemi
from gaemi.web import uploads

pytestmark = pytest.mark.slow

PATHS = {"paths": "200"}
KOREAN = '종목코드,수량,현재가\n005930,"1,000","71,000"\n000660,20,559000\n'
MAPPED = {
    "holdings": [{"ticker": "005930", "quantity": 300, "price": 71_000}],
    "cash": "5m",
    "loans": ["10m on 005930"],
}
VENUE, EXCHANGE = ROOT / "examples" / "books" / "venue", ROOT / "examples" / "books" / "exchange"


def parquet(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_parquet(sink)
    return sink.getvalue()


HELD_FRAME = pl.DataFrame({"ticker": ["005930", "000660"], "quantity": [100, 20], "price": [71_000, 559_000]})
ACCOUNTS = {
    "mixed.yaml": (ROOT / "examples/accounts/mixed.yaml").read_bytes(),
    "borrowed.yml": (ROOT / "examples/accounts/borrowed.yaml").read_bytes(),
    "coins.yaml": (ROOT / "examples/accounts/coins.yaml").read_bytes(),
    "mapped.json": json.dumps(MAPPED, ensure_ascii=False).encode(),
    "tabbed.json": json.dumps(MAPPED, indent="\t").encode("utf-8-sig"),
    "korean.csv": KOREAN.encode("cp949"),
    "Korean Mark.CSV": KOREAN.encode("utf-8-sig"),
    "tabs.tsv": KOREAN.replace(",", "\t").replace('"1\t000"', "1000").replace('"71\t000"', "71000").encode(),
    "held.txt": b"ticker,quantity,price\n005930,5,71000\n",
    "held.parquet": parquet(HELD_FRAME),
    "held.pq": parquet(HELD_FRAME.select("price", "ticker", "quantity")),
}


def sent_account(here: Here, name: str, content: bytes, **fields: str) -> httpx.Response:
    return here.post("/account", data=PATHS | fields, files={"file": (name, content)})


def sent_book(here: Here, files: dict[str, bytes], **fields: str) -> httpx.Response:
    return here.post("/book", data=fields, files=[("files", each) for each in files.items()])


def answer(here: Here, sent: httpx.Response) -> dict[str, Any]:
    """The document of the run that a page leads to."""
    assert 303 == sent.status_code, sent.text[-3000:]
    run = sent.headers["location"].partition("run=")[2]
    assert "done" == here.ended(run)["state"], here.ended(run)
    document: dict[str, Any] = here.get(f"/api/runs/{run}/document").json()
    assert "/dev/shm" not in json.dumps(document)
    return document


def tells(page: httpx.Response, faults: list[str]) -> None:
    """A page that is refused holds every part of these complaints, whole."""
    assert 422 == page.status_code and faults
    for fault in faults:
        where, _, rest = fault.partition(": ")
        allowed, _, found = rest.partition(", was ")
        for part in (where, allowed, *found.split("; ")):
            assert escape(part) in page.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;"), part


@pytest.mark.parametrize("name", sorted(ACCOUNTS))
def test_a_file_of_an_account_is_read_as_the_library_reads_it(site: Here, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"account{Path(name).suffix.lower()}"
    file.write_bytes(ACCOUNTS[name])
    told = answer(site, sent_account(site, name, ACCOUNTS[name]))
    same(told, gaemi.account(file, quick=True, paths=200).document)
    assert file.name == told["run"]["request"]["file"]


def test_the_fuller_answer_to_a_file_is_what_the_command_prints(site: Here, tmp_path: Path) -> None:
    file = tmp_path / "account.csv"
    file.write_bytes(ACCOUNTS["korean.csv"])
    quick = sent_account(site, "k.csv", ACCOUNTS["korean.csv"], loan="10m on 005930", goal="1억")
    run = quick.headers["location"].partition("run=")[2]
    full = answer(site, site.post("/account/more", data={"run": run}))
    options = ("--loan", "10m on 005930", "--goal", "1억", "--paths", "200", "--json")
    same(full, json.loads(command("account", str(file), *options).out))


def test_what_is_written_comes_on_top_of_the_file_that_stands(site: Here, tmp_path: Path) -> None:
    file = tmp_path / "account.csv"
    file.write_bytes(ACCOUNTS["held.txt"])
    first = sent_account(site, "held.csv", ACCOUNTS["held.txt"])
    run = first.headers["location"].partition("run=")[2]
    second = answer(
        site, site.post("/account", data=PATHS | {"run": run, "cash": "3m", "holding": "000660 5 @ 559000"})
    )
    expected = gaemi.account(file, quick=True, paths=200, cash="3m", holding=["000660 5 @ 559000"])
    same(second, expected.document)


BROKEN = {
    "empty.csv": b"",
    "empty.yaml": b"",
    "spaces.json": b"  \n ",
    "rubbish.csv": bytes(range(256)) * 8,
    "rubbish.yaml": b"\x00\x01\xfe\xff" * 64,
    "rubbish.json": b"\xff\xfe\x00",
    "rubbish.parquet": b"PAR1" + bytes(64) + b"PAR1",
    "cut.parquet": parquet(HELD_FRAME)[:-20],
    "rubbish.pq": b"",
    "open.yaml": b"holdings: [005930",
    "open.json": b'{"holdings": [',
    "deep.json": b"[" * 5_000 + b"]" * 5_000,
    "alias.yaml": b"a: &a [x, x]\nholdings: [*a, *a]",
    "object.yaml": b"!!python/object/apply:os.system ['true']",
    "half.json": b'{"name": "\\ud800", "cash": "5m"}',
    "words.yaml": b"holdings: 5\nloans: {a: b}\ncash: much\n",
    "unknown.csv": b"a,b\n1,2\n",
    "strange.csv": "종목코드,수량\n없는종목,5\n005930,-3\n005930,1e99\n".encode("cp949"),
    "nul.csv": b"ticker,quantity,price\n005930\x00,5,71000\n",
    "twice.csv": b"ticker,ticker,quantity\n005930,005930,5\n",
    "lists.parquet": parquet(pl.DataFrame({"ticker": [["005930"]], "quantity": [[1]]})),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_file_that_cannot_be_taken_is_refused_as_the_command_does(site: Here, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"account{Path(name).suffix}"
    file.write_bytes(BROKEN[name])
    told = [fault.replace(f"{tmp_path}/", "") for fault in refusals("account", str(file))]
    tells(sent_account(site, name, BROKEN[name]), told)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("account.xlsx", b"PK\x03\x04", "a file of an account ends in .yaml"),
        ("account", b"x", "a file of an account ends in .yaml"),
        ("account.csv.exe", b"MZ", "a file of an account ends in .yaml"),
        ("account.csv", b"x" * (uploads.MOST_ACCOUNT_BYTES + 1), "a file of an account holds 1 MB at most"),
        (
            "many.parquet",
            parquet(HELD_FRAME.sample(20_001, with_replacement=True, seed=1)),
            "a file may hold 20,000 rows",
        ),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused(site: Here, name: str, content: bytes, why: str) -> None:
    tells(sent_account(site, name, content), [f"file: {why}"] if "rows" not in why else [f"account.parquet: {why}"])


def test_a_form_without_a_file_is_a_form(site: Here) -> None:
    """A browser sends a field of files that nobody chose as one without a name."""
    told = answer(site, site.post("/account", data=PATHS | {"holding": HELD}, files={"file": ("", b"")}))
    same(told, gaemi.account(holding=HELD, quick=True, paths=200).document)
    nothing = site.post("/account", data={"holding": " \n "}, files={"file": ("", b"")})
    tells(nothing, refusals("account"))


def files_of(folder: Path, *names: str) -> dict[str, bytes]:
    return {f"{name}.csv": (folder / f"{name}.csv").read_bytes() for name in names}


def folder_of(tmp_path: Path, files: dict[str, bytes]) -> str:
    """A folder of the name that the site gives to what is sent."""
    folder = tmp_path / "book"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


@pytest.mark.parametrize(
    ("folder", "names", "on"),
    [
        (BOOK, ("accounts", "holdings", "loans", "instruments"), BOOK_ON),
        (BOOK, ("holdings",), BOOK_ON),
        (VENUE, ("positions", "wallets"), ""),
        (EXCHANGE, ("coin_holdings", "coin_loans"), ""),
    ],
    ids=lambda each: each.name if isinstance(each, Path) else str(each),
)
def test_a_book_that_is_sent_is_what_the_command_reads(
    site: Here, tmp_path: Path, folder: Path, names: tuple[str, ...], on: str
) -> None:
    files = files_of(folder, *names)
    told = answer(site, sent_book(site, files, on=on))
    options = ("--on", on) if on else ()
    printed = command("book", folder_of(tmp_path, files), *options, "--json")
    same(told, json.loads(printed.out))


def test_one_file_of_any_name_is_the_holdings(site: Here, tmp_path: Path) -> None:
    content = "계좌번호,종목코드,수량\nA-1,005930,100\nA-2,000660,20\n".encode("cp949")
    told = answer(site, sent_book(site, {"잔고 2025.csv": content}, on=BOOK_ON))
    printed = command("book", folder_of(tmp_path, {"holdings.csv": content}), "--on", BOOK_ON, "--json")
    same(told, json.loads(printed.out))
    page = site.get("/book?run=nothing-of-that-name")
    assert 422 == page.status_code


def test_a_book_that_was_sent_is_asked_again_without_its_files(site: Here, tmp_path: Path) -> None:
    files = files_of(BOOK, "accounts", "holdings", "loans", "instruments")
    first = sent_book(site, files, on=BOOK_ON)
    answer(site, first)
    run = first.headers["location"].partition("run=")[2]
    told = answer(site, site.post("/book", data={"run": run, "shock": "-25%", "on": BOOK_ON}))
    same(told, gaemi.book(folder_of(tmp_path, files), on=BOOK_ON, shock="-25%").document)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"holdings.xlsx": b"PK"}, "a table file ends in .csv, .tsv, .txt, .parquet, .pq"),
        ({"holdings.csv": b"x", "people.csv": b"x"}, "tables of a book are accounts, loans, holdings"),
        ({"holdings.csv": b"x", "Holdings.TSV": b"y"}, "each table of a book comes in one file here"),
        ({"": b""}, "a book needs at least its holdings"),
    ],
)
def test_files_that_are_no_book_are_refused(site: Here, files: dict[str, bytes], why: str) -> None:
    tells(sent_book(site, files, on=BOOK_ON), [f"files: {why}"])


def test_files_that_are_too_large_together_are_refused(site: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BOOK_BYTES", 1_000)
    half = b"account,ticker,quantity\n" + b"A,005930,5\n" * 50
    for files in ({"holdings.csv": half, "loans.csv": half}, {"holdings.csv": half + half}):
        tells(sent_book(site, files), ["files: files of a book hold 12 MB together at most"])
    too_many = {f"{name}.csv": b"x" for name in map(str, range(13))}
    assert 400 == sent_book(site, too_many).status_code


@pytest.mark.parametrize(
    "name", ["empty.csv", "rubbish.csv", "rubbish.parquet", "cut.parquet", "unknown.csv", "nul.csv"]
)
def test_a_broken_book_is_refused_as_the_command_does(site: Here, tmp_path: Path, name: str) -> None:
    file = f"holdings{Path(name).suffix}"
    folder = folder_of(tmp_path, {file: BROKEN[name]})
    told = [fault.replace(f"{folder}/", "").replace(folder, "book") for fault in refusals("book", folder)]
    tells(sent_book(site, {file: BROKEN[name]}), told)


def test_a_book_of_more_rows_than_fit_is_refused_before_it_is_read(site: Here) -> None:
    many = pl.DataFrame({"account": pl.repeat("A", 2_000_001, eager=True), "ticker": "005930", "quantity": 5})
    content = parquet(many)
    assert len(content) < 1 << 20
    tells(sent_book(site, {"holdings.parquet": content}), ["holdings.parquet: a file may hold 2,000,000 rows here"])


@pytest.mark.parametrize("path", ["/account", "/book"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\n\xff\xfe: x\r\n\r\n--a--"),
        ("multipart/form-data; boundary=a", b"--a\r\ncontent-disposition: form-data\r\n\r\nx\r\n--a--\r\n"),
        (
            "multipart/form-data; boundary=a; charset=nothing",
            b'--a\r\ncontent-disposition: form-data; name="x"\r\n\r\nx',
        ),
        ("multipart/form-data; boundary=" + "a" * 500, b"--" + b"a" * 500),
        ("application/x-www-form-urlencoded", b"%ff%fe=%zz&&&=&holding=%00"),
        ("application/x-www-form-urlencoded; charset=nothing", b"holding=%ed%a0%80"),
        ("application/octet-stream", b"\x00" * 500),
    ],
)
def test_a_form_that_is_none_is_no_error_of_ours(site: Here, path: str, kind: str, body: bytes) -> None:
    answered = site.post(path, content=body, headers={"content-type": kind})
    assert answered.status_code in (303, 400, 422)
