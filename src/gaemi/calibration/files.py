"""The folder of a calibration: the document, its tables as CSV, and the fit as a reform that other commands take."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from gaemi.answers.folder import placed

REFORM = "calibrated.yaml"


def save_calibration(document: Mapping[str, Any], folder: Path) -> Path:
    """Write the folder, whole or not at all; returns it. Raises Refused where it cannot be written."""

    def write(made: Path) -> None:
        for name, text in files_of(document).items():
            (made / name).write_text(text, encoding="utf-8")

    return placed(folder, write)


def files_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The text of every file by name. There is no reform where the data tell no parameter."""
    rows = document["parameters"]
    shapes = [{"path": row["path"], "unit": row["unit"]} | each for row in rows for each in row["profile"]]
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "parameters": [{name: value for name, value in row.items() if name != "profile"} for row in rows],
        "cells": document["cells"],
        "profile": shapes,
    }
    if document.get("sensitivity"):
        tables["sensitivity"] = document["sensitivity"]["rows"]
    texts = {"result.json": json.dumps(document, ensure_ascii=False, indent=1)}
    texts |= {f"{name}.csv": table_text(lines) for name, lines in tables.items() if lines}
    if reform := reform_text(document):
        texts[REFORM] = reform
    manifest = {"schema": f"{document['schema']}/folder", "law_version": document["law_version"]}
    manifest |= {"seeds": document["seeds"], "written": sorted(texts)}
    return texts | {"manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1)}


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV with a header."""
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def reform_text(document: Mapping[str, Any]) -> str:
    """The fit as a reform; parameters that stand at the law's value are not named, and nothing is where all do."""
    moved = [row for row in document["parameters"] if row["kept"] != row["start"]]
    if not moved:
        return ""
    lines = ["name: calibrated", "note: >-"]
    lines += [f"  Parameters of behaviour fitted by gaemi calibrate on data to {document['to']}, seeds"]
    lines += [f"  {', '.join(str(seed) for seed in document['seeds'])}, law {document['law_version']}."]
    lines += ["changes:"]
    lines += [f"  {row['path']}: {{unit: {row['unit']}, value: {row['kept']}}}" for row in moved]
    return "\n".join(lines) + "\n"
