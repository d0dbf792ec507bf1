"""``gaemi serve`` as a process: what it says, whom it answers, and that nothing is left when it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from views.conftest import refusals
from web.site import BOOK, QUICK, until
from web.test_runs import is_alive

SERVE = (sys.executable, "-c", "from gaemi.cli import main; main()", "serve")
MEMORY = Path("/dev/shm")
HIDDEN = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hide())
from gaemi.cli import main
sys.argv = ["gaemi", "serve", "--port", "0"]
main()
"""


@dataclass
class Served:
    """A site that was started: its process, its first line, and the address in it."""

    process: subprocess.Popen[str]
    said: str

    @property
    def address(self) -> str:
        return self.said.removeprefix("gaemi is at ").strip()

    def get(self, path: str, **headers: str) -> httpx.Response:
        at = urlsplit(self.address)
        return httpx.get(f"http://127.0.0.1:{at.port}{path}", headers=headers, timeout=60)

    @property
    def children(self) -> list[int]:
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(each) for task in tasks for each in task.read_text().split()]

    @property
    def scratch(self) -> list[Path]:
        return list(MEMORY.glob(f"gaemi-{self.process.pid}-*"))


@contextmanager
def served(*options: str, **environment: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [*SERVE, "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={name: value for name, value in os.environ.items() if name != "GAEMI_TOKEN"} | environment,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said, process.communicate(timeout=20)
        yield Served(process, said)
    finally:
        process.kill()
        process.communicate()


def run_of(answer: httpx.Response) -> str:
    return answer.headers.get("gaemi-run") or answer.headers["location"].rpartition("/")[2]


def ended_by(site: Served, how: signal.Signals, seconds: float) -> tuple[int, str, str]:
    """The code with which it ends within so many seconds, and what it said meanwhile; nothing of it is left."""
    children, scratch = site.children, site.scratch
    assert children and (scratch or not MEMORY.is_dir())
    site.process.send_signal(how)
    out, told = site.process.communicate(timeout=seconds)
    until(lambda: not any(map(is_alive, children)), 5.0)
    until(lambda: not any(path.exists() for path in scratch), 5.0)
    return site.process.returncode, out, told


@pytest.mark.slow
def test_it_says_where_it_is_answers_there_and_ends_with_control_c() -> None:
    with served("--book", str(BOOK)) as site:
        assert site.said.startswith("gaemi is at http://127.0.0.1:") and site.address.endswith("/")
        assert 200 == site.get("/glossary").status_code
        assert 421 == site.get("/glossary", host="evil.com").status_code
        assert 200 == site.get("/account", accept="text/html").status_code
        code, out, told = ended_by(site, signal.SIGINT, 5.0)
    assert (0, "") == (code, out)
    assert "Only this machine can ask it. Ctrl-C ends it.\n" == told


@pytest.mark.slow
def test_it_leaves_nothing_while_it_is_at_work() -> None:
    with served() as site:
        at = urlsplit(site.address)
        asked = {"replay": "covid-2020", "scale": 1}
        run = httpx.post(f"http://127.0.0.1:{at.port}/api/country?wait=0", json=asked, timeout=30).json()["id"]
        until(lambda: "running" == site.get(f"/api/runs/{run}").json()["state"], 60.0)
        code, _, told = ended_by(site, signal.SIGTERM, 5.0)
    assert code in (0, -signal.SIGTERM) and "Traceback" not in told


@pytest.mark.slow
def test_it_leaves_nothing_where_it_is_killed() -> None:
    """Nobody can tidy up after a site that is killed but its own processes, once they have begun."""
    with served() as site:
        at = urlsplit(site.address)
        answer = httpx.post(f"http://127.0.0.1:{at.port}/api/account?wait=30", json=QUICK, timeout=60)
        assert answer.status_code in (200, 202)
        until(lambda: "done" == site.get(f"/api/runs/{run_of(answer)}").json()["state"], 60.0)
        children, scratch = site.children, site.scratch
        site.process.kill()
        site.process.communicate(timeout=5)
        until(lambda: not any(map(is_alive, children)), 10.0)
        until(lambda: not any(path.exists() for path in scratch), 10.0)


@pytest.mark.slow
def test_elsewhere_it_demands_a_token_and_says_so() -> None:
    with served("--host", "0.0.0.0", "--name", "Risk.Firm.kr") as site:
        at = urlsplit(site.address)
        token = dict(parse_qsl(at.query))["token"]
        assert "risk.firm.kr" == at.hostname and len(token) >= 32
        for headers, status in (
            ({}, 401),
            ({"host": "127.0.0.1"}, 401),
            ({"host": "risk.firm.kr", "authorization": f"Bearer {token}"}, 200),
            ({"authorization": f"Bearer {token}x"}, 401),
            ({"host": "0.0.0.0", "authorization": f"Bearer {token}"}, 421),
        ):
            assert status == site.get("/glossary", **headers).status_code, headers
        led = site.get(f"/glossary?token={token}&lang=ko", host="risk.firm.kr")
        assert (303, "/glossary?lang=ko") == (led.status_code, led.headers["location"])
        cookie = led.headers["set-cookie"].partition(";")[0]
        assert 200 == site.get("/glossary?lang=ko", host="risk.firm.kr", cookie=cookie).status_code
        assert 0 == ended_by(site, signal.SIGINT, 5.0)[0]


@pytest.mark.slow
def test_a_token_may_be_given_by_the_environment() -> None:
    with served(GAEMI_TOKEN="a-token-of-a-firm") as site:
        assert site.address.endswith("/?token=a-token-of-a-firm"), "on the loopback too, where it is asked for"
        assert [401, 200] == [
            site.get("/glossary", **headers).status_code
            for headers in ({}, {"authorization": "Bearer a-token-of-a-firm"})
        ]


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        (told,) = refusals("serve", "--port", port)
    assert f"--port: cannot be had (Address already in use), was {port}; choose another, as --port 8801" == told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--port", "70000"), "--port: must be from 0 to 65535, was 70000"),
        (("--port", "-1"), "--port: must be from 0 to 65535, was -1"),
        (("--token", "short"), "--token: must have 16 letters or more, of A-Z a-z 0-9 . _ ~ -, was 5 letters"),
        (("--token", "a token; Path=/evil"), "--token: must have 16 letters or more"),
        (("--token", "스무글자가넘는아주아주긴한글토큰입니다요"), "--token: must have 16 letters or more"),
        (("--token", ""), "--token: must have 16 letters or more"),
        (("--book", "nowhere"), "--book: must be a file or a folder that is there, was 'nowhere'"),
        (("--book", "x" * 300), "--book: must be a file or a folder that is there"),
        (("--host", "nowhere.invalid"), "--host: cannot be had"),
        (("--host", "198.51.100.1"), "--host: cannot be had"),
        (("--host", "é" * 70), "--host: must be an address of this machine"),
        (("--host", "a:b"), "--host: cannot be had"),
    ],
)
def test_what_cannot_be_served_is_refused_in_words(options: Sequence[str], told: str) -> None:
    (found,) = refusals("serve", "--port", "0", *options)
    assert found.startswith(told)


@pytest.mark.parametrize("package", ["fastapi", "python_multipart"])
def test_without_the_extra_it_says_what_to_do(package: str) -> None:
    code = HIDDEN.format(package=package)
    began = monotonic()
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (2, "") == (answer.returncode, answer.stdout)
    last = answer.stderr.strip().splitlines()[-1]
    named = package.replace("_", "-")
    assert f"refused: gaemi serve: needs the extra serve, was no package {named}; pip install 'gaemi[serve]'" == last
    assert "Traceback" not in answer.stderr and monotonic() - began < 30
