"""The command line that asks for a result again, from the request that its run recorded."""

import shlex
from collections.abc import Container, Mapping
from typing import Any

OPTIONS = {"first": "--from", "last": "--to"}
"""Options whose name is not that of the request's field."""


def command_line(verb: str, document: Mapping[str, Any], of_paths: Container[str] = ()) -> str:
    """``gaemi state --on 2020-03-19 --prices ...``; empty where the run recorded no request.

    Every field of the request is the option of its name; several values are given with commas between them. A field
    that was not given, or is off, is left out, and so are those ``of_paths`` where no paths were asked for.
    """
    asked = (document.get("run") or {}).get("request")
    if not isinstance(asked, Mapping):
        return ""
    words = [f"gaemi {verb}"]
    for name, value in asked.items():
        one = ",".join(str(each) for each in value) if isinstance(value, list | tuple) else value
        silent = one in (None, "") or one is False or isinstance(one, Mapping)
        if not silent and (name not in of_paths or asked.get("paths")):
            option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
            words.append(option if one is True else f"{option} {shlex.quote(str(one))}")
    return " ".join(words)
