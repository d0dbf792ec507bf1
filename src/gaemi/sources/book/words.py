"""Headers of a book's tables in English, Korean and the field names of an open interface, and the words of its cells.

Interface: Korea Investment & Securities (``inquire_balance``: pdno, hldg_qty, prpr, loan_dt, loan_amt, expd_dt;
``inquire_account_balance``: dnca_tot_amt).
"""

from collections.abc import Mapping, Sequence

from gaemi.errors import Fault
from gaemi.records.book import TABLES, BookColumn
from gaemi.sources.account_words import plain

_ACCOUNT = ("account_id", "account_no", "id", "계좌", "계좌번호", "종합계좌번호", "cano")
_TICKER = ("symbol", "code", "종목", "종목코드", "종목번호", "단축코드", "pdno")
_CURRENCY = ("통화", "통화코드", "crcy_cd")
_OPENED = ("opened_on", "since", "대출일", "대출일자", "신용일자", "loan_dt")
_DUE = ("due_on", "maturity", "만기", "만기일", "만기일자", "expd_dt")
_LOAN = ("loan_won", "loan_amount", "대출금", "대출금액", "신용금액", "융자금액", "loan_amt")

HEADERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "accounts": {
        "account": _ACCOUNT,
        "cash": ("cash_won", "deposit", "예수금", "예수금총액", "현금", "dnca_tot_amt"),
        "firm": ("broker", "firm_class", "증권사", "회사"),
        "segment": ("branch", "channel", "지점", "지점명", "부문", "등급", "구분"),
        "called": ("called_on", "통보일", "담보부족일"),
        "sale": ("sale_on", "sale_due", "반대매매일", "반대매매예정일"),
        "currency": _CURRENCY,
    },
    "loans": {
        "account": _ACCOUNT,
        "principal": ("principal_won", "amount", *_LOAN, "융자금", "대출잔액"),
        "kind": ("loan_kind", "종류", "대출종류", "대출구분"),
        "pool": ("담보군",),
        "ticker": (*_TICKER, "담보종목"),
        "quantity": ("shares", "수량", "융자수량", "담보수량", "hldg_qty"),
        "entry_price": ("entry", "진입가", "진입가격", "체결단가"),
        "margin": ("margin_won", "증거금", "위탁증거금", "개시증거금"),
        "opened": _OPENED,
        "due": _DUE,
        "rate_class": ("rate", "금리구분", "이율구분"),
        "currency": _CURRENCY,
    },
    "holdings": {
        "account": _ACCOUNT,
        "ticker": _TICKER,
        "quantity": ("shares", "수량", "보유수량", "잔고수량", "hldg_qty"),
        "standing": ("담보구분", "잔고구분"),
        "price": ("close", "현재가", "종가", "prpr"),
        "loan": _LOAN,
        "opened": _OPENED,
        "due": _DUE,
        "currency": _CURRENCY,
    },
    "instruments": {
        "ticker": _TICKER,
        "name": ("종목명", "prdt_name"),
        "board": ("market", "시장", "시장구분"),
        "kind": ("종류", "상품구분"),
        "group": ("stock_group", "종목군", "종목등급", "증거금군"),
        "substitute": ("substitute_rate", "substitute_pct", "대용비율", "대용가비율"),
        "price": ("close", "현재가", "종가", "기준가", "prpr"),
        "volume": ("volume_shares", "adv", "거래량", "평균거래량", "acml_vol"),
        "volatility": ("volatility_pct", "변동성"),
        "issued": ("shares_issued", "listed", "상장주식수", "lstn_stcn"),
        "halted": ("halt", "거래정지", "정지여부", "trht_yn"),
        "underlying": ("기초자산", "기초지수"),
        "currency": _CURRENCY,
    },
}

WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "kind": {
        "margin": ("credit", "신용", "신용융자", "신용거래융자", "융자"),
        "pledged": ("담보", "담보대출", "주식담보대출", "예탁증권담보융자"),
        "stock_loan": ("스탁론",),
        "unsettled": ("미수", "misu"),
        "cfd": ("차액결제거래", "차액결제", "contract for difference"),
        "stock": ("주식", "보통주", "우선주", "share"),
        "fund": ("etf", "etn", "펀드", "상장지수펀드"),
    },
    "pool": {"broker": ("증권사", "위탁"), "stock_loan": ("스탁론",), "cfd": ("차액결제거래", "차액결제")},
    "standing": {
        "financed": ("margin", "신용", "융자"),
        "pledged": ("담보", "담보대출"),
        "other": ("own", "cash", "현금", "일반"),
        "stock_loan": ("스탁론",),
        "unsettled": ("미수",),
        "elsewhere": ("다른계좌", "타계좌", "타사"),
        "cfd": ("차액결제거래", "차액결제"),
    },
    "board": {
        "KOSPI": ("코스피", "유가증권", "유가", "stk"),
        "KOSDAQ": ("코스닥", "ksq"),
        "US": ("nasdaq", "nyse", "amex", "나스닥", "뉴욕", "미국"),
    },
    "group": {
        "1": ("g1", "a", "1군", "1그룹"),
        "2": ("g2", "b", "2군", "2그룹"),
        "3": ("g3", "c", "3군", "3그룹"),
    },
    "currency": {"KRW": ("won", "원", "원화", "₩"), "USD": ("dollar", "달러", "미국달러", "$")},
}
FLAGS = {"1": 1, "y": 1, "yes": 1, "true": 1, "예": 1, "정지": 1, "0": 0, "n": 0, "no": 0, "false": 0, "아니오": 0}


def spellings(table: str) -> dict[str, str]:
    """Every plain spelling of the headers of a table, with the name of its column."""
    return {plain(word): name for name, others in HEADERS[table].items() for word in (name, *others)}


def word_spellings(column: BookColumn) -> dict[str, str]:
    """Every plain spelling of the words of a column, with the word that it stands for."""
    others = WORDS.get(column.name, {})
    return {plain(word): name for name in column.words for word in (name, *others.get(name, ()))}


def column_places(
    table: str, headers: Sequence[str], where: str, faults: list[Fault]
) -> tuple[dict[str, int], list[str]]:
    """Place of each known column among the headers, and the headers that the table does not know.

    A column that is needed and not there, or there twice, adds a fault.
    """
    known = spellings(table)
    places: dict[str, int] = {}
    unknown = []
    for place, header in enumerate(headers):
        name = known.get(plain(header))
        if name is None:
            unknown += [header] if header else []
        elif name in places:
            found = f"'{headers[places[name]]}' and '{header}'"
            faults.append(Fault(where, found, f"the table of {table} must have one column of {name}", "take one out"))
        else:
            places[name] = place
    for column in TABLES[table]:
        if column.required and column.name not in places:
            had = ", ".join(f"'{header}'" for header in headers if header) or "no header"
            others = ", ".join((column.name, *HEADERS[table][column.name]))
            allowed = f"the table of {table} must have a column of {column.name}"
            faults.append(Fault(where, had, allowed, f"name it one of {others}"))
    return places, unknown
