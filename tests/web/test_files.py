"""No path from a request reaches the file system: nothing but the package's own files and the run's are opened."""

import asyncio
import io
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from starlette.datastructures import FormData, UploadFile
from web.site import BOOK_ON, HELD, QUICK, ROOT, SHOCK, Here

import gaemi
from gaemi.kernels._compile import cache_folder
from gaemi.web import uploads, worker
from gaemi.web.asks import AccountAsk, Ask, BookAsk, CompareAsk, CountryAsk
from gaemi.web.worker import Made

pytestmark = pytest.mark.slow

BAIT = f"{tempfile.gettempdir()}/gaemi-bait-{os.getpid()}.csv"
"""A table that is there and could be read."""

SECRET = "a-name-that-nobody-is-told"
PLACES = (Path(gaemi.__file__).parent, Path(sys.prefix), Path(sys.base_prefix), cache_folder(), Path("/dev/null"))
SYSTEM = (
    Path("/proc"),
    Path("/sys"),
    Path("/usr/lib"),
    Path("/usr/share/zoneinfo"),
    Path("/etc/ld.so.cache"),
    Path("/lib"),
)

_OPENED: list[str] | None = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _OPENED is not None and event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], str | bytes):
        _OPENED.append(args[0] if isinstance(args[0], str) else args[0].decode())


sys.addaudithook(_hook)


@pytest.fixture(scope="module", autouse=True)
def bait() -> Iterator[Path]:
    file = Path(BAIT)
    file.write_text(f"account,ticker,quantity\n{SECRET},005930,5\n", encoding="utf-8")
    yield file
    file.unlink()


def is_read(file: Path) -> bool:
    """Whether somebody read the file since it was asked last: readers that are not Python's open files unheard."""
    seen = file.stat().st_atime
    os.utime(file, (0, file.stat().st_mtime))
    return seen != 0


@pytest.fixture
def carried_out(bait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Made]]:
    """Carries a question out in this process; whatever is opened must be ours, the run's, or the interpreter's."""
    global _OPENED
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(worker, "report", lambda *how: None)
    monkeypatch.chdir(tmp_path)
    seen: list[str] = []
    is_read(bait)

    def carry(ask: Ask, source: str | None = None) -> Made:
        global _OPENED
        _OPENED = seen
        try:
            return worker.carry_out(ask, source, str(scratch))
        finally:
            _OPENED = None

    yield carry
    places = (*PLACES, *SYSTEM, scratch)
    strange = {name for name in set(seen) if not any(Path(name).resolve().is_relative_to(place) for place in places)}
    assert set() == strange
    assert seen, "the hook hears of files"
    assert not is_read(bait)


def told(made: Made) -> str:
    return " ".join(map(str, made.faults)) + made.document.decode()


