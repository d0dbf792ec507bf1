"""Write src/gaemi/web/weather.json.gz: what ``gaemi country`` answers, for the first view of ``gaemi serve``.

``python docs/weather.py`` runs the whole country, about a minute; ``--check`` says whether the file is of the law and
the results of this tree. Run it after a change that changes numbers or law.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

from gaemi.country import country
from gaemi.scene import Request
from gaemi.web.weather import FILE, shipped_weather

VARYING = ("timing",)
"""What differs from run to run and is no part of the answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file holds")
    if parser.parse_args().check:
        held = shipped_weather() is not None
        print("holds" if held else "is of another law or of other results: run python docs/weather.py")
        sys.exit(0 if held else 1)
    document = {name: value for name, value in country(Request()).document.items() if name not in VARYING}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
    root = Path(__file__).resolve().parents[1]
    print(f"{FILE.relative_to(root).as_posix()}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
