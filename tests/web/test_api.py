"""The JSON API: the documents that the library and the command give, faults in their words, tables whole."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from views.conftest import gaemi as command
from views.conftest import refusals
from web.site import BOOK, BOOK_ON, HELD, OWED, QUICK, SHOCK, Here

import gaemi
from gaemi.web import runs as running
from gaemi.web import tables
from gaemi.web.asks import ASKS, Ask, CountryAsk
from gaemi.web.worker import Made, tables_bytes

REFORM = "name: maintenance_150\nnote: at 150 %\nchanges: {margin.maintenance: {unit: bps, value: 150%}}\n"
ACCOUNT = {"holding": [HELD, "TSLL 300 @ 20.48"], "loan": [OWED], "cash": "5m", "goal": "1억", "paths": 200, "seed": 3}
NESTED = {"holdings": [{"ticker": "005930", "quantity": 100, "price": 71_000}, HELD], "현금": "5m", "name": "누구"}
COUNTRY = ("country", "--scale", "1/5000", "--shock", "KOSPI -20%", "--days", "2")
COMPARED = {"reform": REFORM, "shock": "-30%", "scale": 5_000, "days": 2}
STRESSED = {"on": BOOK_ON, "shock": "-20%"}

MAY_DIFFER = {("run", "request"), ("run", "means"), ("timing",)}
"""All that two answers to one question may tell apart: how it was asked, by which means, and how long it took."""


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two documents are equal but for what may differ, which both hold."""
    left, right = json.loads(json.dumps(one)), json.loads(json.dumps(other))
    for path in MAY_DIFFER:
        for document in (left, right):
            part = document
            for name in path[:-1]:
                part = part[name]
            del part[path[-1]]
    assert left == right


