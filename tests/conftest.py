"""What the tests share: where real histories lie, if they lie anywhere."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


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
