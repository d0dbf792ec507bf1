"""The command line. Nothing heavy is imported before a command runs: ``gaemi --help`` answers at once."""

import gc
import sys

from gaemi.cli import book, calibrate, commands, importing, serve, state  # the commands register themselves
from gaemi.cli.common import REFUSED, STOPPED, app

_OBJECTS = (50_000, 20, 20)
"""How many new objects wait for the collector: a start makes many, of modules and of the law, and none is garbage."""

__all__ = ["app", "book", "calibrate", "commands", "importing", "main", "serve", "state"]


def main() -> None:
    """Run the command line; refused input is told on stderr and ends with 2, nothing half-written."""
    gc.set_threshold(*_OBJECTS)
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != STOPPED:
            raise
        sys.stderr.write("stopped; with --resume DIR the same command goes on from what DIR holds\n")
        sys.exit(STOPPED)
    except Exception as error:
        from gaemi.errors import Refused

        if not isinstance(error, Refused):
            raise
        for fault in error.faults:
            sys.stderr.write(f"refused: {fault}\n")
        sys.exit(REFUSED)
