"""The command line that asks for a result again, from the request that its run recorded."""

import shlex
from collections.abc import Mapping
from typing import Any


def command_line(verb: str, document: Mapping[str, Any]) -> str:
    """``gaemi state --on 2020-03-19 --prices ...``; empty where the run recorded no request.

    Every field of the request is the option of its name. A field that was not given, or is off, is left out; a field
    of several values is given several times.
    """
    asked = (document.get("run") or {}).get("request")
    if not isinstance(asked, Mapping):
        return ""
    words = [f"gaemi {verb}"]
    for name, value in asked.items():
        option = f"--{name.rstrip('_').replace('_', '-')}"
        for one in _values(value):
            words.append(option if one is True else f"{option} {shlex.quote(str(one))}")
    return " ".join(words)


def _values(value: Any) -> list[Any]:
    many = value if isinstance(value, list | tuple) else [value]
    return [one for one in many if one not in (None, "") and one is not False and not isinstance(one, Mapping)]
