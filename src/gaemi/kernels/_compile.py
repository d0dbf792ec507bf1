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
from pathlib import Path
from types import FunctionType
from typing import Any

BLOCK_BY_BLOCK = frozenset(f"gaemi.kernels.{name}" for name in ("mark", "call", "weigh"))
"""Kernels that read columns a block at a time. The others hand all columns to helpers, account by account: compiled
without reference counts, so that threads do not fight over these."""

ALLOCATING = frozenset({"zeros", "empty", "full"})
"""Names in the code of a function that makes arrays, which needs the counts."""

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED_SOURCES = ("kernels/*.py", "rules/*.py", "units.py", "chance.py", "outcomes.py", "records/columns.py")


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


@cache
def _numba() -> Any:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    import numba

    vars(numba.config)["CACHE_DIR"] = os.environ["NUMBA_CACHE_DIR"]  # where somebody imported numba before us
    return numba


@cache
def _twin(function: FunctionType) -> Callable[..., Any]:
    names: dict[str, Any] = dict(function.__globals__)
    for name in function.__code__.co_names:
        called = names.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith("gaemi."):
            names[name] = _twin(called)
    plain = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    plain.__module__ = function.__module__
    plain.__qualname__ = function.__qualname__
    counted = function.__module__ in BLOCK_BY_BLOCK or ALLOCATING.intersection(function.__code__.co_names)
    return _numba().njit(cache=True, nogil=True, _nrt=bool(counted))(plain)


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled twin of ``kernel``, or ``kernel`` itself with the compiler off."""
    assert isinstance(kernel, FunctionType)
    return _twin(kernel) if compiler_is_on() else kernel
