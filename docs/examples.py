"""Run the commands that README and docs show, and compare their output with what the pages say.

A block that starts with ```console holds commands (lines that start with ``$ ``) and the output that follows each. In
the shown output a line of ``...`` stands for any number of lines, and ``...`` inside a line for any text. A block of
any other kind is shown only: it needs data that is not shipped, or minutes.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = "100"


class Example(NamedTuple):
    """One command of a page with the output that the page shows for it."""

    page: str
    line: int
    command: str
    shown: str


def pages() -> list[Path]:
    """README and every page of docs, in order."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def examples(path: Path) -> Iterator[Example]:
    """The examples of a page, in order."""
    text = path.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        lines = block.group(1).splitlines()
        starts = [number for number, one in enumerate(lines) if one.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            shown = "\n".join(lines[start + 1 : end]).strip("\n")
            yield Example(path.relative_to(ROOT).as_posix(), line + start, lines[start][2:], shown)


def run(command: str) -> str:
    """What the command prints, in a folder of its own that sees the repository's examples and nothing else.

    Raises RuntimeError where it exits with anything but 0, or 2 for input that it refuses.
    """
    bin_folder = str(Path(sys.executable).parent)
    env = os.environ | {"COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb", "LANG": "C.UTF-8"}
    env["PATH"] = bin_folder + os.pathsep + env.get("PATH", "")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "docs", "README.md"):
            if (ROOT / name).exists():
                (Path(folder) / name).symlink_to(ROOT / name)
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
        )
    if done.returncode not in (0, 2):
        raise RuntimeError(f"`{command}` exited with {done.returncode}\n{done.stdout}{done.stderr}")
    said = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    return "\n".join(line.rstrip() for line in said.splitlines()).strip("\n")


def agrees(shown: str, printed: str) -> bool:
    """Whether the printed output is what the page shows, its ``...`` standing for what it leaves out."""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"\n"
    return re.fullmatch(pattern, printed + "\n" if printed else "") is not None


def difference(example: Example) -> str:
    """Empty where the page is right; else how its output differs from what is printed today."""
    printed = run(example.command)
    if agrees(example.shown, printed):
        return ""
    where = f"{example.page}:{example.line}"
    lines = unified_diff(example.shown.splitlines(), printed.splitlines(), where, example.command, lineterm="", n=100)
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the commands that the pages show.")
    parser.add_argument("pages", nargs="*", type=Path, help="pages to look at; README and docs where none is given")
    chosen = [path.resolve() for path in parser.parse_args().pages] or pages()
    wrong = [text for path in chosen for example in examples(path) if (text := difference(example))]
    print(*wrong, sep="\n\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
