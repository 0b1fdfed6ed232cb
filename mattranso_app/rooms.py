"""Brings every room's registrations to life: routes, live topics, search sources, jobs, readers of files, page heads.

A room registers what it offers when its modules are imported; web processes, workers and commands call `register` once.
"""

from __future__ import annotations

from importlib import import_module

ROOMS = (
    "mattranso_app.core.files.endpoints",
    "mattranso_app.core.files.sweep",
    "mattranso_app.core.health",
    "mattranso_app.core.live.pruning",
    "mattranso_app.core.notify",
    "mattranso_app.core.reporting.folding",
    "mattranso_app.units.api",
    "mattranso_app.units.groups_api",
    "mattranso_app.identity.following",
    "mattranso_app.identity.web",
    "mattranso_app.identity.factors.endpoints",
    "mattranso_app.identity.provider.account",
    "mattranso_app.identity.own_data.archive",
    "mattranso_app.identity.own_data.endpoints",
    "mattranso_app.identity.own_data.holder",
    "mattranso_app.identity.own_data.request_endpoints",
    "mattranso_app.identity.officers.endpoints",
    "mattranso_app.identity.tokens.endpoints",
    "mattranso_app.identity.factors.passkey_endpoints",
    "mattranso_app.identity.invitations.endpoints",
    "mattranso_app.identity.provider.endpoints",
    "mattranso_app.identity.provider.logout",
    "mattranso_app.identity.provider.register",
    "mattranso_app.identity.outside.endpoints",
    "mattranso_app.identity.outside.simulator",
    "mattranso_app.identity.population.endpoints",
    "mattranso_app.petitions.api",
    "mattranso_app.petitions.desk_api",
    "mattranso_app.petitions.following",
    "mattranso_app.petitions.own_data",
    "mattranso_app.petitions.own_data_api",
    "mattranso_app.petitions.program_api",
    "mattranso_app.petitions.sources",
    "mattranso_app.registry.following",
    "mattranso_app.registry.entry_api",
    "mattranso_app.registry.seeing.dashboard_endpoints",
    "mattranso_app.registry.seeing.downloads",
    "mattranso_app.registry.seeing.endpoints",
    "mattranso_app.registry.seeing.own_data",
    "mattranso_app.registry.seeing.sources",
    "mattranso_app.registry.program_api",
    "mattranso_app.registry.sheets_api",
    "mattranso_app.registry.links_api",
    "mattranso_app.registry.own_data",
    "mattranso_app.registry.reminding",
    "mattranso_app.lite.routes",
)
"""Modules whose import registers something, in no particular order."""


def register() -> None:
    """Import all of them."""
    for room in ROOMS:
        import_module(room)
