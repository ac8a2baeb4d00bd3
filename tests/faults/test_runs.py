"""Short runs of the fault harness; `make faults` does the long ones."""

import pytest

from tests.faults.processes.points import POINTS, place_of
from tests.faults.runs import kill, redeliver

CHOSEN = (
    "receive: in transaction",
    "receive: stored",
    "post: accepted",
    "claim: done",
    "commit: before",
    "mail: stored",
)


def failed(rows):
    return [f"{row.what}: {row.measured}" for row in rows if not row.ok]


@pytest.mark.parametrize(("kind", "kills", "inputs"), [("sqlite", 6, 300), ("postgresql", 2, 80)])
async def test_nothing_is_lost_or_doubled_by_kill_9_at_crash_points(world_on, kind, kills, inputs):
    async with world_on(kind, on_slack=20, by_mail=8, ESCALATION_HOURS="48") as world:
        plan = [(name, 1) for name in CHOSEN[:kills]]

        rows = await kill.run(world, lambda *_: None, kills=kills, inputs=inputs, settle=30, life=20, plan=plan)

        assert failed(rows) == []


async def test_events_that_come_again_and_overtake_each_other_change_nothing(world_on):
    async with world_on("sqlite", on_slack=20, by_mail=0, ESCALATION_HOURS="48") as world:
        rows = await redeliver.run(world, lambda *_: None, redeliveries=300, settle=30)

        assert failed(rows) == []


@pytest.mark.parametrize("name", POINTS)
def test_every_crash_point_names_a_function_that_is_there(name):
    owner, attribute = place_of(name)

    assert callable(getattr(owner, attribute))
