"""One heavy run does not freeze another's page."""

import json
from time import monotonic

import pytest
from web.site import LONG, QUICK, SHOCK, Here, until


@pytest.mark.slow
def test_a_heavy_run_holds_nobody_up_and_can_be_ended(site: Here) -> None:
    """A country of everybody is at work: an account, a page and a picture come meanwhile; then it is cancelled."""
    picture = f"/runs/{site.run('country', SHOCK)}/charts/call-map.svg"
    site.run("account", QUICK)
    long = site.post("/api/country?wait=0", json=LONG | {"seed": 77}).json()["id"]
    numbers = []
    until(lambda: site.get(f"/api/runs/{long}").json()["state"] == "running", 60)
    for path in ("/glossary", "/country", "/account", picture):
        began = monotonic()
        assert site.get(path).status_code in (200, 404), path
        assert monotonic() - began < 5
        numbers.append(site.get(f"/api/runs/{long}").json())
    began = monotonic()
    answer = site.asked("account", QUICK | {"seed": 5})
    assert 200 == answer.status_code and monotonic() - began < 10
    assert "running" == site.get(f"/api/runs/{long}").json()["state"], "it ended after what was asked later"
    done = [each["done"] for each in numbers if each["label"] == numbers[-1]["label"]]
    assert sorted(done) == done
    assert "cancelled" == site.client.delete(f"/api/runs/{long}").json()["state"]
    document = site.get(f"/api/runs/{long}/document")
    assert 503 == document.status_code and "cancelled" in document.text
    small = site.asked("country", SHOCK | {"seed": 2})
    assert 200 == small.status_code and "gaemi.country/1" == json.loads(small.text)["schema"]
