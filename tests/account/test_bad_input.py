"""Bad input at the door of the account: one clear message each, exit 2, nothing on stdout, no traceback."""

from pathlib import Path

import pytest
from account.conftest import ON, who
from views.conftest import gaemi, refusals

SHARE, LOAN = "005930 1000 @ 71000", "45m"


def account(*arguments: str) -> list[str]:
    return refusals("account", *arguments)


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Writes an account file or a history and gives its path."""

    def write(text: str, name: str = "account.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(("arguments", "said"), [
    (("--holding", "005930 -40 @ 71000"), "005930 -40 @ 71000"),
    (("--holding", "005930 -40 @ 71000"), "must be"),
    (("--holding", "005931 10"), "did you mean '005930'?"),
    (("--holding", "TSLLL 10"), "did you mean 'TSLL'?"),
    (("--holding", "AAPL240119C150 1 @ 3"), "option"),
    (("--holding", "005930 10 @ -5"), "must be"),
    (("--holding", "005930 ten"), "ten"),
    (("--holding", SHARE, "--loan", "45 millions"), "write it as 140,000,000 or 140m"),
    (("--holding", SHARE, "--loan", "-45m"), "-45m"),
    (("--holding", SHARE, "--loan", "45.5"), "45.5"),
    (("--holding", SHARE, "--loan", "4천억만"), "4천억만"),
    (("--holding", SHARE, "--loan", "4,50,00"), "4,50,00"),
    (("--holding", SHARE, "--goal", "lots"), "write it as 140,000,000 or 140m"),
    (("--holding", SHARE, "--goal", "0"), "goal"),
    (("--holding", SHARE, "--goal", "1b", "--by", "2024-12-31"), "must come after the prices' date 2025-10-31"),
    (("--holding", SHARE, "--goal", "1b", "--by", "2025-10-31"), "must come after the prices' date 2025-10-31"),
    (("--holding", SHARE, "--goal", "1b", "--by", "soon"), "soon"),
    (("--holding", SHARE, "--by", "2100-01-01"), "must be within 40 years"),
    (("--holding", SHARE, "--by", "2025-11-01"), "must leave at least one session"),
    (("--holding", SHARE, "--saving", "-1m"), "-1m"),
    (("--holding", SHARE, "--firm", "Kiwoomm"), "Kiwoom"),
    (("--holding", SHARE, "--firm", "bander"), "did you mean 'banded'?"),
    (("--holding", SHARE, "--drift", "eight"), "eight"),
    (("--holding", SHARE, "--on", "2004-01-02"), "the law begins on 2005-01-03"),
    (("--holding", "005930 1000", "--on", "2025-10-30"), "005930 must have a price on 2025-10-30"),
    (("--holding", SHARE, "--more-saving", "much"), "much"),
    (("--holding", SHARE, "--what-if", "sell 005930 2000"), "at most the 1,000 of 005930"),
    (("--holding", SHARE, "--what-if", "sel 005930 20"), "did you mean 'sell'?"),
    (("--holding", SHARE, "--model", "garhc"), "did you mean 'garch'?"),
    (("--holding", SHARE, "--model", "history"), "needs a history of prices"),
    (("--holding", SHARE, "--paths", "3"), "must be from 100 to 1,000,000, was 3"),
    (("--holding", SHARE, "--paths", "2000000"), "must be from 100 to 1,000,000, was 2,000,000"),
    (("--holding", SHARE, "--years", "0"), "must be from 1 to 40 years of history, was 0"),
    (("--holding", SHARE, "--more-years", "0"), "must be from 1 to 20, was 0"),
    (("--holding", SHARE, "--days", "5"), "belongs to --replay"),
    (("--holding", SHARE, "--seed", "-1"), "must be from 0 to 4,294,967,295, was -1"),
    (("--holding", SHARE, "--threads", "0"), "must be 1 or more, was 0"),
    (("--holding", SHARE, "--prices", "nowhere.csv"), "nowhere.csv"),
    (("--holding", SHARE, "--replay", "covid-2021"), "did you mean 'covid-2020'?"),
    (("nowhere.yaml",), "nowhere.yaml"),
    ((), "needs a file or at least one holding"),
])  # fmt: skip
def test_what_is_refused_says_where_and_what_is_allowed(arguments: tuple[str, ...], said: str) -> None:
    found = account(*arguments)
    assert any(said in line for line in found), found


@pytest.mark.parametrize("thing", ["TSLL 100 @ 20.48", "122630 100 @ 44535", "TQQQ 10 @ 100"])
def test_a_margin_loan_on_what_firms_do_not_lend_on(thing: str) -> None:
    (found,) = account("--holding", thing, "--loan", f"1m on {thing.split()[0]}")
    assert "firms make no margin loan on" in found
    assert thing.split()[0] in found and found.startswith("--loan")


def test_a_loan_that_could_be_on_either_of_two_must_say_on_which() -> None:
    (found,) = account("--holding", SHARE, "--holding", "000660 10 @ 500000", "--loan", "1m")
    assert "must say which holding it is on" in found and '"45m on 005930"' in found
    assert "000660" in found


def test_a_loan_on_something_not_held() -> None:
    (found,) = account("--holding", SHARE, "--loan", "1m on 000660")
    assert "000660" in found


def test_every_fault_of_a_file_is_told_with_its_line(written) -> None:  # type: ignore[no-untyped-def]
    path = written(
        "on: 2025-10-31\nholdings:\n  - {ticker: '005930', quantity: -3, price: 71000}\n"
        "  - {ticker: '000660', quantity: 3, prise: 500000}\ngoal: lots\nby: 2030-13-01\n"
    )
    found = account(path)
    assert [3, 4, 5, 6] == sorted(int(line.split("line ")[1].split(":")[0].split(",")[0]) for line in found)
    assert any("did you mean 'price'?" in line for line in found)


def test_faults_of_a_request_are_told_together() -> None:
    found = account("--holding", SHARE, "--paths", "3", "--seed", "-1", "--model", "arch")
    assert ["--model", "--paths", "--seed"] == [line.split(":")[0] for line in found]


def test_a_goal_in_the_past_in_a_file(written) -> None:  # type: ignore[no-untyped-def]
    path = written("on: 2025-10-31\nholdings: [005930 10 @ 71000]\ngoal: 600m\nby: 2020-12-31\n")
    (found,) = account(path)
    assert "line 4" in found and "by must be after 2025-10-31" in found


def test_another_day_than_the_file_s(written) -> None:  # type: ignore[no-untyped-def]
    path = written("on: 2025-10-31\nholdings: [005930 10 @ 71000]\n")
    (found,) = account(path, "--on", "2025-10-30")
    assert "2025-10-30" in found and "2025-10-31" in found and "the file says another date" in found


def history(days: list[str]) -> str:
    return "date,close\n" + "".join(f"{day},{71_000 + 100 * place}\n" for place, day in enumerate(days))


SESSIONS = ["2025-10-27", "2025-10-28", "2025-10-29", "2025-10-30", "2025-10-31"]


def test_a_replay_of_one_s_own_prices_needs_the_day_it_starts_from(written) -> None:  # type: ignore[no-untyped-def]
    source = written(history(SESSIONS), "005930.csv")
    (found,) = account("--holding", SHARE, "--replay", source)
    assert "needs --on DATE" in found


def test_a_replay_that_ends_before_it_starts(written) -> None:  # type: ignore[no-untyped-def]
    source = written(history(SESSIONS), "005930.csv")
    (found,) = account("--holding", SHARE, "--replay", source, "--on", "2025-10-31")
    assert "the history must go on after it; its last day is 2025-10-31" in found


def test_prices_that_end_long_before_the_day_asked_for(written) -> None:  # type: ignore[no-untyped-def]
    source = written(history(SESSIONS), "005930.csv")
    (found,) = account("--holding", "005930 1000", "--prices", source, "--on", "2025-12-15")
    assert "005930 must have a price on 2025-12-15" in found


def test_a_history_too_short_for_the_model(written) -> None:  # type: ignore[no-untyped-def]
    source = written(history(SESSIONS), "005930.csv")
    (found,) = account("--holding", SHARE, "--prices", source, "--model", "history", "--on", "2025-10-31")
    assert "history needs at least 250" in found


def test_a_replay_without_the_prices_of_what_trades_abroad() -> None:
    (found,) = account("--holding", "SPY 10 @ 700", "--replay", "covid-2020")
    assert "SPY" in found and "give --prices with its history" in found


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    (found,) = account("--holding", SHARE, "--out", str(folder))
    assert found.startswith("--out: must be a new or an empty folder")
    assert ["mine.txt"] == [path.name for path in folder.iterdir()]


def test_a_refused_run_leaves_no_folder(tmp_path: Path) -> None:
    account("--holding", SHARE, "--paths", "3", "--out", str(tmp_path / "inside" / "runs"))
    assert [] == list(tmp_path.iterdir())


def test_a_ratio_under_maintenance_already_is_no_fault_and_says_what_happens() -> None:
    """Called at Friday's close: the firm of class standard sells at Tuesday's opening."""
    answer = gaemi(
        "account", "--holding", "005930 1000 @ 60000", "--loan", "45m", "--firm", "standard", "--on", "2025-10-31",
        "--paths", "100",
    )  # fmt: skip
    assert 0 == answer.code
    said = " ".join(answer.out.split())
    assert "under maintenance already: its ratio is 133.3 %, 140 % are asked, 3.0 m won are missing" in said
    assert "on Tuesday 4 November at 09:00 about 264 of 1,000 shares are sold" in said


@pytest.mark.parametrize(
    "spelling", ["45m", "45,000,000", "45000000", "4천5백만", "4500만원", "₩45,000,000", "0.045bn"]
)
def test_a_loan_may_be_written_as_people_write_it(spelling: str) -> None:
    (debt,) = who(holding=(SHARE,), loan=(spelling,), on=ON).debts
    assert 45_000_000 == debt.won
