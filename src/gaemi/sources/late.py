"""polars, loaded when a table is first read: it takes long, and most runs of a country read none."""

from typing import Any


class _Late:
    def __getattr__(self, name: str) -> Any:
        import polars

        return getattr(polars, name)


pl = _Late()
