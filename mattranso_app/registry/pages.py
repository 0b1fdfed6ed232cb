"""The pages of the online database and their addresses."""

from __future__ import annotations

from mattranso_app.registry.states.home import RegistryHomeState
from mattranso_app.registry.states.review import ADDRESS as REVIEW
from mattranso_app.registry.states.review import ReviewState
from mattranso_app.registry.states.sheets import RegistrySheetsState
from mattranso_app.registry.text import entry as entry_text
from mattranso_app.registry.text import sheets as sheets_text
from mattranso_app.registry.text import upward as upward_text
from mattranso_app.registry.views.designer import PAGES as DESIGN_PAGES
from mattranso_app.registry.views.entry import entry_page
from mattranso_app.registry.views.home import home_page
from mattranso_app.registry.views.review import review_page
from mattranso_app.registry.views.sheets import sheets_page
from mattranso_app.ui.entry import Entry

PAGES = (
    Entry("/csdl", entry_text.HOME_TITLE, home_page, entry_text.HOME_LEAD, on_load=RegistryHomeState.load),
    Entry("/csdl/nhap/[bieu]/[ky]/[to_chuc]/[don_vi]", entry_text.ENTRY_TITLE, entry_page),
    Entry(REVIEW, upward_text.TITLE, review_page, upward_text.LEAD, on_load=ReviewState.load),
    Entry("/csdl/excel", sheets_text.TITLE, sheets_page, sheets_text.LEAD, on_load=RegistrySheetsState.load),
    *DESIGN_PAGES,
)