def library(view: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = getattr(gaemi, view)(**(fields | more)).document
    return document


@pytest.mark.parametrize("fields", [ACCOUNT, QUICK, {"account": NESTED, "quick": True, "paths": 100}])
def test_an_account_is_what_the_library_says(site: Here, fields: dict[str, Any]) -> None:
    told = {name: value for name, value in fields.items() if name != "account"}
    same(site.asked("account", fields).json(), library("account", told, file=fields.get("account")))


def test_an_account_is_what_the_command_prints(site: Here) -> None:
    options = ["--holding", HELD, "--holding", ACCOUNT["holding"][1], "--loan", OWED, "--cash", "5m", "--goal", "1억"]
    answer = command("account", *options, "--paths", "200", "--seed", "3", "--json")
    same(site.asked("account", ACCOUNT).json(), json.loads(answer.out))


def test_a_replayed_account_is_what_the_library_says(site: Here) -> None:
    told = {"holding": ["005930 1000 @ 56000"], "replay": "covid-2020"}
    same(site.asked("account", told).json(), library("account", told))


def test_the_country_is_what_the_library_and_the_command_say(site: Here) -> None:
    answer = site.asked("country", SHOCK).json()
    same(answer, library("country", SHOCK))
    same(answer, json.loads(command(*COUNTRY, "--json").out))


def test_a_comparison_is_what_the_command_prints(site: Here, tmp_path: Any) -> None:
    file = tmp_path / "reform.yaml"
    file.write_text(REFORM, encoding="utf-8")
    answer = command("compare", *COUNTRY[:3], "--shock", "-30%", "--days", "2", "--reform", str(file), "--json")
    told, printed = site.asked("compare", COMPARED).json(), json.loads(answer.out)
    assert ["reform.yaml", str(file)] == [told["run"].pop("reform"), printed["run"].pop("reform")]
    same(told, printed)


def test_the_book_is_what_the_library_and_the_command_say(site: Here) -> None:
    answer = site.asked("book", STRESSED).json()
    same(answer, library("book", STRESSED, source=str(BOOK)))
    same(answer, json.loads(command("book", str(BOOK), "--on", BOOK_ON, "--shock", "-20%", "--json").out))


def test_a_question_is_answered_later_and_its_run_told_meanwhile(site: Here) -> None:
    first = site.post("/api/country?wait=0", json=SHOCK | {"seed": 11})
    assert 202 == first.status_code
    run = first.json()
    assert first.headers["location"] == f"/api/runs/{run['id']}"
    assert {"country", None} == {run["view"], run["document"]} and [] == run["faults"] == run["tables"]
    assert site.get(f"/api/runs/{run['id']}/document").status_code in (200, 202)
    done = site.ended(run["id"])
    assert ("done", f"/api/runs/{run['id']}/document") == (done["state"], done["document"])
    again = site.post("/api/country", json=SHOCK | {"seed": 11})
    assert run["id"] == again.headers["gaemi-run"] and again.json() == site.get(done["document"]).json()
    assert "curve" in done["tables"] and done["seconds"] >= 0


REFUSED = {
    "account": [
        ({"holding": ["999999 10"]}, ("--holding", "999999 10")),
        ({"holding": [HELD], "loan": ["45m on 000660"]}, ("--holding", HELD, "--loan", "45m on 000660")),
        ({"holding": [HELD], "cash": "much", "goal": "-5"}, ("--holding", HELD, "--cash", "much", "--goal", "-5")),
        ({"holding": [HELD], "firm": "/etc/passwd"}, ("--holding", HELD, "--firm", "/etc/passwd")),
        ({"holding": [HELD], "what_if": ["sell all"]}, ("--holding", HELD, "--what-if", "sell all")),
        ({"holding": [HELD], "on": "1990-01-01"}, ("--holding", HELD, "--on", "1990-01-01")),
        ({}, ()),
    ],
    "country": [
        ({"shock": "KOSPI -200%"}, ("--shock", "KOSPI -200%")),
        ({"shock": "everything falls"}, ("--shock", "everything falls")),
        ({"shock": ""}, ("--shock", "")),
        ({"shock": "-20%", "replay": "june-2022"}, ("--shock", "-20%", "--replay", "june-2022")),
        ({"on": "2024-08-05", "state": "shipped"}, ("--on", "2024-08-05", "--state", "shipped")),
    ],
    "book": [
        ({}, ()),
        ({"on": BOOK_ON, "shock": "x"}, ("--on", BOOK_ON, "--shock", "x")),
        ({"on": BOOK_ON, "paths": 5, "break_share": "500%"}, ("--on", BOOK_ON, "--paths", "5", "--break", "500%")),
        ({"on": BOOK_ON, "capital": "much"}, ("--on", BOOK_ON, "--capital", "much")),
    ],
}


@pytest.mark.parametrize("view", sorted(REFUSED))
def test_what_is_refused_is_refused_in_the_words_of_the_command(site: Here, view: str) -> None:
    for fields, options in REFUSED[view]:
        answer = site.asked(view, fields)
        assert 422 == answer.status_code, fields
        said = [
            f"{each['where']}: {each['allowed']}, was {each['found']}" + (f"; {each['help']}" if each["help"] else "")
            for each in answer.json()["faults"]
        ]
        assert refusals(view, *([str(BOOK)] if view == "book" else []), *options) == said


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reform": "/etc/passwd"}, "reform.yaml line 1"),
        ({"reform": "- a\n- b"}, "reform.yaml line 1"),
        ({"reform": "[" * 4000 + "]" * 4000}, "reform.yaml"),
        ({"reform": "a: &a [x]\nb: [*a, *a]"}, "reform.yaml line 1"),
        ({"reform": "!!python/object/apply:os.system [x]"}, "reform.yaml line 1"),
        ({"reform": "name: x\nnote: y\nchanges: {margin.nothing: 5}"}, "reform.yaml line 3"),
        ({"reform": "\x00"}, "reform.yaml"),
    ],
)
def test_a_reform_is_a_text_and_no_file(site: Here, fields: dict[str, Any], where: str) -> None:
    answer = site.asked("compare", fields | {"scale": 5_000})
    assert (422, where) == (answer.status_code, answer.json()["faults"][0]["where"])
    assert "root:" not in answer.text and "/dev/shm" not in answer.text


