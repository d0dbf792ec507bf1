"""Print the table of docs/validation.md: every episode replayed and set beside the published record.

Usage: python docs/replays.py SOURCE [--scale 1/10]     SOURCE: a folder with prices and balances
"""

import argparse
from statistics import mean
from typing import Any

from gaemi.country import country
from gaemi.market.episodes import EPISODES
from gaemi.scene import Request

BILLION, TRILLION = 10**9, 10**12


def rows(name: str, record: list[dict[str, Any]], sentences: list[str]) -> list[str]:
    """Rows of the table: what, published, model."""
    days = [day for day in record if day["published_forced_won"] is not None]
    forced = [day["published_forced_won"] / BILLION for day in days]
    unpaid = [day["model_unsettled_sold_won"] / BILLION for day in days]
    lines = [
        f"| {name} | forced sales of unpaid purchases, mean a day, bn | {mean(forced):.1f} | {mean(unpaid):.1f} |",
        f"| | the same, largest day, bn | {max(forced):.1f} | {max(unpaid):.1f} |",
    ]
    for board in ("kospi", "kosdaq"):
        published, model = f"published_margin_{board}_won", f"model_margin_{board}_settled_won"
        known = [day for day in record if day[published] is not None]
        low = min(known, key=lambda day: day[published])
        for what, day in (("first", known[0]), (f"lowest, {low['date']}", low), ("last", known[-1])):
            figures = f"{day[published] / TRILLION:.2f} | {day[model] / TRILLION:.2f}"
            lines.append(f"| | margin balance on {board.upper()}, {what} day, tn | {figures} |")
    for kind in ("margin", "pledged"):
        sold = sum(day[f"model_{kind}_sold_won"] for day in record)
        lines.append(f"| | {kind} loans sold by force, tn | not published | {sold / TRILLION:.2f} |")
    return [*lines, f"| | {sentences[1].split('already. ')[1]} | | |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--scale", default="1")
    asked = parser.parse_args()
    scale = int(asked.scale.rpartition("/")[2])
    print("| episode | what | published | model |\n| --- | --- | --- | --- |")
    for episode in EPISODES:
        request = Request(replay=episode.name, prices=asked.source, balances=asked.source, scale=scale)
        document = country(request).document
        print("\n".join(rows(episode.name, document["record"], document["sentences"])), flush=True)


if __name__ == "__main__":
    main()
