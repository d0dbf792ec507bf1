"""Style as a test, with ratchets that only tighten.

``ALLOWED`` holds the worst value that stands in the code today, never below the ``TARGET``. When the code gets better,
lower the number; raising one needs a reason in the change.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for folder in ("src", "tests", "bench", "docs") for path in (ROOT / folder).rglob("*.py"))

TARGET = {"lines of a file": 400, "lines of a function": 60, "arguments of a function": 8}
ALLOWED = {"lines of a file": 400, "lines of a function": 60, "arguments of a function": 8}

HEAVY = {"altair", "duckdb", "holidays", "jinja2", "numba", "numpy", "pandas", "polars", "pyarrow", "pydantic", "yaml"}
"""What ``gaemi --help`` must not import: it answers in a blink, and nothing heavy loads until a run starts."""


Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions() -> list[tuple[Path, Function]]:
    """Every function of every file; the files are parsed once."""
    return [
        (path, node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, Function)
    ]


def lines_without_docstring(node: Function) -> int:
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node) is not None:
        text = node.body[0]
        assert text.end_lineno is not None
        lines -= text.end_lineno - text.lineno + 1
    return lines


def is_a_command(node: Function) -> bool:
    """A command of the command line: its arguments are its options, one line of help each."""
    calls = (d.func for d in node.decorator_list if isinstance(d, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr == "command" for call in calls)


def arguments(node: Function) -> int:
    named = [
        a for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs) if a.arg not in {"self", "cls"}
    ]
    return len(named)


def sizes(what: str) -> Iterator[tuple[int, str]]:
    if what == "lines of a file":
        for path in FILES:
            yield len(path.read_text(encoding="utf-8").splitlines()), path.relative_to(ROOT).as_posix()
        return
    for path, node in functions():
        where = f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {node.name}"
        if what == "arguments of a function" and not is_a_command(node):
            yield arguments(node), where
        if what == "lines of a function":
            signature = node.body[0].lineno - node.lineno if is_a_command(node) else 0
            yield lines_without_docstring(node) - signature, where


@pytest.mark.parametrize("what", sorted(TARGET))
def test_nothing_is_larger_than_the_ratchet_allows(what: str) -> None:
    assert [] == sorted(((size, where) for size, where in sizes(what) if size > ALLOWED[what]), reverse=True)


@pytest.mark.parametrize("what", sorted(TARGET))
def test_the_ratchet_is_as_tight_as_the_code(what: str) -> None:
    worst = max(size for size, _ in sizes(what))
    assert max(worst, TARGET[what]) == ALLOWED[what], f"the worst is now {worst}: lower ALLOWED[{what!r}]"


def test_public_functions_have_a_docstring_or_say_it_all_in_their_name() -> None:
    """A public function of more than ten lines in the package explains itself."""
    silent = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {node.name}"
        for path, node in functions()
        if path.is_relative_to(ROOT / "src")
        and not node.name.startswith("_")
        and lines_without_docstring(node) > 10
        and ast.get_docstring(node) is None
    ]
    assert [] == silent


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from gaemi.cli import main\n"
        "sys.argv = ['gaemi', '--help']\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set() == HEAVY & set(answer.stderr.split())


def test_everything_in_the_package_that_is_not_code_goes_into_the_wheel() -> None:
    package = ROOT / "src" / "gaemi"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packed = {path for pattern in settings["package-data"]["gaemi"] for path in package.glob(pattern)}
    files = (path for path in package.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    others = {path for path in files if path.suffix != ".py"}
    assert set() == others - packed
