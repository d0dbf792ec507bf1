"""One site with its workers for every test of this folder that asks over HTTP."""

from collections.abc import Iterator

import pytest
from web.site import BOOK, Here, open_site


@pytest.fixture(scope="session")
def site() -> Iterator[Here]:
    with open_site(str(BOOK)) as here:
        yield here
