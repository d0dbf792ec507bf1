"""A machine of a cluster that is lost in the middle of a run: its accounts go to another, and the bits are the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from run.cluster_fixture import until_gone
from run.conftest import Crash
from toytown import LOUD, instruments, law, one_thread

import gaemi.cluster as cluster
import gaemi.connecting as connecting
from gaemi.cluster import RayWorkers
from gaemi.errors import Refused
from gaemi.run import Scenario, fingerprint, outcome, start
from gaemi.world import World

ray = pytest.importorskip("ray", reason="Ray is not installed (extra cluster)")
pytestmark = pytest.mark.slow

NOTICED = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}


class Machines:
    """A head without room and machines of one processor each, all on this one, by Ray's own utility."""

    def __init__(self, number: int) -> None:
        from ray.cluster_utils import Cluster

        connecting.be_quiet()
        self.cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "include_dashboard": False, "_system_config": NOTICED},
        )
        self.nodes = [self.cluster.add_node(num_cpus=1) for _ in range(number)]
        self.cluster.wait_for_nodes()
        ray.init(address=self.cluster.address, **connecting.QUIETLY)

    def lose(self, workers: RayWorkers, place: int) -> None:
        """The machine of an actor is gone, as if its power had failed."""
        here = ray.get(workers._actors[place].node.remote())
        lost = next(node for node in self.nodes if node.node_id == here)
        self.nodes.remove(lost)
        self.cluster.remove_node(lost, allow_graceful=False)
        until_gone(workers._actors[place])

    def close(self) -> None:
        ray.shutdown()
        self.cluster.shutdown()


@pytest.fixture
def machines() -> Iterator[Machines]:
    made = Machines(3)
    yield made
    made.close()


def through(crash: Crash, workers: RayWorkers, until: Any) -> str:
    origin = start(law(), instruments(), crash.people, one_thread())
    return outcome(Scenario("lost", origin, crash.path, LOUD, fingerprint, str, until), workers)


@pytest.mark.parametrize("day", [2, 6])
def test_a_lost_machine_is_replaced_and_the_bits_are_the_same(crash: Crash, machines: Machines, day: int) -> None:
    with RayWorkers(2) as workers:
        lost: list[int] = []

        def losing(world: World) -> bool:
            if world.day == day and not lost:
                lost.append(day)
                machines.lose(workers, 1)
            return False

        assert through(crash, workers, losing) == fingerprint(crash.world)
        assert lost and len(machines.nodes) == 2


def test_a_cluster_without_room_for_the_lost_one_is_told(
    crash: Crash, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "REPLACED_SECONDS", 15.0)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 2.0)
    with (
        RayWorkers(3) as workers,
        pytest.raises(Refused, match="the cluster has 2 processors, and each shard needs one"),
    ):
        lost: list[int] = []

        def losing(world: World) -> bool:
            if world.day == 3 and not lost:
                lost.append(3)
                machines.lose(workers, 0)
            return False

        through(crash, workers, losing)