@pytest.mark.parametrize(
    ("view", "fields", "where"),
    [
        ("account", {"prices": "/etc/passwd"}, "body.prices"),
        ("account", {"file": "/etc/passwd"}, "body.file"),
        ("account", {"paths": 99}, "body.paths"),
        ("account", {"paths": 50_001}, "body.paths"),
        ("account", {"seed": 2**32}, "body.seed"),
        ("account", {"on": "9999-12-31"}, "body.on"),
        ("account", {"holding": HELD}, "body.holding"),
        ("account", {"holding": ["x" * 401]}, "body.holding.0"),
        ("account", {"holding": [HELD] * 61}, "body.holding"),
        ("account", {"account": [HELD]}, "body.account"),
        ("account", {"account": {"holdings": [[[[[[[[[[[HELD]]]]]]]]]]]}}, "body.account"),
        ("account", {"replay": "covid-2020/../.."}, "body.replay"),
        ("country", {"state": "/tmp"}, "body.state"),
        ("country", {"days": 0}, "body.days"),
        ("country", {"scale": 0}, "body.scale"),
        ("country", {"resume": "/tmp"}, "body.resume"),
        ("country", {"replay": "/etc/passwd"}, "body.replay"),
        ("country", {"shock": "x" * 401}, "body.shock"),
        ("compare", {}, "body.reform"),
        ("compare", {"reform": "x" * 20_001}, "body.reform"),
        ("book", {"source": "/etc"}, "body.source"),
        ("book", {"paths": 2_001}, "body.paths"),
        ("book", {"days": 251}, "body.days"),
    ],
)
def test_what_the_site_does_not_take_is_said(site: Here, view: str, fields: dict[str, Any], where: str) -> None:
    answer = site.asked(view, fields)
    assert 422 == answer.status_code and where in [each["where"] for each in answer.json()["faults"]]


@pytest.mark.parametrize(
    "body",
    [
        *("", "[", "null", '"x"', "[1]", '{"account": {"cash": NaN}}', '{"account": {"cash": 1e400}}', "\x00"),
        '{"account": {"name": "\\ud800", "cash": "5m"}}',
        '{"account": {"on": 5, "cash": ' + "9" * 5_000 + "}}",
        '{"account": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"account": {"holdings": ' + "[" * 500 + "]" * 500 + "}}",
        '{"holding": ["\\ud800 1 @ 1"]}',
        '{"cash": "\\u0000"}',
    ],
)
def test_a_body_that_is_no_account_is_refused(site: Here, body: str) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = site.post("/api/account?wait=30", content=body, headers={"content-type": kind})
        assert answer.status_code in (400, 422), (kind, answer.status_code)
        assert answer.json()["faults"][0]["allowed"]


@pytest.mark.parametrize(
    "account",
    [
        *({}, {"file": "/etc/passwd"}, {"holdings": {"a": 1}}, {"holdings": [[[]]]}, {"holdings": "@/etc/passwd"}),
        *({"cash": [1]}, {"cash": True}, {"loans": [{"on": HELD}]}, {"positions": [5]}, {"": ""}, {"cash": 1e300}),
        {"holdings": [{"ticker": {"a": 1}, "quantity": None, "price": -1}]},
        {"cash": "5m", "prices": "/etc/passwd"},
    ],
)
def test_an_account_of_another_shape_is_refused_as_the_library_does(site: Here, account: dict[str, Any]) -> None:
    from gaemi.errors import Refused

    answer = site.asked("account", {"account": account, "quick": True, "paths": 100})
    with pytest.raises(Refused) as caught:
        gaemi.account(account)
    assert 422 == answer.status_code
    expected = [(each.where, each.found, each.allowed) for each in caught.value.faults]
    assert expected == [(each["where"], each["found"], each["allowed"]) for each in answer.json()["faults"]]


