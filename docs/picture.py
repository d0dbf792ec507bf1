"""Draw docs/picture.svg, the picture of the README, from a run.

``python docs/picture.py`` makes the run that the README shows; ``--from FILE`` draws what an earlier
``gaemi country --json`` printed.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gaemi.answers.charts import file_svg, picture

PICTURE = Path(__file__).resolve().parent / "picture.svg"


def result_of_a_run() -> dict[str, Any]:
    """What ``gaemi country --scale 1/100 --json`` prints, read back."""
    command = [str(Path(sys.executable).parent / "gaemi"), "country", "--scale", "1/100", "--json"]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the picture of the README.")
    parser.add_argument("--from", dest="summary", type=Path, help="JSON that `gaemi country --json` printed")
    summary = parser.parse_args().summary
    result = json.loads(summary.read_text(encoding="utf-8")) if summary else result_of_a_run()
    drawn = file_svg(picture(result, "curve"))
    # The page that shows the README may be dark; the picture is drawn for light ground, so it brings its own.
    PICTURE.write_text(drawn.replace("<svg ", '<svg style="background:#ffffff" ', 1), encoding="utf-8")
    print(PICTURE.relative_to(PICTURE.parents[1]).as_posix())


if __name__ == "__main__":
    main()
