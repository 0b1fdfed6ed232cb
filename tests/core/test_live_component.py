"""The Reflex side of the live component: what it imports exists, and the page's variable starts drawable."""

from __future__ import annotations

from mattranso_app.settings import ROOT
from mattranso_app.ui.live import SCRIPT, live_at, live_source, live_status, live_value


def test_the_component_imports_a_script_that_is_there_and_feeds_the_variable() -> None:
    value = live_value("test/units/01", {"received": 0})
    source = live_source(topic="test/units/01", value=value)
    imported = source._get_all_imports()
    assert [entry.tag for entry in imported[f"$/public{SCRIPT}"]] == ["LiveSource"]
    assert "export function LiveSource" in (ROOT / "assets" / SCRIPT.lstrip("/")).read_text()
    rendered = "".join(source.render()["props"])
    assert 'topic:"test/units/01"' in rendered
    assert "onData" in rendered


def test_the_variable_has_its_default_and_a_freshness_before_anything_came() -> None:
    value = live_value("test/units/02", {"received": 0, "rows": []})
    hooks = str(value._get_all_var_data().hooks)
    assert '["received"] : 0' in hooks
    assert '["status"] : "connecting"' in hooks
    assert '["_live"]' in str(live_status(value)) and '["status"]' in str(live_status(value))
    assert '["_live"]' in str(live_at(value)) and '["at"]' in str(live_at(value))
