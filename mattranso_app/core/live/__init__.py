"""Live figures: what was committed reaches every open page within a moment, from any process, and nothing is lost.

A tool registers its topics when it is imported and tells of changes inside its own transactions:

    live.topic("petitions/{number}", readers=live.PUBLIC, snapshot=fetch_published)   # (session, params) -> dict
    live.topic("portal", readers=live.PUBLIC, snapshot=count_everything, recompute=True)

    async with transaction() as session:
        …                                                        # change the rows first, then tell
        await live.publish(session, f"petitions/{number}", {"status": "answered"})
        await live.mark(session, "portal")

Pages read `/live/{topic}.json` and `/live/{topic}/stream` through the component `ui.live.live_source`. How it holds
together: `publish` (the way in), `cursor` (what has been seen), `hub` (one per web process), `channel` (one topic with
its viewers), `viewer` (one open stream), `endpoints` (HTTP). What was measured stands in mattranso_app/bench/live/README.md.
"""

from mattranso_app.core.live import endpoints as endpoints
from mattranso_app.core.live.hub import Limits, hub, set_actor_resolver, start, stop
from mattranso_app.core.live.memory import tune_gc
from mattranso_app.core.live.publish import mark, prune, publish
from mattranso_app.core.live.topics import PUBLIC, Params, topic

__all__ = [
    "PUBLIC",
    "Limits",
    "Params",
    "hub",
    "mark",
    "prune",
    "publish",
    "set_actor_resolver",
    "start",
    "stop",
    "topic",
    "tune_gc",
]
