"""What the tests share: where real histories lie, if they lie anywhere, and how random examples are drawn."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from postgres import own_server as own_server
from postgres import server as server

REPOSITORY = Path(__file__).resolve().parents[1]


# No deadline, because a first compile is slow; the same examples in every run, because a run is a pure function.
settings.register_profile("gaemi", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("gaemi")


def data_folder() -> Path | None:
    """The folder of recorded histories: ``GAEMI_DATA``, else ``../shared/data`` beside the repository, else none."""
    named = os.environ.get("GAEMI_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded histories; the test is skipped where there is none."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no recorded histories here: set GAEMI_DATA to a folder that holds them")
    return folder
