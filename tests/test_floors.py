"""Floors: who may import whom, and where a Korean institution may be named.

The order of the floors stands in pyproject.toml under ``[tool.importlinter]``; ``lint-imports`` checks the same.
"""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter import cli as importlinter

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "gaemi"

WORDS = {"gaemi.units", "gaemi.days", "gaemi.chance", "gaemi.outcomes", "gaemi.errors"}
RULES_MAY_IMPORT = {"gaemi.units", "gaemi.chance", "math", "typing", "enum"}

INSTITUTIONS = re.compile(
    r"""\b(Kiwoom|Samsung|Mirae|Shinhan|Meritz|Eugene|Hanwha|Daishin|Hana\ Securities|KB\ Securities|NH\ Investment|Toss
    |Korea\ Investment|Korea\ Securities|Korea\ Exchange|Bank\ of\ Korea|KOFIA|KRX|KSD|KSFC|KCMI|SEIBro|FSC|FSS|FIU|BOK
    |Upbit|Bithumb|Coinone|Korbit|Naver|Kakao|Hynix|Ecopro|KODEX|TIGER)\b
    |키움|삼성|미래에셋|신한|메리츠|유진투자|한국투자|금융투자협회|한국거래소|예탁결제원|금융위|금감원|한국은행|업비트|빗썸""",
    re.VERBOSE,
)
MAY_NAME_INSTITUTIONS = ("law/korea/", "people/", "sources/", "answers/words/")
"""The words of a language say what notes of the law and names of instruments say."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("gaemi", include_external_packages=True, cache_dir=None)


def ours(graph: grimp.ImportGraph) -> list[str]:
    return sorted(module for module in graph.modules if module == "gaemi" or module.startswith("gaemi."))


def test_a_file_imports_only_from_its_floor_and_those_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert importlinter.lint_imports(no_cache=True) == 0, "run `lint-imports` to see which import climbs"


def test_no_import_cycle(graph: grimp.ImportGraph) -> None:
    imports = {module: graph.find_modules_directly_imported_by(module) for module in ours(graph)}
    try:
        tuple(TopologicalSorter(imports).static_order())
    except CycleError as error:
        pytest.fail("these modules import each other: " + " <- ".join(error.args[1]))


def test_only_one_file_knows_the_compiler(graph: grimp.ImportGraph) -> None:
    if "numba" in graph.modules:
        assert {"gaemi.kernels._compile"} == graph.find_modules_that_directly_import("numba")


def test_rules_import_only_words(graph: grimp.ImportGraph) -> None:
    climbing = {
        (module, imported)
        for module in ours(graph)
        if module.startswith("gaemi.rules.")
        for imported in graph.find_modules_directly_imported_by(module)
        if imported not in RULES_MAY_IMPORT and not imported.startswith("gaemi.rules.")
    }
    assert set() == climbing


def test_words_import_no_array_and_no_table(graph: grimp.ImportGraph) -> None:
    heavy = {"numpy", "polars", "pyarrow", "pydantic", "altair"}
    assert set() == {
        (module, imported)
        for module in WORDS & set(graph.modules)
        for imported in heavy & graph.find_modules_directly_imported_by(module)
    }


def test_nothing_imports_the_front_door(graph: grimp.ImportGraph) -> None:
    assert set() == graph.find_modules_that_directly_import("gaemi")


def test_korean_institutions_are_named_only_in_law_people_and_sources() -> None:
    named = []
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE).as_posix()
        if path.suffix not in {".py", ".html", ".css", ".yaml"} or inside.startswith(MAY_NAME_INSTITUTIONS):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := INSTITUTIONS.search(line):
                named.append(f"{inside}:{number}: {found.group()}")
    assert [] == named
