"""Builds the app: pages of all rooms, the guard before every event, the layers around. No logic."""

from __future__ import annotations

import reflex as rx

from mattranso_app import rooms, ui
from mattranso_app.identity import guard, shell
from mattranso_app.identity.pages import PAGES as IDENTITY_PAGES
from mattranso_app.petitions.pages import PAGES as PETITION_PAGES
from mattranso_app.portal.pages import PAGES as PORTAL_PAGES
from mattranso_app.registry.pages import PAGES as REGISTRY_PAGES
from mattranso_app.registry.seeing.shell import PAGES as SEEING_PAGES
from mattranso_app.units.pages import PAGES as UNIT_PAGES
from mattranso_app.web import layers, lifespan

rooms.register()
shell.register()

app = rx.App(
    html_lang="vi",
    theme=None,
    toaster=None,
    reset_style=False,
    stylesheets=ui.STYLESHEETS,
    head_components=ui.head_components(),
    app_wraps={(55, "ErrorBoundary"): ui.error_boundary},
    api_transformer=layers,
    backend_exception_handler=guard.answer_exception,
)
for page in (*PORTAL_PAGES, *PETITION_PAGES, *REGISTRY_PAGES, *SEEING_PAGES, *IDENTITY_PAGES, *UNIT_PAGES):
    app.add_page(page.make, route=page.route, title=page.title, description=page.description, on_load=page.on_load)

app.add_middleware(guard.Guard())
app.register_lifespan_task(lifespan)
guard.check_all_handlers(app)
