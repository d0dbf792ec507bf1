"""A cluster: the same bits on any number of workers, also when one of them dies; what cannot be had is told in time."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from run.cluster_fixture import until_gone
from run.conftest import BEFORE_THE_CHANGE, Crash, crash_path
from run.credit_fixture import daily, setting
from toytown import LOUD, instruments, law, live, one_thread
from toytown.people import crowd

import gaemi.cluster as cluster
import gaemi.connecting as connecting
from gaemi import days
from gaemi.cluster import RayWorkers
from gaemi.errors import Refused
from gaemi.forecasts import forecasts, shocked
from gaemi.means import Means, crew
from gaemi.records.columns import Population
from gaemi.run import Scenario, fingerprint, outcome, start
from gaemi.spin import WARM, spin_up, to_session
from gaemi.workers import LocalWorkers, Workers
from gaemi.world import World

SLOW = pytest.mark.slow

ray = pytest.importorskip("ray", reason="Ray is not installed (extra cluster)")


@pytest.fixture(scope="module")
def here() -> Iterator[None]:
    """A cluster of this machine, as large as the largest test asks."""
    ray, own = connecting.connect(None, 4)
    yield
    if own:
        ray.shutdown()


def lived(crash: Crash, workers: Workers) -> str:
    return fingerprint(live(crash.people, crash.path, LOUD, workers=workers))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "shards", [2, pytest.param(1, marks=SLOW), pytest.param(4, marks=SLOW), pytest.param((1, 5), marks=SLOW)]
)
def test_the_same_bits_on_any_number_of_workers(crash: Crash, shards: int | tuple[int, ...]) -> None:
    with RayWorkers(shards) as workers:
        assert fingerprint(crash.world) == lived(crash, workers)
        assert lived(crash, workers) == fingerprint(crash.world), "accounts that are held are as they were"


class Killing:
    """Kills a worker at the close of one session, once."""

    def __init__(self, workers: RayWorkers, day: int) -> None:
        self.workers, self.day, self.done = workers, day, False

    def __call__(self, world: World) -> bool:
        if world.day == self.day and not self.done:
            self.done = True
            ray.kill(self.workers._actors[0], no_restart=False)
            until_gone(self.workers._actors[0])
        return False


def through(crash: Crash, workers: RayWorkers, until: Any) -> str:
    origin = start(law(), instruments(), crash.people, one_thread())
    return outcome(Scenario("killed", origin, crash.path, LOUD, fingerprint, str, until), workers)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("day", [5, pytest.param(1, marks=SLOW), pytest.param(10, marks=SLOW)])
def test_a_worker_that_dies_is_replaced_and_the_bits_are_the_same(crash: Crash, day: int) -> None:
    with RayWorkers(2) as workers:
        killing = Killing(workers, day)
        assert through(crash, workers, killing) == fingerprint(crash.world)
        assert killing.done


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_workers_that_die_again_and_again_are_told(crash: Crash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LOSSES", 2)

    def always(world: World) -> bool:
        if world.day == 2:
            ray.kill(workers._actors[0], no_restart=False)
            until_gone(workers._actors[0])
        return False

    with RayWorkers(2) as workers, pytest.raises(Refused, match="2 losses in a row"):
        through(crash, workers, always)


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_what_crosses_does_not_grow_with_the_accounts() -> None:
    def traffic(accounts: int) -> int:
        people = crowd(BEFORE_THE_CHANGE, accounts, plain=accounts)
        with RayWorkers(2) as workers:
            live(people, crash_path(), LOUD, workers=workers)
            return workers.traffic_bytes

    few, many = traffic(100), traffic(900)
    assert 0 < few <= many < 1.1 * few, "a session on which somebody sells has a step more"


@pytest.mark.usefixtures("here")
def test_tables_come_home_as_they_were_handed_over(crash: Crash) -> None:
    with RayWorkers(3) as workers:
        for groups in (crash.people.borrowing, crash.people.plain):
            back = workers.gathered(workers.copied(workers.hold(groups)))
            for group, again in zip(groups, back, strict=True):
                for column, other in zip(group, again, strict=True):
                    np.testing.assert_array_equal(column, other)


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_copies_are_dropped_with_their_handle(crash: Crash) -> None:
    with RayWorkers(1) as workers:
        held = workers.hold(crash.people.borrowing)
        for _ in range(5):
            copy = workers.copied(held)
        known = ray.get(workers._actors[0].known.remote())
        assert copy.key in known and held.key in known and len(known) <= 3


def ensembles(workers: Workers) -> tuple[np.ndarray, ...]:
    """A spin-up, forecasts and shocks."""
    one = setting(daily())
    on = len(one.history.days) - 1
    members = [member for member in spin_up(one, on, 3, workers)]
    members = workers.map(to_session, members, one, WARM + on)
    dates = days.sessions(one.history.days[-1], 10)
    found = shocked(one, members, WARM + on, (-10.0, -30.0), dates, workers)
    told = forecasts(one, np.array([40, 70]), 10, 3, workers)
    return found.called_won, found.sold_won, found.unpaid_won, told.settled_won, told.done_won


@pytest.mark.usefixtures("here")
def test_an_ensemble_is_the_same_in_tasks_of_a_cluster() -> None:
    with LocalWorkers(1) as threads, RayWorkers(2) as workers:
        counted: list[int] = []
        for a, b in zip(ensembles(threads), ensembles(workers), strict=True):
            assert (a == b).all() and a.any()
        assert workers.map(divmod, [5, 7], 2, done=counted.append) == [(2, 1), (3, 1)]
        assert counted[-1] == 2


@pytest.mark.usefixtures("here")
def test_workers_of_another_version_are_refused(crash: Crash, monkeypatch: pytest.MonkeyPatch) -> None:
    own = cluster.versions()
    monkeypatch.setattr(cluster, "versions", lambda: own | {"numba": "0.1"})
    with RayWorkers(1) as workers, pytest.raises(Refused, match=rf"numba {own['numba']}, here 0\.1"):
        workers.hold(crash.people.borrowing)


@pytest.mark.usefixtures("here")
def test_more_shards_than_the_cluster_has_room_for_are_refused() -> None:
    with pytest.raises(
        Refused, match="the cluster has 4 processors, and each shard needs one that answers, was 5 shards"
    ):
        RayWorkers(5)


@pytest.mark.usefixtures("here")
def test_more_shards_than_accounts_are_refused() -> None:
    people = crowd(BEFORE_THE_CHANGE, 3)
    with RayWorkers(4) as workers, pytest.raises(Refused, match="there are 3 accounts to be dealt"):
        live(Population(people.plain, people.borrowing), crash_path(2), LOUD, workers=workers)


@pytest.mark.parametrize("address", ["nowhere", "host:", ":6379", "host:port", "host:99999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="must be HOST:PORT of a running cluster, or auto"):
        connecting.reach(address)


def test_an_address_where_nobody_listens_is_refused_at_once() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Refused, match="no cluster answers there"):
        connecting.reach(f"127.0.0.1:{port}")


def test_ray_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Refused, match=r"needs the extra cluster.*pip install"):
        crew(Means(workers="ray"))
