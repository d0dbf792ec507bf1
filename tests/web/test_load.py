"""Fifty visitors at once for a minute: pages, pictures, finished runs, law, and now and then a costly question."""

import asyncio
import os
import statistics
import time
from collections import Counter
from random import Random

import pytest

httpx = pytest.importorskip("httpx", reason="httpx is not installed")
pytest_plugins = ["web.browser"]
pytestmark = pytest.mark.slow

VISITORS = 50
SECONDS = float(os.environ.get("GAEMI_LOAD_SECONDS", "60"))
MOST_SECONDS = 30.0
BUSY = 429
"""What a costly question may be told where too many were asked before; nothing else may be above 399."""

QUESTION = {"holding": ["005930 10 @ 71000"], "loan": ["450,000"], "quick": True, "paths": 100}
PAGES = (
    "/country",
    "/country?lang=ko",
    "/account",
    "/book",
    "/glossary",
    "/glossary?lang=ko",
    "/api",
    "/static/style.css",
)


async def visit(client, number: int, addresses: list[str], until: float, told: list[tuple[str, int, float]]) -> None:
    """One visitor: an address by chance, then a moment to read it; one question in thirty is costly."""
    luck = Random(number)
    while time.monotonic() < until:
        began = time.monotonic()
        if luck.random() < 1 / 30:
            name = "question"
            answer = await client.post("/api/account", json=QUESTION | {"seed": luck.randrange(10**6)})
            assert answer.status_code in (200, 202, BUSY), answer.text
        else:
            name = luck.choice(addresses)
            answer = await client.get(name, follow_redirects=True)
            assert answer.status_code < 400, f"{name}: {answer.status_code} {answer.text[:200]}"
        told.append((name.partition("?")[0], answer.status_code, time.monotonic() - began))
        await asyncio.sleep(luck.uniform(0.2, 1.0))


async def crowd(address: str) -> list[tuple[str, int, float]]:
    """All of them, after one run whose answer they read."""
    limits = httpx.Limits(max_connections=VISITORS)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=MOST_SECONDS) as client:
        answer = await client.post("/api/country?wait=30", json={"shock": "KOSPI -10%", "scale": 1000})
        assert answer.status_code == 200, answer.text
        run = answer.headers["gaemi-run"]
        addresses = [
            *PAGES,
            "/api/law?path=margin.maintenance",
            f"/api/runs/{run}",
            f"/api/runs/{run}/document",
            f"/api/runs/{run}/tables/curve.csv",
            f"/runs/{run}/charts/call-map.svg",
            f"/runs/{run}/charts/call-map.svg?lang=ko&narrow=1",
        ]
        told: list[tuple[str, int, float]] = []
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(visit(client, number, addresses, until, told) for number in range(VISITORS)))
        return told


def test_fifty_visitors_at_once_see_no_error(served):
    told = asyncio.run(crowd(served))
    for name in sorted({name for name, _, _ in told}):
        waits = sorted(wait for each, _, wait in told if each == name)
        late = waits[int(0.95 * (len(waits) - 1))]
        print(f"{name}: {len(waits)} answers, median {statistics.median(waits):.3f} s, 95 % within {late:.3f} s")
    assert len(told) > VISITORS * SECONDS / 10
    assert max(wait for _, _, wait in told) < MOST_SECONDS
    assert Counter(status for _, status, _ in told).keys() <= {200, 202, BUSY}
