"""Figures, dates and particles in Korean: the same number, the same day, the particle that the syllable before asks."""

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gaemi.answers import wording
from gaemi.answers.korean import amount, figures, settled
from gaemi.units import format_won, parse_won

AMOUNTS = [
    ("0 won", "0 원"),
    ("812 won", "812 원"),
    ("24.6 bn won", "246억 원"),
    ("1.4 tn won", "1조 4천억 원"),
    ("140.0 m won", "1억 4천만 원"),
    ("945.4 m won", "9억 4,540만 원"),
    ("12,345.6 tn", "12,345조 6천억"),
    ("−3.2 bn won", "−32억 원"),
    ("62–185 k", "6만 2천–18만 5천"),
    ("123 k (62–185 k)", "12만 3천 (6만 2천–18만 5천)"),
    ("3.2 tn won (3.1–3.3)", "3조 2천억 원 (3조 1천억–3조 3천억)"),
    ("3.1 bn won (2.9 to 3.3)", "31억 원 (29억 to 33억)"),
    ("24.6 bn ± 0.3", "246억 ± 3억"),
    ("692,578–2.4 bn", "69만 2,578–24억"),
    ("5.3 k", "5,300"),
    ("1.2 m", "120만"),
]
DAYS = [
    ("31 October 2025", "2025년 10월 31일"),
    ("Monday 3 November 2025", "2025년 11월 3일 월요일"),
    ("Friday 3 November", "11월 3일 금요일"),
    ("9 Mar", "3월 9일"),
    ("October 2025", "2025년 10월"),
    ("from 2 May 2020 to 5 June 2020", "from 2020년 5월 2일 to 2020년 6월 5일"),
    ("2025-10-31", "2025-10-31"),
    ("3 Marginal", "3 Marginal"),
]
OTHERS = [
    ("11.3 %", "11.3%"),
    ("−30 %", "−30%"),
    ("2.0 times", "2.0배"),
    ("3 of 1,204", "1,204 중 3"),
    ("005930", "005930"),
    ("", ""),
    ("no figure at all", "no figure at all"),
]
PARTICLES = [
    ("삼성전자은(는)", "삼성전자는"),
    ("현대차이(가)", "현대차가"),
    ("금액이(가)", "금액이"),
    ("융자을(를)", "융자를"),
    ("원과(와)", "원과"),
    ("서울으로(로)", "서울로"),
    ("시가으로(로)", "시가로"),
    ("정오으로(로)", "정오로"),
    ("현금으로(로)", "현금으로"),
    ("005930은(는)", "005930은"),
    ("2을(를)", "2를"),
    ("7으로(로)", "7로"),
    ("3으로(로)", "3으로"),
    ("BTC이(가)", "BTC가"),
    ("SOL으로(로)", "SOL로"),
    ("KOSPI은(는)", "KOSPI는"),
    ("KOSDAQ은(는)", "KOSDAQ은"),
    ("10%이(가)", "10%가"),
    ("삼성전자(005930)은(는)", "삼성전자(005930)은"),
    ("“통지”을(를)", "“통지”를"),
    ("은(는)", "는"),
    ("A은(는) 원이(가) 수을(를)", "A는 원이 수를"),
]
COUNTED = [
    ("41만 5천 (20만 8천–69만 2천)명이", "41만 5천명(20만 8천–69만 2천명)이"),
    ("계좌 3 (2–5)개", "계좌 3개(2–5개)"),
    ("3 (2–5)개월", "3 (2–5)개월"),
    ("원금 (이자 포함)명", "원금 (이자 포함)명"),
]


@pytest.mark.parametrize(("english", "korean"), [*AMOUNTS, *DAYS, *OTHERS])
def test_a_figure_is_written_as_korean_counts(english: str, korean: str) -> None:
    assert korean == figures(english)


@pytest.mark.parametrize(("before", "after"), [*PARTICLES, *COUNTED])
def test_a_text_is_settled_when_it_stands_whole(before: str, after: str) -> None:
    assert after == settled(before)


@given(st.integers(0, 10**16 - 10**12))
@example(999)
@example(1000)
@example(9_999_499)
@example(9_999_999)
@example(10**12 - 1)
def test_an_english_amount_and_its_korean_say_the_same_number(won: int) -> None:
    english = format_won(won)
    assert parse_won(english) == parse_won(figures(english))


@given(st.decimals(0, 999, places=1), st.sampled_from(["k", "m", "bn", "tn"]))
def test_an_amount_loses_no_digit(number, unit: str) -> None:
    size = {"k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}[unit]
    written = amount(str(number), size)
    assert int(number * size) == (int(float(written)) if re.fullmatch(r"[\d.]+", written) else parse_won(written))


@given(st.dates(date(1990, 1, 1), date(2040, 12, 31)))
def test_a_day_is_the_same_day(day: date) -> None:
    expected = f"{day.year}년 {day.month}월 {day.day}일"
    assert expected == figures(wording.day_name(day.isoformat()))
    assert f"{expected} {'월화수목금토일'[day.weekday()]}요일" == figures(f"{day:%A} {wording.day_name(str(day))}")


@given(st.text())
def test_any_text_is_written_in_one_way(text: str) -> None:
    once = settled(figures(text))
    assert once == settled(figures(text))
    assert text == figures(text) or re.search(r"\d", text)
