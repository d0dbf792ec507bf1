"""What must be alike in two processes for them to have the same bits."""

import platform
from functools import cache
from hashlib import blake2b
from pathlib import Path

PACKAGES = ("gaemi", "numpy", "numba", "llvmlite", "polars")
CODE = (".py", ".yaml", ".csv", ".json")
"""Files of the package that decide a result: code, law, published figures."""


@cache
def versions() -> dict[str, str]:
    """Versions of packages and Python, the kind of processor, and a hash of this package's own files."""
    from importlib.metadata import version

    digest, root = blake2b(digest_size=16), Path(__file__).parent
    for path in sorted(each for each in root.rglob("*") if each.suffix in CODE):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    own = {"python": platform.python_version(), "machine": platform.machine(), "code": digest.hexdigest()}
    return {name: version(name) for name in PACKAGES} | own
