"""The life of a challenge, whatever is done in whatever order: it counts once, in time, where and for what it was made."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core import clock, db
from mattranso_app.identity.service import challenges

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PURPOSES = ("add", "sign_in", "prove")
PLACES = ("a" * 43, "b" * 43)

steps = st.one_of(
    st.tuples(st.just("issue"), st.sampled_from(PURPOSES), st.sampled_from(PLACES)),
    st.tuples(st.just("take"), st.sampled_from(PURPOSES), st.sampled_from(PLACES), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from((1, 150, 299, 300, 301))),
    st.tuples(st.just("sweep")),
)


async def live_through(plan: list[tuple]) -> None:  # type: ignore[type-arg]
    clock.freeze(START)
    made: list[bytes] = []
    holds: dict[tuple[str, str], tuple[bytes, datetime]] = {}
    for step in plan:
        moment = clock.now()
        if step[0] == "issue":
            _, purpose, place = step
            async with db.transaction() as session:
                challenge = await challenges.issue(session, purpose, place)
            assert challenge not in made and len(challenge) == 32
            made.append(challenge)
            holds[purpose, place] = (challenge, moment + timedelta(minutes=5))
        elif step[0] == "take":
            _, purpose, place, number = step
            challenge = made[number % len(made)] if made else bytes(32)
            kept, until = holds.get((purpose, place), (b"", moment))
            expected = kept == challenge and moment < until
            assert await challenges.take(purpose, place, challenge) == expected
            if kept == challenge:
                del holds[purpose, place]
        elif step[0] == "wait":
            clock.freeze(moment + timedelta(seconds=step[1]))
        else:
            async with db.transaction() as session:
                await challenges.passkey_store.sweep(session, moment)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=14))
def test_a_challenge_counts_once_in_time_in_its_place_for_its_purpose(database_url: str, plan: list[tuple]) -> None:  # type: ignore[type-arg]
    async def run() -> None:
        await db.open_pool(database_url)
        try:
            async with db.transaction() as session:
                await challenges.passkey_store.sweep(session, datetime(9999, 1, 1, tzinfo=UTC))
            await live_through(plan)
        finally:
            await db.close_pool()

    asyncio.run(run())
