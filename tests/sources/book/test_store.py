"""Stores at a URL: opened and read through pyarrow, or refused in words."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources.book.bucket import bucket

from gaemi.errors import Refused
from gaemi.sources.book import store
from gaemi.sources.book.parts import file_part, files_of
from gaemi.sources.book.store import is_url, secrets_of, shown_url, store_of

HOLDINGS = "account,ticker,quantity\nA1,005930,1000\nA2,TSLL,300\n"
FILES = {
    "book/holdings/segment=main/a.csv": HOLDINGS.encode(),
    "book/holdings/segment=둘째 지점/b.csv": HOLDINGS.encode(),
    "book/holdings/_SUCCESS": b"",
}


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


def fault_of(url: str) -> str:
    with pytest.raises(Refused) as refused:
        store_of(url)
    return str(refused.value)


def rows_of(url: str) -> list[tuple[str, ...]]:
    opened, path = store_of(url)
    return [
        row
        for file in files_of(opened, path, url)
        for rows in file_part(opened, file, path).rows()
        for row in rows.cells.rows()
    ]


EXPECTED = [
    (account, ticker, quantity, segment)
    for segment in ("main", "둘째 지점")
    for account, ticker, quantity in (("A1", "005930", "1000"), ("A2", "TSLL", "300"))
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with bucket("risk", FILES) as opened:
        yield opened


def test_a_folder_of_local_files_is_read_by_its_url(tmp_path: Path) -> None:
    for name, whole in FILES.items():
        path = tmp_path / "밤 11시" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole)
    folder = tmp_path / "밤 11시" / "book" / "holdings"
    assert EXPECTED == rows_of(f"file://{folder}")
    assert EXPECTED == rows_of(folder.as_uri())


def test_a_folder_of_a_bucket_is_read(port: int) -> None:
    options = f"endpoint_override=127.0.0.1:{port}&scheme=http&region=ap-northeast-2"
    assert EXPECTED == rows_of(f"s3://key:sec%2Fret@risk/book/holdings?{options}")
    assert EXPECTED[:2] == [
        (*row, "main") for row in rows_of(f"s3://key:sec/ret@risk/book/holdings/segment=main/a.csv?{options}")
    ]


def test_a_path_that_is_not_in_the_bucket_is_left_to_who_lists_it(port: int) -> None:
    opened, path = store_of(f"s3://key:secret@risk/boook?endpoint_override=127.0.0.1:{port}&scheme=http&region=x")
    with pytest.raises(Refused, match=r"^s3://risk/boook: must be a file or a folder, was nothing there$"):
        files_of(opened, path, "s3://risk/boook")


def test_a_bucket_that_is_not_there_is_refused(port: int) -> None:
    options = f"endpoint_override=127.0.0.1:{port}&scheme=http&region=x"
    assert f"s3://key:***@rusk/book?{options}: must be a bucket that is there, was no bucket 'rusk'" == fault_of(
        f"s3://key:secret@rusk/book?{options}"
    )


def test_a_bucket_that_may_not_be_read_is_refused() -> None:
    with bucket("risk", FILES, closed=True) as port:
        fault = fault_of(f"s3://key:secret@risk/book?endpoint_override=127.0.0.1:{port}&scheme=http&region=x")
    assert "must be readable with the credentials at hand, was 'When getting information for key" in fault
    assert fault.endswith("check the keys, the region and the rights to list and read")


def test_an_endpoint_that_nobody_listens_on_is_refused() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        endpoint = f"127.0.0.1:{unheard.getsockname()[1]}"
        fault = fault_of(f"s3://key:secret@risk/book?endpoint_override={endpoint}&scheme=http&region=x")
    assert "must be a store that answers, was 'When getting information for key 'book' in bucket 'risk'" in fault
    assert "secret" not in fault


def test_a_store_that_never_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ANSWER_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        options = f"endpoint_override=127.0.0.1:{silent.getsockname()[1]}&scheme=http&region=x"
        assert (
            f"s3://key:***@risk/book?{options}: must be a store that answers, was no answer within 0.2 s; "
            "check the address, endpoint_override and the network"
        ) == fault_of(f"s3://key:secret@risk/book?{options}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "s4://risk/book",
            "s4://risk/book: must begin with one of s3://, gs://, abfs://, abfss://, az://, hdfs://, file://, "
            "was 's4'; did you mean 's3'?",
        ),
        ("s3://", "s3://: must name a bucket, was no bucket; write it as s3://bucket/folder"),
        ("gs:///book", "gs:///book: must name a bucket, was 'Missing bucket name in GCS URI'; write it as "),
        ("s3://risk/book?regoin=x", "was 'regoin'; did you mean 'region'?"),
        ("az://risk/book", "az://risk/book: must name the account of the container, was 'AzureOptions doesn't contain"),
        (
            "file://elsewhere/book",
            "file://elsewhere/book: must be the URL of a store that can be read, was 'Unsupported",
        ),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, expected: str) -> None:
    assert expected in fault_of(url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://risk/book", True),
        ("postgresql://keeper@host/book", True),
        ("file:///book", True),
        ("C:\\book", False),
        ("book/holdings.csv", False),
        ("/book/a://b", False),
    ],
)
def test_a_url_is_told_from_a_path(text: str, expected: bool) -> None:
    assert expected == is_url(text)


@pytest.mark.parametrize(
    ("url", "shown", "secrets"),
    [
        ("postgresql://keeper@host:5432/book", "postgresql://keeper@host:5432/book", []),
        ("postgresql://keeper:a%40b@host/book", "postgresql://keeper:***@host/book", ["a%40b", "a@b"]),
        ("postgresql://keeper:a@b/c#d@host/book", "postgresql://keeper:***@host/book", ["a@b/c#d", "c#d"]),
        (
            "postgresql://host/book?user=keeper&password=word",
            "postgresql://host/book?user=keeper&password=***",
            ["word"],
        ),
        ("s3://risk/day=2025-10-31/a:b.csv?region=x", "s3://risk/day=2025-10-31/a:b.csv?region=x", []),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str, secrets: list[str]) -> None:
    assert (shown, secrets) == (shown_url(url), secrets_of(url))
