"""What every document with coins must be: tables that hold the columns they say, cells that can be written, JSON."""

import json
from pathlib import Path
from typing import Any

import polars
from answers.samples import unknown

from gaemi.answers.coin_sheets import KINDS, tables_of

MAY_DIFFER = ("timing", "run")


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """The document as JSON brings it back, without what two equal runs may say differently. NaN is refused."""
    return {k: v for k, v in json.loads(json.dumps(document, allow_nan=False)).items() if k not in MAY_DIFFER}


def is_sound(document: dict[str, Any]) -> None:
    """Tables have names of their own, the columns that they say in every row, and cells that can be written."""
    plain(document)
    tables = tables_of(document)
    names = [table["name"] for table in tables]
    assert len(names) == len(set(names))
    for table in tables:
        fields = [field for field, _, _ in table["columns"]]
        for row in table["rows"]:
            assert [] == [field for field in fields if field not in row], table["name"]
            for field, _, kind in table["columns"]:
                assert str(KINDS[kind](row[field])), (table["name"], field)
    for sentence in document["sentences"]:
        assert "nan" not in sentence.lower().split() and "None" not in sentence, sentence


def rows_of(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(list(table["rows"]) for table in tables_of(document) if table["name"] == name)


def is_saved(document: dict[str, Any], folder: Path) -> None:
    """A run folder holds each table as Parquet, the document, and a page that says the sentences in two languages."""
    assert plain(document) == plain(json.loads((folder / "result.json").read_text(encoding="utf-8")))
    for table in tables_of(document):
        read = polars.read_parquet(folder / f"coins_{table['name']}.parquet")
        assert len(table["rows"]) == read.height
        assert {field for field, _, _ in table["columns"]} <= set(read.columns), table["name"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    words = " ".join(page.replace("&#39;", "'").replace("&amp;", "&").split())
    for sentence in document["sentences"]:
        assert " ".join(sentence.split()[:6]) in words, sentence
    assert [] == unknown(document)
