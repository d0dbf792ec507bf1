import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.market.shocks import Halt, Move, Shock, parse_shock, with_default

KNOWN = ("005930", "004690", "006740", "TQQQ", "KRW-BTC")


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(Refused) as refusal:
        parse_shock(text, KNOWN)
    return tuple(str(fault) for fault in refusal.value.faults)


def test_a_market_shock_with_one_length_for_all() -> None:
    expected = Shock((Move("KOSPI", -2000, 3), Move("KOSDAQ", -2500, 3), Move("USDKRW", 800, 3)))
    assert expected == parse_shock("KOSPI -20%, KOSDAQ -25%, USDKRW +8% over 3d")


def test_a_locked_name_falls_day_after_day() -> None:
    expected = Shock((Move("004690", -3000, 1, 3, locked=True, fill_bps=200),))
    assert expected == parse_shock("004690 -30% x3 locked fill 2%", KNOWN)
    assert expected.days == 3


def test_a_halted_name() -> None:
    assert Shock(halts=(Halt("006740", 5),)) == parse_shock("006740 halt 5d", KNOWN)


@pytest.mark.parametrize(
    "text", ["-20%", "KOSPI -20%", "−20 %", "– 20%", "kospi -20.00%", "KS11 －20％", "코스피 -20%", "^KS11-20%"]
)
def test_kosdaq_falls_one_and_a_fifth_times_as_much_where_it_is_not_named(text: str) -> None:
    expected = Shock((Move("KOSPI", -2000, 3), Move("KOSDAQ", -2400, 3, implied=True)))
    assert expected == parse_shock(text)
    assert expected == with_default(-2000)


def test_kosdaq_can_be_kept_still() -> None:
    assert parse_shock("KOSPI -20%, KOSDAQ 0%").change_bps("KOSDAQ") == 0


def test_kosdaq_alone_leaves_kospi_still() -> None:
    assert Shock((Move("KOSDAQ", -2500, 3),)) == parse_shock("KOSDAQ -25%")


def test_the_last_length_holds_for_moves_that_name_none() -> None:
    shock = parse_shock("KOSPI -20% over 5d, KOSDAQ -25%, USDKRW +8% over 2d")
    assert [5, 2, 2] == [move.sessions for move in shock.moves]


def test_a_length_of_the_first_move_is_its_own() -> None:
    shock = parse_shock("KOSPI -20% over 5d, KOSDAQ -25%")
    assert [5, 3] == [move.sessions for move in shock.moves]


def test_a_length_may_stand_alone() -> None:
    shock = parse_shock("over 10 days, KOSPI -20%, KOSDAQ -25%")
    assert [10, 10] == [move.sessions for move in shock.moves]


def test_a_halt_after_the_moves_and_a_name_with_a_dash() -> None:
    shock = parse_shock("krw-btc -30%; TQQQ -45%; 006740 halt 5d;", KNOWN)
    assert ["KRW-BTC", "TQQQ"] == [move.target for move in shock.moves]
    assert shock.halts == (Halt("006740", 5),)
    assert shock.days == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be written as"),
        ("   ", "must be written as"),
        ("over 3d", "must name a move or a halt"),
        ("KOSPI falls", "must be written as"),
        ("KOSPI -20", "must be written as"),
        ("KOSPI --20%", "must be written as"),
        ("KOSPI nan%", "must be written as"),
        ("KOSPI -20%, , KOSDAQ -25%", "nothing between two commas"),
        ("KOSPI 20%", "a change must carry its sign, as -20% or +20%, was 20% without a sign"),
        ("KOSPI -20.125%", "at most two decimals"),
        ("KOSPI -100%, KOSDAQ -1%", "above -100% and not above +100%, was -100%"),
        ("KOSPI -1000%, KOSDAQ -1%", "was -1000%"),
        ("KOSPI +100.01%, KOSDAQ 0%", "was +100.01%"),
        ("KOSPI -90%", "was -108% for KOSDAQ, 1.2 times KOSPI's -90%"),
        ("KOSPI -20% over 0d", "1 to 250 sessions, was 0 sessions"),
        ("KOSPI -20% over 99999999999999999999d", "1 to 250 sessions"),
        ("004690 -30% x0", "was 0 sessions"),
        ("KOSPI -20% quickly", "after the change may stand"),
        ("004690 -30% loked", "did you mean 'locked'?"),
        ("004690 -30% x3 x4", "'repeat' may stand once"),
        ("004690 -30% x3 over 3d", "a repeated or locked move counts its own sessions"),
        ("004690 -30% fill 2%", "a fill belongs to a locked name"),
        ("004690 -30% locked fill 101%", "a fill must be 0% to 100%"),
        ("004690 0% locked", "its change must not be 0%"),
        ("KOSPI -20% locked", "only a single name can be locked"),
        ("KOSPI halt 5d", "only a single name can be halted"),
        ("006740 halt", "a halt must say for how long"),
        ("006740 halt 0d", "was 0 sessions"),
        ("KOSPI -20%, ^KS11 -10%", "KOSPI may be named once"),
        ("006740 -30%, 006740 halt 5d", "a halted name does not move"),
        ("005931 -30%", "did you mean '005930'?"),
        ("KOSPY -20%", "did you mean 'KOSPI'?"),
        ("5930 -30%", "was '5930'"),
    ],
)
def test_a_shock_that_cannot_be_taken_is_refused(text: str, message: str) -> None:
    assert any(message in fault for fault in faults_of(text)), faults_of(text)


def test_every_fault_is_told_at_once_with_its_place() -> None:
    faults = faults_of("KOSPI -120%, KOSDQ -25%, 004690 -30% fill 2%")
    assert ["--shock, character 1", "--shock, character 14", "--shock, character 26"] == [
        fault.split(":")[0] for fault in faults[:3]
    ]


@pytest.mark.parametrize("kospi_bps", range(0, -4001, -500))
def test_the_grid_says_in_words_what_it_does(kospi_bps: int) -> None:
    shock = with_default(kospi_bps)
    assert kospi_bps * 12 // 10 == shock.change_bps("KOSDAQ")
    again = parse_shock(str(shock))
    assert [(m.target, m.change_bps, m.sessions) for m in shock.moves] == [
        (m.target, m.change_bps, m.sessions) for m in again.moves
    ]


def test_a_grid_shock_of_more_than_everything_is_refused() -> None:
    with pytest.raises(Refused, match="was -102%"):
        with_default(-8500)


@given(st.text(alphabet="KOSPIDAQ 0123456789-+%xlockedfiovrhat,;.−\n", max_size=40))
def test_no_text_ends_in_anything_but_a_shock_or_a_refusal(text: str) -> None:
    try:
        shock = parse_shock(text, KNOWN)
    except Refused:
        return
    assert shock.moves or shock.halts
    assert all(-10_000 < move.change_bps <= 10_000 for move in shock.moves)


@given(
    st.sampled_from(["KOSPI", "KOSDAQ", "USDKRW", "005930"]),
    st.integers(-9_999, 10_000),
    st.integers(1, 250),
)
def test_what_a_move_says_reads_back_as_the_same_move(target: str, change_bps: int, sessions: int) -> None:
    move = Move(target, change_bps, sessions)
    kosdaq = Move("KOSDAQ", 0, 1)
    text = f"{move}, {kosdaq}" if target == "KOSPI" else str(move)
    assert move == parse_shock(text, KNOWN).moves[0]
