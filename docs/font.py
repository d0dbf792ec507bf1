"""Cut the letters of pictures out of a font: ``python docs/font.py NotoSansKR_400Regular.ttf ...``.

What is kept: Latin, punctuation and signs that charts write, and the syllables and letters of KS X 1001, which Korean
names and words are written in. The rest, hints and layout tables go, so that the files are small. Needs fonttools.
"""

import sys
from pathlib import Path

from fontTools import subset

PLACE = Path(__file__).resolve().parents[1] / "src" / "gaemi" / "answers" / "fonts"
SIGNS = "–—‘’“”…·•×÷±−≤≥≈≠→←↑↓°′″₩€%‰µ²³½¼¾"
ROWS = range(0xB0, 0xC9)
"""The rows of EUC-KR that hold the 2,350 syllables of KS X 1001."""


def letters() -> set[int]:
    """The code points that are kept."""
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x180)}
    syllables = {ord(bytes([row, cell]).decode("euc-kr")) for row in ROWS for cell in range(0xA1, 0xFF)}
    jamo, brackets = set(range(0x3131, 0x3164)), set(range(0x3001, 0x3016))
    return latin | set(map(ord, SIGNS)) | syllables | jamo | brackets


def cut(source: str) -> None:
    """Write what is kept of a font, under the name that it has itself."""
    options = subset.Options(hinting=False, layout_features=["kern"], name_IDs=[*range(7), 13, 14, 16, 17])
    font = subset.load_font(source, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters())
    cutter.subset(font)
    target = PLACE / f"{font['name'].getDebugName(6)}.ttf"
    subset.save_font(font, str(target), options)
    print(f"{target}: {target.stat().st_size:,} bytes, {len(font.getGlyphOrder()):,} glyphs")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        cut(each)
