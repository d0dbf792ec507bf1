"""Whatever is sent: no error of ours, no answer that keeps one waiting, and answers as the description says."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install 'gaemi[browser]'")

from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web.markup import read
from web.site import BOOK, BOOK_ON, QUICK, SHOCK, Here, open_site

from gaemi.web.asks import ASKS
from gaemi.web.runs import State

pytestmark = pytest.mark.slow

PATIENCE_SECONDS, WAITED_SECONDS = 20.0, 1.0
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    *(("POST", f"/api/{view}") for view in ASKS),
    *(("GET", "/api/law"), ("GET", "/api/runs/{run_id}"), ("DELETE", "/api/runs/{run_id}")),
    *(("GET", "/api/runs/{run_id}/document"), ("GET", "/api/runs/{run_id}/tables/{table}.{kind}")),
]
EXAMPLES = {"POST": 80, "GET": 40, "DELETE": 20}
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]


@pytest.fixture(scope="module")
def here() -> Iterator[Here]:
    """A site of its own, since many heavy questions are left behind."""
    with open_site(str(BOOK)) as site:
        yield site


@pytest.fixture(scope="module")
def runs(here: Here) -> list[str]:
    """Names of runs that are there."""
    return [here.run("account", QUICK), here.run("country", SHOCK), here.run("book", {"on": BOOK_ON})]


@pytest.fixture(scope="module")
def schema(here: Here) -> Any:
    return openapi.from_url(str(here.client.base_url.join("/api/openapi.json")))


def hurried(case: Any) -> Any:
    """The same question, that waits for its answer no longer than the test can."""
    query = case.query if isinstance(case.query, dict) else {}
    waited = query.get("wait")
    if waited is None or (isinstance(waited, int | float) and waited > WAITED_SECONDS):
        case.query = {**query, "wait": WAITED_SECONDS}
    return case


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.name)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_api_answers_as_it_is_described(
    here: Here, schema: Any, runs: list[str], method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]

    @settings(max_examples=EXAMPLES[method], deadline=None, derandomize=True, suppress_health_check=QUIET)
    @given(case=operation.as_strategy(generation_mode=mode), known=st.sampled_from([None, *runs]))
    def ask(case: Any, known: str | None) -> None:
        if known and "run_id" in (case.path_parameters or {}):
            case.path_parameters = {**case.path_parameters, "run_id": known}
        began = monotonic()
        response = hurried(case).call()
        assert monotonic() - began < PATIENCE_SECONDS
        case.validate_response(response, checks=CHECKS)

    ask()


WORDS = st.text(max_size=60) | st.sampled_from(["KOSPI -20%", "005930 5 @ 71000", "45m", "2025-10-31", "x" * 5_000])
FIELDS = ("shock", "replay", "reform", "scale", "days", "on", "seed", "state", "coins", "feedback", "run", "paths")
ACCOUNT_FIELDS = ("holding", "loan", "cash", "goal", "by", "saving", "firm", "replay", "run", "drift", "what_if")


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(
    path=st.sampled_from(["/country", "/book", "/account", "/book/accounts", "/book/account", "/glossary", "/api"]),
    given=st.dictionaries(st.sampled_from([*FIELDS, "lang", "segment", "account", "sort", "at"]) | WORDS, WORDS),
    language=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)
def test_pages_take_any_address(here: Here, path: str, given: dict[str, str], language: str) -> None:
    headers = {"accept": "text/html", "accept-language": f"x,{language}".strip()}
    answer = here.get(path, params=given, headers=headers)
    assert answer.status_code in (200, 404, 422), answer.status_code
    read(answer.text)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(given=st.dictionaries(st.sampled_from(ACCOUNT_FIELDS), WORDS), content=st.none() | st.binary(max_size=500))
def test_forms_take_any_field_and_file(here: Here, given: dict[str, str], content: bytes | None) -> None:
    files = None if content is None else {"file": ("account.csv", content)}
    answer = here.post("/account", data=given | {"paths": "100"}, files=files, headers={"accept": "text/html"})
    assert answer.status_code in (303, 422), answer.status_code


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(name=st.sampled_from(["account.yaml", "account.json", "account.csv", "account.parquet"]), data=st.data())
def test_files_of_accounts_are_read_or_refused(here: Here, name: str, data: st.DataObject) -> None:
    """Bytes of chance, and accounts of which some letters were changed."""
    sound = b"cash: 5m\nholdings:\n  - 005930 5 @ 71000\nloans: [1m on 005930]\non: 2025-10-31\n"
    sound = b"ticker,quantity,price\n005930,5,71000\n" if name.endswith("csv") else sound
    at = data.draw(st.integers(0, len(sound)))
    content = sound[:at] + data.draw(st.binary(max_size=6)) + sound[at + data.draw(st.integers(0, 6)) :]
    answer = here.post(
        "/account", data={"paths": "100"}, files={"file": (name, content)}, headers={"accept": "text/html"}
    )
    assert answer.status_code in (303, 422), answer.status_code


def test_afterwards_nothing_has_failed_and_all_lanes_work(here: Here) -> None:
    kept = list(here.runs._runs.values())
    failed = [(run.ask.view, run.ask.fields, run.made.faults) for run in kept if run.state is State.FAILED]
    assert [] == failed
    for run in kept:
        here.runs.cancel(run)
    assert here.run("account", QUICK | {"seed": 9}) and here.run("country", SHOCK | {"seed": 9})
