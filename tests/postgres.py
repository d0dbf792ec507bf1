"""A PostgreSQL server of the tests' own, on a free loopback port, in a folder that goes away with it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "keeper", "p@ss word"
SETTINGS = (
    "fsync=off",
    "listen_addresses=127.0.0.1",
    "shared_buffers=16MB",
    "max_connections=20",
    "log_statement=none",
)
START_SECONDS = 60


@dataclass
class Server:
    """A server that can be started, asked past the package's own driver, and crashed."""

    programs: Path
    folder: Path
    port: int
    identity: dict[str, Any]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str = "postgres", user: str = USER, password: str = "p%40ss%20word") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def shown(self, database: str = "postgres") -> str:
        return self.url(database, password="***")

    def run(self, *words: str, text: str = "") -> str:
        """What a program of the server's prints; its own words when it fails."""
        done = subprocess.run(
            [str(self.programs / words[0]), *words[1:]],
            input=text.encode(),
            capture_output=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD},
            **self.identity,
        )
        assert done.returncode == 0, (done.stderr or done.stdout).decode()
        return done.stdout.decode().strip()

    def sql(self, text: str, database: str = "postgres") -> str:
        """What psql prints for statements, one at a time."""
        where = ("--host=127.0.0.1", f"--port={self.port}", f"--username={USER}", f"--dbname={database}")
        return self.run("psql", "--no-psqlrc", "--quiet", "-At", "--set=ON_ERROR_STOP=1", *where, text=text)

    def database(self, name: str, settings: str = "") -> str:
        """A new, empty database; its name is returned."""
        self.sql(f"CREATE DATABASE {name} TEMPLATE template0 {settings}")
        return name

    def start(self) -> None:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        words = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        words += ["-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self.identity
            )
        for _ in range(START_SECONDS * 10):
            assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")
            ready = ["--host=127.0.0.1", f"--port={self.port}", "--timeout=1"]
            asked = subprocess.run([str(self.programs / "pg_isready"), *ready], capture_output=True, cwd=self.folder)
            if asked.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError(f"no answer from PostgreSQL within {START_SECONDS} s")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT in good order, SIGQUIT at once, as in a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            self.process = None


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, version 15 first, else the newest."""
    homes = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    homes.sort(key=lambda home: (home.parent.name == "15", home.parent.name.zfill(4)))
    found = shutil.which("initdb")
    homes += [Path(found).resolve().parent] if found and not homes else []
    return homes[-1] if homes else None


def unprivileged() -> dict[str, Any] | None:
    """Whom to run as: ourselves, or, as PostgreSQL refuses root, somebody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return None


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.fixture(scope="session")
def own_server() -> Iterator[Server]:
    home, identity = programs(), unprivileged()
    if home is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or on the path")
    if identity is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody to run it")
    # The folder of pytest's own is closed to others, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="gaemi-postgres-", dir="/tmp"))
    server = Server(home, folder, free_port(), identity)
    try:
        (folder / "password").write_text(PASSWORD)
        if identity:
            for path in (folder, folder / "password"):
                os.chown(path, identity["user"], identity["group"])
        server.run(
            "initdb", "--no-sync", "--pgdata=data", f"--username={USER}", "--pwfile=password",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
        )  # fmt: skip
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def server(own_server: Server) -> Server:
    """The running server; a test that crashed it leaves the next one a new start."""
    if own_server.process is None:
        own_server.start()
    return own_server
