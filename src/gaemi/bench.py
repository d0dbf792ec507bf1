"""The door to the benches: they stand in ``bench/`` of a checkout, not in the installed package."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gaemi.errors import refuse

SCRIPT = Path(__file__).resolve().parents[2] / "bench" / "run.py"


def bench(quick: bool = False, options: Sequence[str] = (), script: Path = SCRIPT) -> int:
    """Run the benches in a process of their own; returns its exit code, 0 also where a target is missed.

    ``options`` go to ``bench/run.py`` as they are. Raises Refused where gaemi is not installed from a checkout.
    """
    if not script.is_file():
        raise refuse("gaemi bench", f"no {script}", "needs a checkout of the repository", "clone it and run make bench")
    asked = ["--quick"] if quick else []
    return subprocess.run([sys.executable, str(script), *asked, *options]).returncode


def passed_on(**options: object) -> list[str]:
    """Options as ``bench/run.py`` takes them; those that were not given are left out.

    >>> passed_on(only="scale", repeats=None)
    ['--only', 'scale']
    """
    return [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