@pytest.mark.parametrize(
    "path",
    [
        *("/api/nothing", "/api/runs/abcdefghijkl", "/api/runs/abcdefghijkl/document", "/api/runs/..%2f..%2fetc"),
        *("/api/runs/abcdefghijkl/tables/days.csv", "/static/../../etc/passwd", "/static/..%2f..%2fetc%2fpasswd"),
        *("/runs/abcdefghijkl/charts/days.svg", "/runs/abcdefghijkl/report.html", "/static/site.css", "/docs"),
        *("/openapi.json", "/redoc", "/book/accounts?run=abcdefghijkl", "/book/account?run=abcdefghijkl&account=x"),
    ],
)
def test_what_is_not_there_is_not_found(site: Here, path: str) -> None:
    assert 404 == site.get(path).status_code
    page = site.get(path, headers={"accept": "text/html"})
    assert 404 == page.status_code and "root:" not in page.text


def test_a_run_has_its_own_tables_alone(site: Here) -> None:
    run = site.run("country", SHOCK)
    for path, status in (("nothing.csv", 404), ("days.xls", 422), ("Days.csv", 422), ("..%2fdays.csv", 404)):
        assert status == site.get(f"/api/runs/{run}/tables/{path}").status_code
    assert 404 == site.client.delete("/api/runs/abcdefghijkl").status_code
    assert "done" == site.client.delete(f"/api/runs/{run}").json()["state"], "what is done stays"


@contextmanager
def full(lane: str) -> Iterator[None]:
    with patch.dict(running.MOST_WAITING, {lane: 0}):
        yield


def test_too_many_questions_are_told_to_wait(site: Here) -> None:
    for lane, view, fields in (
        ("moment", "account", QUICK),
        ("account", "account", QUICK | {"quick": False}),
        ("long", "country", SHOCK | {"seed": 12345}),
    ):
        with full(lane):
            answer = site.post(f"/api/{view}", json=fields)
            assert (429, "10") == (answer.status_code, answer.headers["retry-after"])
            assert "ask again later" == answer.json()["faults"][0]["help"]
    with full("moment"):
        page = site.post("/account", data={"holding": HELD}, headers={"accept": "text/html"})
    assert 429 == page.status_code and "too many that wait" in page.text


def every_table(here: Here, run: str) -> list[str]:
    names: list[str] = here.get(f"/api/runs/{run}").json()["tables"]
    assert names
    return names


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        ("account", QUICK),
        ("account", ACCOUNT),
        ("country", SHOCK),
        pytest.param("country", {"scale": 10_000, "days": 2, "shock": "BTC -30%"}, marks=pytest.mark.slow),
        ("compare", COMPARED),
        ("book", STRESSED),
    ],
)
def test_every_table_is_the_same_as_csv_and_as_parquet(site: Here, view: str, fields: dict[str, Any]) -> None:
    run = site.run(view, fields)
    for name in every_table(site, run):
        text, binary = (site.get(f"/api/runs/{run}/tables/{name}.{kind}") for kind in ("csv", "parquet"))
        assert f'attachment; filename="{name}.csv"' == text.headers["content-disposition"]
        assert text.headers["content-type"].startswith("text/csv") and text.content.startswith(b"\xef\xbb\xbf")
        frame = pl.read_parquet(io.BytesIO(binary.content))
        read = pl.read_csv(io.BytesIO(text.content), infer_schema=False)
        expected = [
            pl.col(column).map_elements(lambda each: str(list(each)), return_dtype=pl.String)
            if isinstance(dtype, pl.List)
            else pl.col(column).cast(pl.String).str.replace(r"^([=+\-@\t\r])", "'${1}")
            if dtype == pl.String
            else pl.col(column).cast(pl.String)
            for column, dtype in frame.schema.items()
        ]
        numbers = [column for column, dtype in frame.schema.items() if dtype.is_float()]
        assert frame.select(expected).drop(numbers).equals(read.drop(numbers)), name
        for column in numbers:
            assert frame[column].equals(read[column].cast(pl.Float64)), (name, column)


