"""The scoreboard of the docs: Markdown that says what the score says, between two markers."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from answers import past_fixture as past

from gaemi.answers import scoreboard
from gaemi.answers.scoreboard import BEGIN, END, placed, score_markdown, score_pictures
from gaemi.errors import Refused

BOARD = score_markdown(past.score_result())


def tables(text: str) -> list[list[list[str]]]:
    """Each table as rows of cells; a bar that is escaped belongs to its cell."""
    blocks = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    return [[re.split(r" (?<!\\)\| ", line.strip()[2:-2]) for line in block.strip().splitlines()] for block in blocks]


def test_every_row_of_a_table_has_a_cell_a_column():
    found = tables(BOARD)
    assert 12 == len(found)
    for table in found:
        assert {len(table[0])} == {len(row) for row in table}
        assert {"---", "---:"} >= set(table[1])


def test_the_board_has_the_figures_of_the_score():
    assert (
        "| balance on KOSPI | 10 | 124 (99.0–161) | regression given the path | 202 | 0.61 (0.50–0.80) | −30.9 | 90 % "
        "| 86.6 | 23 (93) |"
    ) in BOARD
    assert "After triggers the error of the balance is 0.61 of that of the best baseline; the aim was 0.5." in BOARD
    assert "law 0123456789ab · seed 0 · results version 3" in BOARD


def test_headings_are_of_the_third_level_and_each_stands_once():
    headings = re.findall(r"^#+ .*$", BOARD, re.MULTILINE)
    assert [
        "### 2005 to 2019, after triggers", "### 2005 to 2019, on quiet days", "### 2020 to 2023, after triggers",
        "### 2020 to 2023, on quiet days", "### Settlement", "### April 2023", "### Breaks of the published series",
        "### Assumed",
    ] == headings  # fmt: skip


def test_paragraphs_keep_to_the_width_and_tables_are_left_as_they_are():
    long = [line for line in BOARD.splitlines() if len(line) > 120]
    assert [] == [line for line in long if not line.startswith("|")]
    assert "counted \\| anew" in BOARD


def test_every_picture_that_is_linked_is_drawn_and_stands_alone():
    drawn = score_pictures(past.score_result())
    assert list(drawn) == re.findall(r"!\[[^]]+\]\((.+)\.svg\)", BOARD)
    assert ["img/score-errors.svg"] == re.findall(r"img/score-errors\.svg", score_markdown(past.score_result(), "img/"))
    for text in drawn.values():
        root = ElementTree.fromstring(text)
        assert "{http://www.w3.org/2000/svg}svg" == root.tag
        assert "background:#ffffff" == root.get("style")


def test_a_score_of_nothing_is_a_short_page():
    assert "results version 1\n" == score_markdown(past.bare_score())


def test_signs_of_markdown_in_a_text_are_shown():
    text = score_markdown(past.bare_score(sentences=["# no *bold* <b> [link](x) `code` a | b"]))
    assert "# no \\*bold\\* \\<b> \\[link\\](x) \\`code\\` a \\| b" in text


def test_only_what_lies_between_the_markers_is_replaced_and_twice_is_once():
    page = f"# Validation\n\nbefore\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n"
    made = placed(page, "new\n")
    assert f"# Validation\n\nbefore\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n" == made
    assert made == placed(made, "new\n")


@pytest.mark.parametrize("page", ["nothing", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_its_markers_is_refused(page):
    with pytest.raises(Refused, match="marker"):
        placed(page, "new\n")


def test_the_markers_are_comments_of_the_page():
    assert all(mark.startswith("<!-- ") and mark.endswith(" -->") for mark in (scoreboard.BEGIN, scoreboard.END))
