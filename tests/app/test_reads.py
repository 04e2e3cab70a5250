"""Calendars and searches are worked out anew for each reader: as many as a person can read, by page and by program alike."""

from collections.abc import Callable

import pytest

from app import create_app
from app.domain.quotas import QUOTAS, Rule
from app.models import QuotaStop
from tests.conftest import OwnRedis
from tests.faults.processes import process_environment
from tests.support.offspring import Offspring
from tests.support.world import World

MOST = QUOTAS[Rule.READS].most


@pytest.mark.usefixtures("limits")
def test_a_program_that_reads_too_fast_is_told_when_to_come_back(world: World) -> None:
    """SEC-18: 216 calendars of 60 days in 8 s, never 429."""
    client, other = world.person(), world.person()
    answers = [client.get("/bookings") for _ in range(MOST + 5)]
    assert [answer.status_code for answer in answers] == [200] * MOST + [429] * 5
    assert answers[-1].json["code"] == "too_often"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert other.get("/bookings").status_code == 200, "nobody else is slowed down"
    [stop] = world.all(QuotaStop)
    assert (stop.rule, stop.user_id, stop.count) == ("reads", client.user_id, 1), (
        "once a minute, however often they ask"
    )


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("address", ["2001:db8:1:2::{}", "203.0.113.7"])
def test_of_who_is_not_logged_in_the_network_is_counted(world: World, address: str) -> None:
    """IPv6: whoever has a /64 has as many addresses as they like."""
    most, http = QUOTAS[Rule.READS_BY_NETWORK].most, world.app.test_client()

    def read(n: int, host: str) -> int:
        return http.get("/api/v1/practitioners/nobody", environ_base={"REMOTE_ADDR": host.format(f"{n:x}")}).status_code

    answers = [read(n, address) for n in range(most + 1)]
    assert answers == [404] * most + [429]
    assert read(1, "2001:db8:1:3::{}") == 404
    [stop] = world.all(QuotaStop)
    assert (stop.rule, stop.user_id) == ("reads_by_network", None)
    assert "203.0.113" not in stop.who


def read(say: Callable[[object], None], token: str, times: int) -> None:
    """A web process that is asked for the person's bookings so often; it says the statuses of its answers."""
    http = create_app().test_client()
    headers = {"Authorization": f"Bearer {token}"}
    say([http.get("/api/v1/bookings", headers=headers).status_code for _ in range(times)])


def test_all_processes_count_together_and_go_on_alone_without_redis(world: World, own_redis: OwnRedis) -> None:
    """SEC-3: each process counted for itself. And no page waits for a Redis that is away."""
    client = world.person()
    environment = process_environment(world, KIKAO_RATE_LIMITS="on", REDIS_URL=own_redis.url)

    def answers(times: int) -> list[int]:
        process = Offspring(environment, read, client.token, times)
        said = process.hear()
        assert process.end()[0] == 0
        return list(said)

    assert answers(MOST - 1) == [200] * (MOST - 1)
    assert answers(3) == [200, 429, 429]
    own_redis.stop()
    assert answers(3) == [200, 200, 200]