HOSTILE = [
    Ask("account", AccountAsk(holding=[f"@{BAIT}"])),
    Ask("account", AccountAsk(holding=[BAIT], loan=[BAIT])),
    Ask("account", AccountAsk(holding=[HELD], firm=BAIT)),
    Ask("account", AccountAsk(holding=[HELD], cash=BAIT, goal=BAIT, by=BAIT, saving=BAIT, drift=BAIT)),
    Ask("account", AccountAsk(holding=[HELD], what_if=[BAIT])),
    Ask("account", AccountAsk(account={"file": BAIT})),
    Ask("account", AccountAsk(account={"prices": BAIT, "cash": "5m"})),
    Ask("account", AccountAsk(account={"holdings": BAIT})),
    Ask("account", AccountAsk(account={"holdings": [BAIT, f"@{BAIT}", {"ticker": BAIT, "quantity": 1, "price": 5}]})),
    Ask(
        "account",
        AccountAsk(
            quick=True, paths=100, account={"cash": "5m", "name": f"../..{BAIT}", "saving_into": BAIT, "sell_at": BAIT}
        ),
    ),
    Ask("account", AccountAsk(quick=True, paths=100), {"account.yaml": f"holdings: !include {BAIT}\n".encode()}),
    Ask("account", AccountAsk(quick=True, paths=100), {"account.yaml": f"holdings: {BAIT}\ncash: {BAIT}\n".encode()}),
    Ask("account", AccountAsk(quick=True, paths=100), {"account.json": f'{{"$ref": "{BAIT}"}}'.encode()}),
    Ask("account", AccountAsk(quick=True, paths=100), {"account.csv": f"ticker,quantity\n{BAIT},5\n".encode()}),
    Ask("country", CountryAsk(shock=BAIT, scale=10_000)),
    Ask("country", CountryAsk(shock=f"{BAIT} -20%", scale=10_000)),
    Ask("compare", CompareAsk(reform=BAIT, scale=10_000)),
    Ask("compare", CompareAsk(reform=f"../..{BAIT}", scale=10_000)),
    Ask("compare", CompareAsk(reform=f"name: x\nnote: y\nchanges: {BAIT}", scale=10_000)),
    Ask("compare", CompareAsk(reform="../reforms/coin_loans_again", scale=10_000)),
    Ask("book", BookAsk(firm=BAIT, on=BOOK_ON), {"holdings.csv": b"account,ticker,quantity\nA,005930,5\n"}),
    Ask("book", BookAsk(capital=BAIT, shock=BAIT), {"holdings.csv": f"account,ticker,quantity\nA,{BAIT},5\n".encode()}),
    Ask("book", BookAsk(), {"holdings.csv": b"account,ticker,quantity\n../../x,005930,5\n"}),
]


@pytest.mark.parametrize("ask", HOSTILE, ids=lambda ask: f"{ask.view} {str(ask.fields)[:40]}")
def test_what_names_a_file_is_taken_for_a_word(carried_out: Callable[..., Made], ask: Ask) -> None:
    made = carried_out(ask)
    assert SECRET not in told(made)


@pytest.mark.parametrize(
    "ask",
    [
        Ask("account", AccountAsk(holding=[HELD], quick=True, paths=100)),
        Ask("account", AccountAsk(quick=True, paths=100), {"account.csv": b"ticker,quantity,price\n005930,5,71000\n"}),
        Ask("country", CountryAsk(**SHOCK)),
        pytest.param(Ask("country", CountryAsk(replay="june-2022", scale=10_000, days=2)), marks=pytest.mark.slow),
        Ask(
            "compare", CompareAsk(reform="name: x\nnote: y\nchanges: {margin.maintenance: 15000}", scale=10_000, days=2)
        ),
        Ask("book", BookAsk(on=BOOK_ON), {"holdings.csv": b"account,ticker,quantity\nA,005930,5\n"}),
    ],
    ids=lambda ask: ask.view if isinstance(ask, Ask) else None,
)
def test_an_honest_question_opens_nothing_else(carried_out: Callable[..., Made], tmp_path: Path, ask: Ask) -> None:
    made = carried_out(ask)
    assert () == made.faults and str(tmp_path) not in told(made), "nor is told where it stood meanwhile"
    for name, table in made.tables.items():
        assert str(tmp_path).encode() not in table, name


