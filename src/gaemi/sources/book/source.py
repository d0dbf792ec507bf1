"""Sources: from what a user names to the parts of each table of a book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.fs as pa_fs

from gaemi.errors import Fault, Refused, refuse
from gaemi.records.book import TABLES
from gaemi.sources.book.parts import ENDINGS, Part, file_part, files_of, frame_part, unreadable

PRICES = "prices"
DATABASES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Source:
    """The parts of each table, the prices beside them, what the source is in words, and files that were not used."""

    parts: dict[str, list[Part]]
    words: str
    prices: Any = None
    unused: tuple[str, ...] = field(default=())

    def close(self) -> None:
        """End what the parts are read from: the one transaction of a database."""
        close = getattr(self.parts, "close", None)
        if close is not None:
            close()


def source_of(source: Any, tables: Mapping[str, str] | None = None, queries: Mapping[str, str] | None = None) -> Source:
    """What ``source`` holds: a file of holdings, a folder with the four tables (files or folders of files), a frame of
    holdings, a mapping from table to any of these, the URL of an object store or of a database.

    ``tables`` and ``queries`` name tables and queries of a database. Raises Refused for what cannot be read.
    """
    told = {**(tables or {}), **(queries or {})}
    is_database = isinstance(source, str) and source.startswith(DATABASES)
    unknown = [name for name in told if name not in TABLES]
    if unknown:
        allowed = f"tables of a book are {', '.join(TABLES)}"
        raise Refused(
            Fault("--table", f"'{name}'", allowed, 'write --table "holdings=risk.positions"') for name in unknown
        )
    if told and not is_database:
        raise refuse("--table", next(iter(told)), "belongs to a database", "give a URL as postgresql://user@host/risk")
    if is_database:
        from gaemi.sources.book.database import parts_of_database
        from gaemi.sources.book.database import shown_url as shown

        return Source(parts_of_database(source, tables or {}, queries or {}), f"database {shown(source)}")
    if isinstance(source, Mapping):
        return _mapped(source)
    if not isinstance(source, str | Path):
        return Source({"holdings": [frame_part(source, "frame of holdings")]}, "frame of holdings")
    if not str(source).strip():
        raise refuse("source", "an empty text", "must be a file, a folder or a URL")
    from gaemi.sources.book.store import shown_url

    return _stored(*_place(source), shown_url(str(source)))


def _place(source: str | Path) -> tuple[pa_fs.FileSystem, str]:
    """The file system of a path or URL, and the path in it."""
    from gaemi.sources.book.store import is_url, store_of

    if isinstance(source, str) and is_url(source):
        store, path = store_of(source)
        return store, path.rstrip("/")
    return pa_fs.LocalFileSystem(), Path(source).absolute().as_posix()


def _parts(store: pa_fs.FileSystem, path: str, root: str, shown: str) -> list[Part]:
    """The parts of a file, or of a folder's files; raises Refused with the faults of all that cannot be opened."""
    parts: list[Part] = []
    faults: list[Fault] = []
    for file in files_of(store, path, shown):
        try:
            parts.append(file_part(store, file, root))
        except Refused as problem:
            faults += problem.faults
    if faults:
        raise Refused(faults)
    return parts


def _mapped(source: Mapping[str, Any]) -> Source:
    """A mapping from table to a frame or a path."""
    from gaemi.sources.book.store import shown_url

    unknown = [name for name in source if name not in (*TABLES, PRICES)]
    if unknown:
        allowed = f"the keys are {', '.join((*TABLES, PRICES))}"
        raise Refused(Fault("source", f"'{name}'", allowed) for name in unknown)
    parts: dict[str, list[Part]] = {}
    for name, one in source.items():
        if name == PRICES or one is None:
            continue
        if isinstance(one, str | Path):
            store, path = _place(one)
            parts[name] = _parts(store, path, path, shown_url(str(one)))
        else:
            parts[name] = [frame_part(one, name)]
    return Source(parts, "frames", source.get(PRICES))


def _stored(store: pa_fs.FileSystem, path: str, shown: str) -> Source:
    """A file of holdings, or a folder: tables by the names of its files and folders, else all of it is holdings."""
    name = PurePosixPath(path).name
    try:
        info = store.get_file_info(path)
        is_folder = info.type == pa_fs.FileType.Directory
        inside = store.get_file_info(pa_fs.FileSelector(path)) if is_folder else []
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise unreadable(shown, problem) from None
    if info.type == pa_fs.FileType.NotFound:
        help = (
            "a book is a file, a folder, a URL of an object store or of PostgreSQL; `gaemi book --template` shows one"
        )
        raise refuse(shown, "nothing there", "must be a file or a folder", help)
    if info.type == pa_fs.FileType.File:
        if not path.lower().endswith(ENDINGS):
            ending = PurePosixPath(path).suffix
            raise refuse(shown, f"'{ending}'", f"a table file ends in {', '.join(ENDINGS)}")
        return Source({"holdings": [file_part(store, path, path)]}, f"file {name}")
    parts: dict[str, list[Part]] = {}
    prices = None
    unused = []
    at: dict[str, str] = {}
    for entry in sorted(inside, key=lambda each: str(each.path)):
        stem, is_folder = PurePosixPath(entry.path).stem.lower(), entry.type == pa_fs.FileType.Directory
        if stem.startswith((".", "_")) or not (is_folder or entry.path.lower().endswith(ENDINGS)):
            continue
        if stem == PRICES:
            prices = _prices(store, entry.path)
        elif stem in TABLES:
            if stem in parts:
                found = f"{at[stem]} and {PurePosixPath(entry.path).name}"
                help = "every row would count twice: take one out"
                raise refuse(shown, found, f"must hold the table of {stem} once", help)
            at[stem] = PurePosixPath(entry.path).name
            parts[stem] = _parts(store, entry.path, path, entry.path)
        else:
            unused.append(PurePosixPath(entry.path).name)
    if not parts:
        parts = {"holdings": _parts(store, path, path, shown)}
        unused = []
    return Source(parts, f"folder {name}", prices, tuple(unused))


def _prices(store: pa_fs.FileSystem, path: str) -> Any:
    """Prices as the reader of prices takes them: a path here, a frame from elsewhere."""
    if isinstance(store, pa_fs.LocalFileSystem):
        return path
    import polars as pl

    try:
        with store.open_input_file(path) as opened:
            return pl.read_parquet(opened) if not path.lower().endswith(".csv") else pl.read_csv(opened)
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as problem:
        raise unreadable(PurePosixPath(path).name, problem) from None


def shown_source(source: Any) -> str | None:
    """A source as a record of a run may name it: a path or URL without its password, a frame by its kind."""
    if source is None:
        return None
    if isinstance(source, str | Path):
        text = str(source)
        if "://" in text and "@" in text:
            scheme, _, rest = text.partition("://")
            user, _, place = rest.rpartition("@")
            return f"{scheme}://{user.partition(':')[0]}@{place}"
        return text
    if isinstance(source, Mapping):
        return f"mapping of {', '.join(sorted(str(name) for name in source))}"
    return f"frame of {type(source).__module__.partition('.')[0]}"
