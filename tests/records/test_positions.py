"""The columns of a venue are those of its table."""

from gaemi.records.positions import ACCOUNT, POSITION, VenueAccounts, empty_accounts


def test_the_record_holds_the_columns_of_the_table_in_their_order_and_types() -> None:
    columns = (*ACCOUNT, *POSITION)
    accounts = empty_accounts(3, 2)
    assert tuple(column.name for column in columns) == VenueAccounts._fields
    assert [column.dtype for column in columns] == [array.dtype.name for array in accounts]
    assert [(3,)] * len(ACCOUNT) + [(2, 3)] * len(POSITION) == [array.shape for array in accounts]
