"""The pages figures stand in: the house's shell around what the server draws."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.seeing import wishes
from mattranso_app.registry.text import seeing as text
from mattranso_app.ui.entry import Entry


def _page(address: str, title: str, lead: str) -> Entry:
    def make() -> rx.Component:
        return ui.page(
            title, ui.server_view(f"{address}/noi-dung", text.VIEW_WORDS), description=lead, wide=True, back=("/csdl", text.TOOL)
        )

    return Entry(address, title, make)


PAGES = (
    _page(wishes.TOTALS, text.TITLE, text.LEAD),
    _page(wishes.PIVOT, text.PIVOT_TITLE, text.PIVOT_LEAD),
    _page(wishes.OUTLIERS, text.OUTLIERS_TITLE, text.OUTLIERS_LEAD),
    _page(wishes.DASHBOARDS, text.DASHBOARDS_TITLE, text.DASHBOARDS_LEAD),
)
