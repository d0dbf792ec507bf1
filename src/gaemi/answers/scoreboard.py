"""The scoreboard as a page of the docs: Markdown tables and paragraphs between two markers, and its pictures."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from gaemi.answers import charts
from gaemi.answers import score_sheets as score
from gaemi.answers.hindcast_charts import pictures
from gaemi.answers.sheets import Sheet
from gaemi.answers.spread import days_words
from gaemi.answers.state_sheets import ensemble_words, layers_words
from gaemi.answers.wording import brief, span
from gaemi.errors import refuse

BEGIN = "<!-- The scoreboard: written by gaemi hindcast --score; edit the code, then write it again. -->"
END = "<!-- The end of the scoreboard. -->"
WIDTH = 118


def score_markdown(document: Mapping[str, Any], folder: str = "") -> str:
    """The scoreboard of a result of ``gaemi hindcast --score`` as Markdown, ending in a line break.

    Headings are of the third level, so that it stands under one of the page. Pictures are linked in ``folder`` (empty,
    or a path that ends in ``/``) under the names of :func:`score_pictures`.
    """
    parts = [*(_paragraph(str(line)) for line in document.get("sentences") or [])]
    told = [words for words in (ensemble_words(document), layers_words(document)) if words]
    told += [f"law {str(document['law_version'])[:12]}"] if document.get("law_version") else []
    told += [f"seed {document['seed']}"] if document.get("seed") is not None else []
    told += [f"results version {document['results_version']}"] if document.get("results_version") is not None else []
    parts += [_paragraph(" · ".join(told))] if told else []
    parts += _tables(score.periods(document))
    parts += [f"![{_escaped(shown.title)}]({folder}{shown.name}.svg)" for shown in pictures(document)]
    for case in score.cases(document):
        words = score.case_words(*case)
        parts += [f"### {_escaped(words[:1].upper() + words[1:])}"]
        parts += [*_tables(score.board(document, case)), *_tables(score.methods(document, case))]
    parts += _rest(document)
    return "\n\n".join(part for part in parts if part) + "\n"


def _rest(document: Mapping[str, Any]) -> Iterator[str]:
    """Lags, natural experiments, breaks, what was not observed, and what is assumed."""
    furthest = _tables(score.worst(document), caption=False)
    if furthest:
        yield from ["### Where the model was furthest off", *furthest]
    lags = _tables(score.lag_split(document))
    if lags:
        yield from ["### Settlement", *lags]
    for name, words, shown in score.experiments(document):
        yield f"### {_escaped(name)}"
        yield _paragraph(words)
        yield from _tables(shown, caption=False)
    found = score.breaks(document)
    if found:
        yield from ["### Breaks of the published series", *_tables(found, caption=False)]
    for each in document.get("periods") or []:
        if isinstance(each.get("unobserved"), list | tuple) and each["unobserved"]:
            yield _paragraph(f"Not observed, {each.get('name') or 'a period'}: {days_words(each['unobserved'])}.")
    assumed = document.get("assumptions") or []
    if assumed:
        said = [
            f"{row.get('label') or row.get('path')} {brief(row.get('value'), row.get('unit'))} "
            f"({span(row.get('low'), row.get('high'), row.get('unit'))})"
            for row in assumed
        ]
        yield "### Assumed"
        yield _paragraph(f"{len(said)} figures have no firm source: {'; '.join(said)}.")


def score_pictures(document: Mapping[str, Any]) -> dict[str, str]:
    """The charts of a score as SVG files of their own, by name (``score-errors``), on a white ground."""
    return {
        shown.name: charts.file_svg(shown).replace("<svg ", '<svg style="background:#ffffff" ', 1)
        for shown in pictures(document)
    }


def placed(page: str, body: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """The text of a page with ``body`` between its two markers, which are those of the scoreboard unless given.

    Raises Refused where the page does not have both once and in order.
    """
    begin, end = markers
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        found = f"{page.count(begin)} opening and {page.count(end)} closing markers"
        raise refuse("the page", found, f"must have one line {begin} and after it one line {end}")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{body}\n{end}{rest.partition(end)[2]}"


def _tables(shown: Sheet | None, caption: bool = True) -> list[str]:
    """A sheet as a Markdown table under its caption; nothing for no sheet."""
    if shown is None:
        return []
    lines = [
        _row([heading for heading, _ in shown.columns]),
        _row(["---:" if kind == "number" else "---" for _, kind in shown.columns], plain=True),
        *(_row(list(row)) for row in shown.rows),
    ]
    return [*([f"**{_escaped(shown.caption)}**"] if caption else []), "\n".join(lines)]


def _row(cells: list[str], plain: bool = False) -> str:
    return f"| {' | '.join(cell if plain else _escaped(cell) for cell in cells)} |"


def _paragraph(words: str) -> str:
    return textwrap.fill(_escaped(words), WIDTH, break_long_words=False, break_on_hyphens=False)


def _escaped(words: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    plain = " ".join(words.split())
    for sign in ("\\", "|", "*", "_", "`", "[", "]", "<"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain
