"""The design system on `rx.el` and CSS. It knows nothing of ours; every function takes plain values or Reflex vars alike.

App (once): `rx.App(theme=None, html_lang="vi", toaster=None, stylesheets=ui.STYLESHEETS, reset_style=False,
head_components=ui.head_components(), app_wraps={(55, "ErrorBoundary"): ui.error_boundary})`. No Tailwind plugin, no Radix,
no `rx.link`.

Frame
    page(title, *children, description, wide, nav, back, above, account, footer_links)   a whole page, one h1
    desk_layout(title, nav, items, detail, showing_detail, note, …), pick(*children, current, on_click=…)
    navigation(items), NavItem(words, href, current, count, late), brand(note), footer(links)
    register_account_slot(make), head_components(), error_boundary, STYLESHEETS, MAIN, Entry
Acts
    button(*words, variant="primary|outline|quiet|danger", sign, small, block, type, busy, shortcut, on_click=…)
    link(*words, href), plain_link (never rx.el.a: that is the router's), link_button(*words, href, variant, …), actions(*buttons), kbd(key)
    tabs([(words, href)], current, label), pager(previous, next | on_previous, on_next, has_previous, has_next)
    dialog(title, *children, id, trigger | open + on_close), shortcuts()
Things shown
    card(*children, href, flush), section(title, *children, more, note), stack, row, grid, columns(main, aside), prose
    tile(title, note, href, sign, kind), tiles(*tiles), stat(value, label, kind), stats(*stats), facts(*pairs)
    pill(words, kind, sign), status_pill(state, states), notice(kind, title, *children, live), toast(words, shown)
    timeline([Step(title, when, note, state, extra)] | var, make), progress(value, maximum, label)
    listing(items, make, empty), data_table(caption, [Column(title, cell, numeric, heading)], rows)
    empty_state(title, *children, sign), skeleton(lines), more(title, *children), plain_text(words), hidden(words)
    icon(name, label), star_mark()
    kind is "ok" done · "go" under way · "wait" needs attention · "late" late or wrong · "plain" neutral
Questions (uncontrolled: `default_value`, never `value`, so that what is typed before the page is alive stays)
    text_field(label, name, hint, error, optional, **input), area_field(…, max_characters), select_field(label, name, choices, …)
    search_field(label, name, …) inside search_form(*fields, action, values)
    radio_group(label, name, [(value, words, meaning)], chosen, …), checkbox(words, name, …)
    field(label, control, name, …), text_input, text_area, select, error_summary([(name, words)] | var), form(*children)
    unit_picker(label, name, level, initial_code, …, on_pick)
What must not be lost
    outbox_form(*fields, form_key, action, plain_action, submit, shown, open_at, on_sent), photo_field(name, …)
    sent_items(form_key, follow_action | open_at | on_open)
For officers
    kept_form(*fields, id, keep_key, submit, on_send, save_to, …), attach_files(id, action, owner, …), photo_viewer(photos)
    sheet_import(id, action, owner, words, on_done), server_view(source, words), desk_watch(topic, item, version, page, on_change)
In `page` already
    preferences(), connection_words() (also as offline_banner), focus_on_navigation(), service_worker(); focus_here(of) for what appears

Words of an own kind go to the caller's text.py; defaults are in ui/text.py. Class names are those of assets/ui/*.css; write no
`style=` props (each makes a class at run time).
"""

from mattranso_app.ui.actions import actions, button, kbd, link, link_button, pager, plain_link, tabs
from mattranso_app.ui.entry import Entry
from mattranso_app.ui.forms import (
    area_field,
    checkbox,
    error_summary,
    field,
    form,
    plain_form,
    radio_group,
    search_field,
    select,
    select_field,
    text_area,
    text_field,
    text_input,
)
from mattranso_app.ui.icons import icon, star_mark
from mattranso_app.ui.keeping import attach_files, desk_watch, figures_import, kept_form, photo_viewer, sheet_import
from mattranso_app.ui.local import (
    connection_words,
    dialog,
    focus_here,
    focus_on_navigation,
    outbox_form,
    photo_field,
    preferences,
    search_form,
    sent_items,
    server_view,
    service_worker,
    shortcuts,
    unit_picker,
)
from mattranso_app.ui.shell import (
    MAIN,
    STYLESHEETS,
    NavItem,
    brand,
    desk_layout,
    error_boundary,
    footer,
    head_components,
    navigation,
    page,
    pick,
    register_account_slot,
)
from mattranso_app.ui.surfaces import (
    Column,
    Step,
    card,
    columns,
    data_table,
    empty_state,
    facts,
    grid,
    hidden,
    listing,
    more,
    notice,
    pill,
    plain_text,
    progress,
    prose,
    row,
    section,
    skeleton,
    stack,
    stat,
    stats,
    status_pill,
    tile,
    tiles,
    timeline,
    toast,
)

offline_banner = connection_words

__all__ = [
    "MAIN", "STYLESHEETS", "Column", "Entry", "NavItem", "Step", "actions", "area_field", "attach_files", "brand", "button",
    "card", "checkbox", "columns", "connection_words", "data_table", "desk_layout", "desk_watch", "dialog", "empty_state",
    "error_boundary", "error_summary", "facts", "field", "figures_import", "focus_here", "focus_on_navigation", "footer", "form", "grid",
    "head_components", "hidden", "icon", "kbd", "kept_form", "link", "link_button", "listing", "more", "navigation", "notice",
    "offline_banner", "outbox_form", "page", "pager", "photo_field", "photo_viewer", "pick", "pill", "plain_form", "plain_link",
    "plain_text",
    "preferences", "progress", "prose", "radio_group", "register_account_slot", "row", "search_field", "search_form", "section",
    "select", "select_field", "sent_items", "server_view", "service_worker", "sheet_import", "shortcuts", "skeleton", "stack", "star_mark",
    "stat", "stats", "status_pill", "tabs", "text_area", "text_field", "text_input", "tile", "tiles", "timeline", "toast",
    "unit_picker",
]
