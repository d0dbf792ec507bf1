"""Take docs/country.png, the picture of the README: the country page of ``gaemi serve`` in a browser.

``python docs/picture.py`` starts the site on a free port, opens the page in Chromium (Debian's package chromium, or
CHROMIUM=/path/to/it) and keeps its first screen. Needs the extras serve and browser.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PICTURE = Path(__file__).resolve().parent / "country.png"
WIDE, HIGH = 1000, 1500
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("docs/picture.py needs Chromium: install Debian's package chromium, or set CHROMIUM to its path")
    command = [str(Path(sys.executable).parent / "gaemi"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as site, sync_playwright() as playwright:
        try:
            assert site.stdout is not None
            told = re.search(r"http://\S+", site.stdout.readline())
            assert told, "the site says where it is"
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
            page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, locale="en-GB", color_scheme="light")
            page.goto(f"{told.group()}country")
            page.locator("img.chart").first.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
            page.evaluate("window.scrollTo(0, 0)")
            page.screenshot(path=PICTURE)
            browser.close()
        finally:
            site.terminate()
    print(PICTURE.relative_to(PICTURE.parents[1]).as_posix())


if __name__ == "__main__":
    main()
