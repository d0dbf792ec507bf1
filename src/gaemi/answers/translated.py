"""Whole pages and charts in a language: which of their texts are read by people, and each of these said in it."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import Any

from gaemi.answers.language import SOURCE, Language

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_SAID = re.compile(r'(?<=\s)(aria-label|aria-description|title|alt|placeholder)="([^"]+)"')
_UNTRANSLATED = ("style", "script", "code", "pre", "textarea")
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


def page_in(language: Language, html: str) -> str:
    """An HTML page of ours in this language; code and whatever is marked ``translate="no"`` are left alone."""
    if language.code == SOURCE:
        return html
    out: list[str] = []
    left: list[str] = []  # names of the elements that are open inside one that is left alone
    for part in _TAG.split(html):
        if not part.startswith("<"):
            is_read = part.strip() and not left
            out.append(escape(language.text(unescape(part)), quote=False) if is_read else part)
            continue
        name = _NAME.match(part)
        element = name.group(1).lower() if name else ""
        is_left = bool(left) or 'translate="no"' in part
        out.append(part if is_left else _with_labels(language, part))
        if part.startswith("</"):
            if left and left[-1] == element:
                left.pop()
        elif (is_left or element in _UNTRANSLATED) and name and element not in _VOID and not part.endswith("/>"):
            left.append(element)
    return "".join(out).replace(f'<html lang="{SOURCE}"', f'<html lang="{language.code}"', 1)


def _with_labels(language: Language, tag: str) -> str:
    """A tag whose attributes that are read aloud or shown are in this language."""
    return _SAID.sub(lambda said: f'{said.group(1)}="{escape(language.text(unescape(said.group(2))))}"', tag)


_TEXTS = ("text", "title")
_SERIES = ("domain", "sort", "values")
"""Lists of texts of their own, not lines of one, or of rows."""

_FORMULAS = ("labelExpr", "filter")
"""What a chart reckons with: the texts that are quoted in it are those of its rows and its labels."""

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_FORMAT = re.compile(r"[-\d.e]*|[A-Z]|[,.\d]*~[a-z]")


def spec_in(language: Language, part: Any) -> Any:
    """A chart's document, or a part of one, in this language: headings, labels, series, and every text of its rows."""
    if isinstance(part, list | tuple):
        return [spec_in(language, each) for each in part]
    if not isinstance(part, Mapping):
        return part
    found: dict[str, Any] = {}
    for name, value in part.items():
        if name in _FORMULAS and isinstance(value, str):
            found[name] = _QUOTED.sub(lambda quoted: _requoted(language, quoted.group(1)), value)
        elif name in _TEXTS:
            found[name] = _read(language, value)
        elif name in _SERIES and isinstance(value, list | tuple):
            found[name] = [_row_or_text(language, each) for each in value]
        else:
            found[name] = spec_in(language, value)
    return found


def _row_or_text(language: Language, part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _read(language, value) for name, value in part.items()}
    return _read(language, part)


def _read(language: Language, part: Any) -> Any:
    """What people read: a text, or lines of one; whatever else stands in its place may hold some."""
    if isinstance(part, str):
        return language.text(part)
    if isinstance(part, list | tuple) and part and all(isinstance(each, str) for each in part):
        return lines_in(language, part)
    return spec_in(language, part)


def lines_in(language: Language, lines: Sequence[str]) -> list[str]:
    """Lines of one heading: each by itself if all are known; else lines that were one text are said as one."""
    if all(map(language.knows, lines)):
        return [language.text(line) for line in lines]
    width = max(12, max(len(line) for line in lines) * 3 // 4)
    said: list[str] = []
    first = 0
    while first < len(lines):
        ends = range(len(lines), first, -1)
        last = next((end for end in ends if language.knows(" ".join(lines[first:end]))), len(lines))
        whole = language.text(" ".join(lines[first:last]))
        said += textwrap.wrap(whole, width) if last > first + 1 else [whole]
        first = last
    return said


def _requoted(language: Language, quoted: str) -> str:
    inner = quoted.replace("\\'", "'").replace("\\\\", "\\")
    said = inner if _FORMAT.fullmatch(inner) else language.text(inner)
    return "'" + said.replace("\\", "\\\\").replace("'", "\\'") + "'"
