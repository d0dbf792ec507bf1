"""Run the commands that README and docs show, and compare their output with what the pages say.

A block that starts with ```console holds commands (lines that start with ``$ ``) and the output that follows each. In
the shown output a line of ``...`` stands for any number of lines, and ``...`` inside a line for any text. A block of
any other kind is shown only: it needs data that is not shipped, or minutes.

``python docs/examples.py`` tells what differs; ``--renew`` writes today's figures into the pages where the words
around them are still the same.
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


def renewed(shown: str, printed: str) -> str | None:
    """The shown output with today's figures: each line replaced by the next printed one that differs in figures only.

    None where a shown line has no such line: then the page needs a person.
    """
    left = iter(printed.splitlines())
    lines = []
    for line in shown.splitlines():
        if line.strip() != "...":
            found = next((one for one in left if _words(one) == _words(line)), None)
            if found is None:
                return None
            line = found
        lines.append(line)
    return "\n".join(lines)


def _words(line: str) -> list[str]:
    """How the line begins, and its words without figures and their units: what stays when results change."""
    units = {"tn", "bn", "m", "k", "won"}
    return [*line.split()[:1], *(word for word in re.findall(r"[^\W\d_]+", line) if word not in units)]


def renew(path: Path) -> list[str]:
    """Write today's figures into a page; returns what it could not renew, as ``page:line command``."""
    text, failed = path.read_text(encoding="utf-8"), []
    for example in list(examples(path)):
        printed = run(example.command)
        if agrees(example.shown, printed):
            continue
        figures = renewed(example.shown, printed)
        before, after = f"$ {example.command}\n{example.shown}", f"$ {example.command}\n{figures}"
        if figures is None or before not in text or not agrees(figures, printed):
            failed.append(f"{example.page}:{example.line} {example.command}")
        else:
            text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the commands that the pages show.")
    parser.add_argument("pages", nargs="*", type=Path, help="pages to look at; README and docs where none is given")
    parser.add_argument("--renew", action="store_true", help="write today's figures into the pages")
    arguments = parser.parse_args()
    chosen = [path.resolve() for path in arguments.pages] or pages()
    if arguments.renew:
        wrong = [text for path in chosen for text in renew(path)]
    else:
        wrong = [text for path in chosen for example in examples(path) if (text := difference(example))]
    print(*wrong, sep="\n\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
