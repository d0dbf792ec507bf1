import numpy as np

from gaemi.records.ledger import Count, Currency, Difference, Item, Ledger, Sector, audit

NOTHING = np.zeros(2, np.int64)


def counted(ledger: Ledger, **lots: np.ndarray) -> Count:
    """What columns would hold if they agreed with ``ledger``."""
    issued = np.array([10, 20])
    named = {"held": issued - 3, "rest": np.array([3, 3]), "created": NOTHING, "issued": issued} | lots
    return Count(dict(ledger.balances), **named)


def test_a_posting_takes_from_one_what_it_gives_the_other() -> None:
    ledger = Ledger()
    ledger.post(Item.CASH, Sector.INVESTORS, Sector.GOVERNMENT, 7)
    assert -7 == ledger.balance(Sector.INVESTORS, Item.CASH)
    assert 7 == ledger.balance(Sector.GOVERNMENT, Item.CASH)
    assert 0 == sum(ledger.balances.values())


def test_a_loan_is_a_claim_and_a_debt() -> None:
    ledger = Ledger()
    ledger.lend(1_000)
    assert 1_000 == ledger.balance(Sector.LENDERS, Item.LOANS)
    assert -1_000 == ledger.balance(Sector.INVESTORS, Item.LOANS)


def test_currencies_are_never_mixed() -> None:
    ledger = Ledger()
    ledger.post(Item.CASH, Sector.INVESTORS, Sector.MARKET, 5, Currency.DOLLAR)
    assert 0 == ledger.balance(Sector.MARKET, Item.CASH)
    assert 5 == ledger.balance(Sector.MARKET, Item.CASH, Currency.DOLLAR)


def test_an_exact_audit_finds_nothing() -> None:
    ledger = Ledger()
    ledger.open(Sector.INVESTORS, Item.CASH, 500)
    ledger.lend(100)
    assert [] == audit(ledger, counted(ledger), ("A", "B"))


def test_a_won_missing_from_the_columns_is_found_by_sector_currency_and_item() -> None:
    ledger = Ledger()
    ledger.open(Sector.INVESTORS, Item.CASH, 500)
    count = counted(ledger)
    count.money[Sector.INVESTORS, Currency.WON, Item.CASH] -= 1
    assert [Difference("investors KRW cash", 500, 499)] == audit(ledger, count, ("A", "B"))


def test_a_lot_missing_anywhere_is_found_by_ticker() -> None:
    ledger = Ledger()
    for name, expected in (("held", 19), ("rest", 19), ("created", 19)):
        lots = {"held": np.array([7, 17]), "rest": np.array([3, 3]), "created": NOTHING.copy()}
        lots[name][1] -= 1
        assert [Difference("lots of B", 20, expected)] == audit(ledger, counted(ledger, **lots), ("A", "B"))


def test_debts_and_claims_must_add_up_to_nothing() -> None:
    ledger = Ledger()
    ledger.open(Sector.LENDERS, Item.RESIDUAL, 9)
    assert [Difference("all sectors KRW residual debt", 9, 0)] == audit(ledger, counted(ledger), ("A", "B"))