def test_texts_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    texts = ["=1+1", "+82", "-5%", "@SUM(A1)", "\tx", "\rx", "plain", "a=b", None, "'=x", " =x", '"=x"', "가,나\n다"]
    frame = pl.DataFrame({"text": texts, "number": [-1.5] * len(texts), "list": [[-1, 2]] * len(texts)})
    sink = io.BytesIO()
    frame.write_ipc(sink)
    written = tables.csv_of(sink.getvalue())
    read = pl.read_csv(io.BytesIO(written), infer_schema=False)
    expected = [f"'{each}" if each and each[0] in "=+-@\t\r" else each for each in texts]
    assert expected == read["text"].to_list()
    assert {"-1.5"} == set(read["number"]) and {"[-1, 2]"} == set(read["list"])
    assert frame.equals(pl.read_parquet(io.BytesIO(tables.parquet_of(sink.getvalue())))), "Parquet runs nothing"


def test_an_account_with_a_hostile_name_is_harmless_as_csv(site: Here) -> None:
    """A ticker is the reader's own word; the cell of a sheet begins with it."""
    held = {"ticker": "005930", "quantity": 5, "price": 71_000, "name": "=HYPERLINK(1)"}
    document = library("account", {"holding": [HELD], "quick": True, "paths": 100})
    document["holdings"][0] |= {"name": held["name"]}
    run = site.runs.adopt(Ask("country", CountryAsk(seed=99)), Made(b"{}", tables_bytes(document)))
    text = site.get(f"/api/runs/{run.id}/tables/holdings.csv").text
    assert "'=HYPERLINK(1)" in text and ",=HYPERLINK" not in text


def test_the_law_is_told_as_the_library_tells_it(site: Here) -> None:
    told = site.get("/api/law?path=margin.maintenance&on=2024-08-05")
    assert json.loads(json.dumps(gaemi.law("2024-08-05").describe("margin.maintenance"), default=str)) == told.json()
    assert "2025-10-31" == site.get("/api/law?path=margin.maintenance").json()["on"]
    for query in ("path=margin.nothing", "path=margin.maintenance&on=today", "path=margin.maintenance&on=1990-01-01"):
        assert 422 == site.get(f"/api/law?{query}").status_code
    assert (
        "did you mean 'margin.maintenance'?" == site.get("/api/law?path=margin.maintenan").json()["faults"][0]["help"]
    )
    for query in ("", "path=", "path=../law", "path=margin/../x", "path=margin.maintenance&on=20240805000000"):
        assert 422 == site.get(f"/api/law?{query}").status_code


def test_the_description_is_valid_and_names_every_address(site: Here) -> None:
    described = site.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for name, schema in described["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema.get("description") or schema.get("enum") or "title" in schema, name
    assert {f"/api/{view}" for view in ASKS} < set(described["paths"])
    asked = {
        "/api/law",
        "/api/runs/{run_id}",
        "/api/runs/{run_id}/document",
        "/api/runs/{run_id}/tables/{table}.{kind}",
    }
    assert asked == set(described["paths"]) - {f"/api/{view}" for view in ASKS}
    page = site.get("/api", headers={"accept": "text/html"}).text
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            assert about["description"] and {"422"} <= set(about["responses"])
            assert f"{method.upper()} {path}" in page
    for view in ASKS:
        assert {"200", "202", "400", "422", "429", "503"} <= set(
            described["paths"][f"/api/{view}"]["post"]["responses"]
        )


@pytest.mark.parametrize("path", ["/api/account", "/api/law?path=margin.maintenance", "/country", "/api/openapi.json"])
def test_other_methods_are_refused_in_words(site: Here, path: str) -> None:
    for method in ("OPTIONS", "PUT", "PATCH", "TRACE", "PROPFIND"):
        answer = site.client.request(method, path)
        assert 405 == answer.status_code and answer.headers["allow"]
    head, got = site.client.head(path), site.get(path)
    assert (got.status_code, b"") == (head.status_code, head.content)


def test_a_run_that_failed_says_so_and_no_more(site: Here) -> None:
    with patch.object(running.worker, "carry_out", int):
        answer = site.post("/api/account?wait=30", json=QUICK)
    assert 503 == answer.status_code and "our mistake" in answer.text and HELD not in answer.text
