"""Docs cannot drift: shown commands print what the pages say, the reference is what the code says, links lead on."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from gaemi.law.lawbook import load
from gaemi.law.reform import load_reform

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#([^)\s]*))?\)")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLES = script("examples")
SHOWN = [example for path in EXAMPLES.pages() for example in EXAMPLES.examples(path)]


def test_the_reference_is_what_the_code_says() -> None:
    assert [] == script("generate").out_of_date(), "run `make docs` and commit docs/reference"


@pytest.mark.slow
@pytest.mark.parametrize("example", SHOWN, ids=lambda example: f"{example.page}:{example.line}")
def test_a_shown_command_prints_what_the_page_says(example: object) -> None:
    assert EXAMPLES.difference(example) == ""


def test_the_readme_shows_commands() -> None:
    assert {"README.md"} <= {example.page for example in SHOWN}


@pytest.mark.parametrize("page", EXAMPLES.pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    targets = [target for target, _ in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")]
    assert [] == [target for target in targets if not (page.parent / target).exists()]


def test_the_reform_that_the_page_shows_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "reform.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for number, reform in enumerate(shown):
        path = tmp_path / f"{number}.yaml"
        path.write_text(reform, encoding="utf-8")
        assert load_reform(path, load()).changes
    assert shown


@pytest.mark.slow
def test_the_page_of_the_library_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "how-to" / "library.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/how-to/library.md", "exec"), {})
    assert (tmp_path / "runs" / "minus-20" / "report.html").exists()


@pytest.mark.parametrize(
    ("shown", "printed", "agrees"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("a\n...", "a\nb\nc", True),
        ("...\nc", "a\nb\nc", True),
        ("a\n...\nc", "a\nc", True),
        ("took ... s", "took 1.2 s", True),
        ("a", "a\nb", False),
        ("(1+1)", "(1+1)", True),
    ],
)
def test_shown_output_may_leave_out_what_three_dots_stand_for(shown: str, printed: str, agrees: bool) -> None:
    assert EXAMPLES.agrees(shown, printed) is agrees


def test_figures_are_renewed_and_words_are_not() -> None:
    shown = "a 1.2 tn\n...\n−20 %  3 bn"
    assert EXAMPLES.renewed(shown, "a 1,300 bn\nx\n−10 %  2 m\n−20 %  4 tn") == "a 1,300 bn\n...\n−20 %  4 tn"
    assert EXAMPLES.renewed(shown, "b 1,300 bn\n−20 %  4 tn") is None
