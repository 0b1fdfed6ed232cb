"""The pages of petitions and their addresses."""

from __future__ import annotations

from mattranso_app.petitions import text
from mattranso_app.petitions.states.desk_item import PetitionState
from mattranso_app.petitions.states.list import PublicListState
from mattranso_app.petitions.states.mine import MineState
from mattranso_app.petitions.views.desk import desk_page
from mattranso_app.petitions.views.follow import follow_page
from mattranso_app.petitions.views.item import item_page
from mattranso_app.petitions.views.list import list_page
from mattranso_app.petitions.views.mine import mine_page
from mattranso_app.petitions.views.send import send_page
from mattranso_app.ui.entry import Entry

PAGES = (
    Entry("/phan-anh", text.LIST_TITLE, list_page, text.LIST_LEAD, on_load=PublicListState.load),
    Entry("/phan-anh/gui", text.SEND_TITLE, send_page, text.SEND_LEAD),
    Entry("/phan-anh/theo-doi", text.FOLLOW_TITLE, follow_page, text.FOLLOW_LEAD),
    Entry("/phan-anh/ban-lam-viec", text.DESK_TITLE, desk_page, on_load=PetitionState.load),
    Entry("/phan-anh/cua-toi", text.MINE_TITLE, mine_page, text.MINE_LEAD, on_load=MineState.load),
    Entry("/phan-anh/[number]", text.ITEM_HEADING, item_page),
)
