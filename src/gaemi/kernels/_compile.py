"""The one place that knows the compiler.

Rules and kernels are plain Python. :func:`compiled` returns the compiled twin of a kernel: the same code, with every
function of gaemi that it calls compiled too. With ``GAEMI_COMPILE=0`` it returns the plain function, and the results
are the same.

The cache folder is keyed by a hash of all code that can end up in a kernel and of the versions of the compiler:
numba itself would serve stale code when a rule in another file changes.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

BLOCK_BY_BLOCK = frozenset(f"gaemi.kernels.{name}" for name in ("mark", "call", "weigh"))
"""Kernels that read columns a block at a time. The others hand all columns to helpers, account by account: compiled
without reference counts, so that threads do not fight over these."""

ALLOCATING = frozenset({"zeros", "empty", "full"})
"""Names in the code of a function that makes arrays, which needs the counts."""

ROW_BY_ROW = frozenset({"gaemi.chance", "gaemi.kernels.draw", "gaemi.kernels.sample"})
"""Modules of long rows of numbers, in which nothing is ever divided by zero: compiled without asking, because a row in
which each division may stop the whole cannot be worked out several numbers at a time."""

IN_ROWS = frozenset({"normal_in_the_tails", "_log_below_one", "_log_of", "_shoulder"})
"""Long formulas that rows are made of: copied into the loop that asks for them, for the same reason."""

PART_OF_CALLER = frozenset({"walk_row", "live_day", "sell_due"})
"""Functions with one caller that hand on all records of a walk. A record of 30 arrays is 200 arguments to the compiler,
and what a function calls is optimised again inside it: these become part of their caller before that begins."""

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED_SOURCES = ("kernels/*.py", "rules/*.py", "units.py", "chance.py", "outcomes.py", "records/*.py")


def compiler_is_on() -> bool:
    return os.environ.get("GAEMI_COMPILE", "1") != "0"


def code_hash() -> str:
    """Hash of every source file that a kernel can be made of, and of the compiler's version."""
    from importlib.metadata import version

    digest = hashlib.blake2b(digest_size=8)
    for part in (sys.version, version("numba"), version("llvmlite"), version("numpy")):
        digest.update(part.encode())
    for pattern in COMPILED_SOURCES:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    root = os.environ.get("GAEMI_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gaemi"
    )
    return Path(root) / f"kernels-{code_hash()}"


def is_compiled(kernel: Callable[..., Any]) -> bool:
    """Whether the cache holds ``kernel``: if not, its first call takes a while, and a door may say so."""
    module = kernel.__module__.rpartition(".")[2]
    return not compiler_is_on() or any(cache_folder().rglob(f"{module}.{kernel.__name__}-*.nbi"))


END_OF_PICKLE = b"."


def sweep(folder: Path) -> None:
    """Remove what an interrupted compilation or a power failure left: files of the cache that do not end as they must.

    Their kernels are compiled again; numba itself stops at such a file.
    """
    for path in folder.rglob("*.nb[ic]"):
        with path.open("rb") as file:
            whole = path.stat().st_size > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) == END_OF_PICKLE
        if not whole:
            path.unlink(missing_ok=True)


def _leave_scipy_out() -> None:
    """Load numba's arrays without SciPy's linear algebra, which takes longer to load than numba itself.

    numba asks for it as it readies its first kernel, and then only remembers whether it is there. No kernel of gaemi
    multiplies matrices; whoever else uses numba in this process still finds SciPy when it is needed.
    """
    if "scipy.linalg" in sys.modules or find_spec("scipy") is None:
        return
    vars(sys)["modules"]["scipy.linalg"] = None
    try:
        from numba.np import arraymath
    finally:
        del sys.modules["scipy.linalg"]
    vars(arraymath)["_HAVE_BLAS"] = True


@cache
def _numba() -> Any:
    sweep(cache_folder())
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    import numba

    vars(numba.config)["CACHE_DIR"] = os.environ["NUMBA_CACHE_DIR"]  # where somebody imported numba before us
    _leave_scipy_out()
    return numba


@cache
def _twin(function: FunctionType, within: bool) -> Callable[..., Any]:
    """The compiled function; ``within`` others it has no door for Python, which would take apart every record."""
    names: dict[str, Any] = dict(function.__globals__)
    for name in function.__code__.co_names:
        called = names.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith("gaemi."):
            names[name] = _twin(called, True)
    plain = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    plain.__module__ = function.__module__
    plain.__qualname__ = function.__qualname__ + (".within" if within else "")  # the key of its place in the cache
    return _numba().njit(**_options(function, within))(plain)


def _options(function: FunctionType, within: bool) -> dict[str, Any]:
    """How a function is compiled: see the sets above."""
    name, module = function.__name__, function.__module__
    counted = module in BLOCK_BY_BLOCK or ALLOCATING.intersection(function.__code__.co_names)
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": bool(counted)}
    options["no_cpython_wrapper"], options["no_cfunc_wrapper"] = within, True
    if module in ROW_BY_ROW:
        options["error_model"] = "numpy"
    if name in IN_ROWS:
        options["forceinline"] = True
    if name in PART_OF_CALLER:
        options["inline"] = "always"
    return options


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled twin of ``kernel``, or ``kernel`` itself with the compiler off."""
    assert isinstance(kernel, FunctionType)
    return _twin(kernel, False) if compiler_is_on() else kernel
