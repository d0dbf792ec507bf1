"""Files that a visitor sends: their kind and size are checked, and they get names of ours, never one of theirs."""

from pathlib import PurePosixPath

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser

from gaemi.errors import Fault
from gaemi.records.book import TABLES as BOOK_TABLES
from gaemi.sources.accounts import TREE_ENDINGS
from gaemi.sources.tables import CSV_ENDINGS, PARQUET_ENDINGS

TABLE_ENDINGS = CSV_ENDINGS + PARQUET_ENDINGS
ACCOUNT_ENDINGS = TREE_ENDINGS + TABLE_ENDINGS
TABLES = (*BOOK_TABLES, "prices", "positions", "wallets", "coin_holdings", "coin_loans")
"""Tables of a book, of a venue's and of an exchange's, by the names of their files."""

MOST_ACCOUNT_BYTES, MOST_BOOK_BYTES = 1 << 20, 12 << 20

MultiPartParser.spool_max_size = 2 * MOST_BOOK_BYTES
"""What is sent stays in memory: no part of it is so large that it would be put into a file meanwhile."""

Files = dict[str, bytes]
Faults = tuple[Fault, ...]


async def account_file(form: FormData) -> tuple[Files, Faults]:
    """The file of an account that came with a form, as ``account.csv`` or another ending that is read."""
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return {}, ()
    ending = _ending(sent)
    if ending not in ACCOUNT_ENDINGS:
        allowed = f"a file of an account ends in {', '.join(ACCOUNT_ENDINGS)}"
        return {}, (Fault("file", f"'{ending}'", allowed),)
    content = await sent.read(MOST_ACCOUNT_BYTES + 1)
    if len(content) > MOST_ACCOUNT_BYTES:
        return {}, (Fault("file", "more", "a file of an account holds 1 MB at most"),)
    return {f"account{ending}": content}, ()


async def book_files(form: FormData) -> tuple[Files, Faults]:
    """The tables of a book that came with a form, each by the name of its table; a single other file is holdings."""
    sent = [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]
    found: Files = {}
    faults: list[Fault] = []
    for each in sent:
        ending = _ending(each)
        stem = PurePosixPath(each.filename or "").stem.lower()
        name = stem if stem in TABLES else "holdings" if len(sent) == 1 else ""
        if ending not in TABLE_ENDINGS:
            faults.append(Fault("files", f"'{ending}'", f"a table file ends in {', '.join(TABLE_ENDINGS)}"))
        elif not name:
            faults.append(Fault("files", f"'{stem[:40]}'", f"tables of a book are {', '.join(TABLES)}"))
        else:
            content = await each.read(MOST_BOOK_BYTES + 1)
            if len(content) > MOST_BOOK_BYTES or sum(map(len, found.values())) + len(content) > MOST_BOOK_BYTES:
                faults.append(Fault("files", "more", "files of a book hold 12 MB together at most"))
            elif any(PurePosixPath(other).stem == name for other in found):
                faults.append(Fault("files", f"two of '{name}'", "each table of a book comes in one file here"))
            else:
                found[f"{name}{ending}"] = content
    if not sent:
        faults.append(Fault("files", "none", "a book needs at least its holdings"))
    return ({}, tuple(faults)) if faults else (found, ())


def _ending(sent: UploadFile) -> str:
    return PurePosixPath(sent.filename or "").suffix.lower()[:12]