def test_whoever_reads_is_heard(bait: Path) -> None:
    """The book of the site is a folder that the site was started with: that it is read is heard of."""
    global _OPENED
    _OPENED = heard = []
    bait.read_bytes()
    _OPENED = None
    assert [BAIT] == heard
    is_read(bait)
    pl.read_csv(bait)
    if not is_read(bait):
        pytest.skip("this file system does not say when a file was read")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x.csv", "account.csv"),
        ("/etc/passwd", ""),
        ("holdings.csv\x00", ""),
        ("\x00.csv", "account.csv"),
        ("a\\..\\b.yaml", "account.yaml"),
        (".csv", ""),
        ("..", ""),
        ("x.csv/", "account.csv"),
        ("x.CSV", "account.csv"),
        ("x.yaml.exe", ""),
        ("가.json", "account.json"),
    ],
)
def test_the_name_of_a_file_is_never_used(name: str, kept: str) -> None:
    files, faults = asyncio.run(uploads.account_file(sent("file", name)))
    assert ([kept] if kept else [], not kept) == (list(files), bool(faults))


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["../../accounts.csv"], ["accounts.csv"]),
        (["../../x.csv"], ["holdings.csv"]),
        (["x.csv", "holdings.csv"], None),
        (["/etc/holdings.csv", "C:\\accounts.csv"], None),
        (["/etc/passwd"], None),
        (["holdings.csv\x00"], None),
        (["holdings.csv", "HOLDINGS.CSV"], None),
        (["holdings.csv", "holdings.parquet"], None),
        (["loans.tsv", "Holdings.PQ", "coin_loans.txt"], ["loans.tsv", "holdings.pq", "coin_loans.txt"]),
    ],
)
def test_tables_of_a_book_have_names_of_ours(names: list[str], kept: list[str] | None) -> None:
    files, faults = asyncio.run(uploads.book_files(sent("files", *names)))
    assert (kept or [], kept is None) == (list(files), bool(faults))


def sent(field: str, *names: str) -> FormData:
    return FormData([(field, UploadFile(io.BytesIO(b"x"), filename=name)) for name in names])


def test_what_is_sent_stays_in_memory(site: Here) -> None:
    """A file of some megabytes is not put down on the disk on its way, as the parser of forms would have it."""
    global _OPENED
    large = b"account,ticker,quantity\n" + b"A,none,5\n" * 400_000
    _OPENED = heard = []
    answer = site.post("/book", data={"on": "never"}, files=[("files", ("holdings.csv", large))])
    _OPENED = None
    assert 422 == answer.status_code and len(large) > 3 << 20
    put_down = [name for name in heard if name.startswith(tempfile.gettempdir())]
    assert [] == [name for name in put_down if not name.startswith((str(ROOT), sys.prefix))]


def raw(here: Here, path: str) -> bytes:
    """What the server says to a path as it is, which a client would have tidied."""
    with socket.create_connection(("127.0.0.1", here.port), timeout=20) as line:
        line.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode("latin-1"))
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
    return answer


@pytest.mark.parametrize("start", ["/static/", "/", "/api/", "/runs/", "/api/runs/", "/api/runs/abcdefghijkl/tables/"])
def test_no_address_leads_out(site: Here, start: str) -> None:
    for way in ("../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd"):
        for tail in ("", "%00", "%00.csv", "?x"):
            answer = raw(site, start + way + tail)
            assert answer.partition(b"\r")[0].split()[1] in (b"404", b"422"), (way, tail)
            assert b"root:" not in answer
    for way in ("/etc/passwd", "//etc/passwd", "file:///etc/passwd", "\\etc\\passwd", quote("/etc/passwd", safe="")):
        answer = raw(site, start + way)
        assert b"root:" not in answer and answer.partition(b"\r")[0].split()[1] in (b"404", b"422")


def test_names_in_the_query_are_no_files(site: Here) -> None:
    run = site.run("account", QUICK)
    is_read(Path(BAIT))
    for query in (f"run={BAIT}", f"run=../..{BAIT}", f"run={run}&replay={BAIT}"):
        for page in ("/account", "/book/accounts"):
            answer = site.get(f"{page}?{query}")
            assert answer.status_code < 500 and SECRET not in answer.text
    for query in (f"state={BAIT}", f"reform={BAIT}", f"replay={BAIT}", f"path={BAIT}"):
        for page in ("/country", "/api/law"):
            answer = site.get(f"{page}?{query}")
            assert answer.status_code < 500 and SECRET not in answer.text
    assert not is_read(Path(BAIT))
