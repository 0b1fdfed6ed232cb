"""Designing forms: step by step, by two at once, published, changed in mid-year, retired; whose forms they are."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattranso_app.core import clock, db
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry import building, drafting
from mattranso_app.registry.comparing import differences
from mattranso_app.registry.ready_forms import ready_forms, seed_ready_forms
from mattranso_app.registry.service import designing, save_reports
from mattranso_app.registry.service.due import list_due
from tests.core.reporting.factories import enterer, small_form

NUMBER = {"type": "integer", "measure": "cuộc", "over_time": "flow"}


def number(name, **answers):
    return building.indicator_of({"name": name, **NUMBER, **answers}, set())


def a_draft():
    draft = drafting.blank("Biểu thử", "quarter", ["commune"], ["mttq"])
    draft = drafting.apply(draft, drafting.add_category("Giới tính", ["Nam", "Nữ"], overlaps=False))
    members = building.indicator_of(
        {"name": "Hội viên", "type": "integer", "measure": "người", "over_time": "stock", "is_required": "1"}, set(), ["gioi_tinh"]
    )
    draft = drafting.apply(draft, drafting.put_indicator(0, members))
    return drafting.apply(draft, drafting.put_indicator(0, number("Cuộc họp")))


def refused(draft, step):
    before = repr(draft)
    with pytest.raises(InvalidInput) as error:
        drafting.apply(draft, step)
    assert repr(draft) == before
    return next(iter(error.value.fields.values()), error.value.text)


def test_names_become_codes_of_their_own():
    assert drafting.new_code("Hội viên nữ", ()) == "hoi_vien_nu"
    assert drafting.new_code("Hội viên nữ", {"hoi_vien_nu"}) == "hoi_vien_nu_2"
    assert drafting.new_code("3 đột phá", ()) == "c_3_dot_pha"
    assert drafting.new_code("…", ()) == "c"


@given(st.text(max_size=400), st.sets(st.sampled_from(["c", "c_2", "a", "a_2"])))
@settings(max_examples=150, deadline=None)
def test_any_name_gives_a_code_that_forms_take(name, taken):
    code = drafting.new_code(name, taken)
    assert code not in taken
    assert drafting.read_definition(small_form(sections=[{"title": "M", "indicators": [
        {"code": code, "name": "Chỉ tiêu", "measure": "cuộc", "over_time": "flow"}]}]))


def test_a_draft_is_built_without_typing_codes():
    definition = drafting.definition_of(a_draft())
    assert list(definition.cells) == ["hoi_vien", "hoi_vien/nam", "hoi_vien/nu", "cuoc_hop"]
    draft = drafting.apply(a_draft(), drafting.add_section("Nhận xét"))
    draft = drafting.apply(draft, drafting.move_indicator("cuoc_hop", 1))
    assert [len(section["indicators"]) for section in draft["sections"]] == [1, 1]
    draft = drafting.apply(draft, drafting.move_section(1, -1))
    assert [indicator["code"] for indicator in drafting.indicators(draft)] == ["cuoc_hop", "hoi_vien"]
    check = building.check_of({"severity": "hard", "left": "hoi_vien/nu", "comparison": "<=", "right": "hoi_vien"}, definition)
    draft = drafting.apply(draft, drafting.add_check(check))
    sentences = building.sentences_of(drafting.definition_of(draft))
    assert sentences == {"kiem_tra": "Hội viên — Nữ ≤ Hội viên"}
    change = building.check_of({"severity": "soft", "cell": "hoi_vien", "percent": "20", "since": "last_year"}, definition)
    draft = drafting.apply(draft, drafting.add_check(change))
    assert [check["name"] for check in draft["checks"]] == ["kiem_tra", "kiem_tra_2"]
    said = building.sentences_of(drafting.definition_of(draft))["kiem_tra_2"]
    assert said == "Hội viên: không tăng hoặc giảm quá 20 % so với cùng kỳ năm trước"
    assert list(drafting.apply(draft, drafting.remove_check("kiem_tra"))["checks"]) == draft["checks"][1:]


def test_what_a_step_may_not_do():
    draft = a_draft()
    assert "Đã có" in refused(draft, drafting.put_indicator(0, number("CUỘC HỌP")))
    assert "Đã có" in refused(draft, drafting.add_category("giới tính", ["A", "B"], overlaps=False))
    assert "chia theo nhóm này" in refused(draft, drafting.remove_category("gioi_tinh"))
    assert "ít nhất 2" in refused(draft, drafting.add_category("Nhóm", ["Một"], overlaps=True))
    assert "chỉ tiêu" in refused(draft, drafting.remove_section(0))
    for step in (drafting.move_section(7, 1), drafting.remove_indicator("khong_co"), drafting.remove_check("khong_co"),
                 drafting.remove_category("khong_co")):
        assert "không còn" in refused(draft, step)


def computed(name, formula, first, second):
    answers = {"type": "decimal", "measure": "người", "over_time": "stock", "formula": formula, "first": first, "second": second}
    return building.indicator_of({"name": name, **answers}, set())


def test_circles_and_measures_that_do_not_go_together_are_refused_at_once():
    draft = drafting.apply(a_draft(), drafting.put_indicator(0, computed("Một", "sum", "hoi_vien/nu", "hoi_vien/nam")))
    draft = drafting.apply(draft, drafting.put_indicator(0, computed("Hai", "sum", "mot", "hoi_vien/nam")))
    circle = {"formula": building.formula_of({"formula": "sum", "first": "hai", "second": "hoi_vien/nu"})}
    assert "vòng" in refused(draft, drafting.change_indicator("mot", circle))
    mixed = computed("Ba", "sum", "hoi_vien", "cuoc_hop")
    assert "khác đơn vị tính" in refused(draft, drafting.put_indicator(0, mixed))
    check = building.check_of(
        {"severity": "hard", "left": "hoi_vien", "comparison": ">=", "right": "cuoc_hop"}, drafting.definition_of(draft)
    )
    assert "khác đơn vị tính" in refused(draft, drafting.add_check(check))
    draft = drafting.apply(draft, drafting.put_indicator(0, computed("Bốn", "difference", "hoi_vien/nu", "hoi_vien/nam")))
    assert drafting.definition_of(draft).cells["bon"].is_computed
    assert "đang dùng ô này" in refused(draft, drafting.remove_indicator("hoi_vien"))


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": ""}, "name"), ({"name": "A", "type": "so"}, "type"), ({"name": "A", **NUMBER, "measure": " "}, "measure"),
        ({"name": "A", **NUMBER, "over_time": ""}, "over_time"), ({"name": "A", "type": "choice", "options": "Một"}, "options"),
        ({"name": "A", **NUMBER, "formula": "sum", "first": "x"}, "second"), ({"name": "A" * 301, **NUMBER}, "name"),
    ],
)  # fmt: skip
def test_questions_left_open_are_named(answers, field):
    with pytest.raises(InvalidInput) as error:
        building.indicator_of(answers, set())
    assert field in error.value.fields


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "severity"), ({"severity": "hard"}, "comparison"), ({"severity": "hard", "comparison": "="}, "left"),
        ({"severity": "hard", "comparison": "=", "left": "hoi_vien"}, "right"),
        ({"severity": "hard", "comparison": "=", "left": "hoi_vien", "number": "mười"}, "number"),
        ({"severity": "soft", "cell": "hoi_vien", "percent": ""}, "percent"),
    ],
)  # fmt: skip
def test_checks_left_open_are_named(answers, field):
    with pytest.raises(InvalidInput) as error:
        building.check_of(answers, drafting.definition_of(a_draft()))
    assert field in error.value.fields


def test_days_are_whole_and_bounded():
    draft = a_draft()
    with pytest.raises(InvalidInput) as error:
        drafting.apply(draft, drafting.set_basics("", "tuần", ["xa"], [], ("7,5", "-1", "500")))
    assert set(error.value.fields) == {"period_kind", "levels", "organisations", "opens_days", "due_days", "lock_days"}
    kept = drafting.apply(draft, drafting.set_basics("Biểu", "month", ["commune", "province"], ["mttq"], ("0", "3", "")))
    assert (kept["opens_days"], kept["due_days"], kept["lock_days"], kept["levels"]) == (0, 3, None, ["province", "commune"])


def test_what_changes_for_units_is_said():
    before = drafting.definition_of(a_draft())
    assert "3.321 đơn vị" in differences(None, before, 3321)[0]
    assert differences(before, before, 1)[0].startswith("Bản này không khác")
    moved = drafting.definition_of(drafting.apply(a_draft(), drafting.move_indicator("cuoc_hop", -1)))
    assert differences(before, moved, 1)[0].startswith("Chỉ đổi thứ tự")
    draft = drafting.apply(a_draft(), drafting.remove_indicator("cuoc_hop"))
    draft = drafting.apply(draft, drafting.change_indicator("hoi_vien", {"name": "Đoàn viên"}))
    draft = drafting.apply(draft, drafting.put_indicator(0, number("Buổi học")))
    said = " ".join(differences(before, drafting.definition_of(draft), 5))
    for words in ("Thêm: Buổi học.", "Không hỏi nữa: Cuộc họp.", "“Hội viên” thành “Đoàn viên”"):
        assert words in said


@pytest.fixture
async def designers(filled_database):
    """Central's designer, Huế's, the women's union's there, and a commune's approver."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    async with db.reading() as session:
        found = sql("SELECT path, code FROM unit WHERE level = 'commune' AND path LIKE 'vn/46/%' ORDER BY code LIMIT 1")
        commune = (await session.execute(found)).one()
    wanted = [("vn/", "mttq"), ("vn/46/", "mttq"), ("vn/46/", "phu_nu"), (commune.path, "mttq")]
    return [await enterer(path, organisation, "approver") for path, organisation in wanted], commune


async def publishable(actor, title="Biểu thử", organisations=("mttq",), levels=("commune",)):
    code = await designing.create_form(actor, title, "quarter", levels, organisations)
    revision = await designing.change_draft(actor, code, 1, drafting.put_indicator(0, number("Cuộc họp")))
    return code, revision


async def test_from_a_blank_form_to_figures_and_on(designers):
    (central, *_), commune = designers
    code, revision = await publishable(central)
    assert code == "bieu_thu" and (await designing.list_changes(central, code))[0].startswith("Đây là bản đầu")
    with pytest.raises(InvalidInput):
        await designing.publish_draft(central, code, revision, "2026")
    await designing.publish_draft(central, code, revision, "2026-Q3")
    assert (await designing.get_design(central, code)).draft is None
    officer = await enterer(commune.path)
    await save_reports(officer, code, "2026-Q3", "mttq", {commune.code: {"cuoc_hop": "4"}}, Source.FORM)
    await designing.begin_version(central, code)
    with pytest.raises(Conflict):
        await designing.begin_version(central, code)
    seen = (await designing.get_design(central, code)).revision
    with pytest.raises(InvalidInput):  # a published form keeps its kind of period
        step = drafting.set_basics("Biểu", "month", ["commune"], ["mttq"], (7, 5, 30))
        await designing.change_draft(central, code, seen, step)
    seen = await designing.change_draft(central, code, seen, drafting.put_indicator(0, number("Buổi học")))
    with pytest.raises(Conflict):  # figures are there
        await designing.publish_draft(central, code, seen, "2026-Q3")
    await designing.publish_draft(central, code, seen, "2026-Q4")
    async with db.reading() as session:
        versions = await store.fetch_versions(session, (await store.fetch_form_id(session, "registry", code)) or 0)
    assert [list(version.definition.cells) for version in versions] == [["cuoc_hop"], ["cuoc_hop", "buoi_hoc"]]
    assert "buoi_hoc" in await designing.list_catalogue(central, "vn/")
    with pytest.raises(InvalidInput):
        await designing.retire_form(central, code, "2026-Q3")  # its first period
    clock.freeze(datetime(2026, 12, 30, 3, tzinfo=UTC))
    assert [due.asked.period.key for due in await list_due(officer)] == ["2026-Q4", "2026-Q3"]
    await designing.retire_form(central, code, "2026-Q4")
    assert [due.asked.period.key for due in await list_due(officer)] == ["2026-Q3"]
    with pytest.raises(NotFound):
        await save_reports(officer, code, "2026-Q4", "mttq", {commune.code: {"cuoc_hop": "1"}}, Source.FORM)
    clock.freeze(datetime(2026, 10, 5, 3, tzinfo=UTC))
    await save_reports(officer, code, "2026-Q3", "mttq", {commune.code: {"cuoc_hop": "5"}}, Source.FORM)  # the old period goes on
    await designing.retire_form(central, code, "")
    clock.freeze(datetime(2026, 12, 30, 3, tzinfo=UTC))
    await save_reports(officer, code, "2026-Q4", "mttq", {commune.code: {"buoi_hoc": "1"}}, Source.FORM)
    with pytest.raises(Conflict):
        await designing.retire_form(central, code, "2026-Q4")


async def test_two_at_once_do_not_overwrite_each_other(designers):
    (central, *_), _ = designers
    code, seen = await publishable(central)
    step = partial(drafting.put_indicator, 0)
    await designing.change_draft(central, code, seen, step(number("Của người thứ nhất")))
    with pytest.raises(Conflict):
        await designing.change_draft(central, code, seen, step(number("Của người thứ hai")))
    with pytest.raises(Conflict):
        await designing.publish_draft(central, code, seen, "2026-Q3")
    with pytest.raises(Conflict):
        await designing.discard_draft(central, code, seen + 1)  # nothing else is there
    draft = (await designing.get_design(central, code)).draft
    assert [each["name"] for each in drafting.indicators(draft)] == ["Cuộc họp", "Của người thứ nhất"]


async def test_whose_forms_they_are(designers):
    (central, province, women, commune), where = designers
    with pytest.raises(Forbidden):
        await designing.create_form(commune, "Biểu", "quarter", ["commune"], ["mttq"])
    with pytest.raises(Forbidden):
        await designing.create_form(province, "Biểu", "quarter", ["commune"], ["mttq"], owner_path="vn/")
    with pytest.raises(Forbidden):
        await designing.create_form(women, "Biểu", "quarter", ["commune"], ["phu_nu", "nong_dan"])
    with pytest.raises(InvalidInput):
        await designing.create_form(province, "Biểu", "quarter", ["central"], ["mttq"])
    national, seen = await publishable(central, "Biểu chung", ("mttq", "phu_nu"))
    for stranger in (province, women):
        with pytest.raises(Forbidden):
            await designing.change_draft(stranger, national, seen, drafting.add_section("Thêm"))
    own, seen = await publishable(women, "Biểu phụ nữ", ("phu_nu",))
    await designing.change_draft(province, own, seen, drafting.add_section("Thêm"))  # Mặt trận's there may
    with pytest.raises(Forbidden):
        step = drafting.set_basics("Biểu", "quarter", ["commune"], ["mttq"], (7, 5, 30))
        await designing.change_draft(women, own, seen + 1, step)
    assert [design.code for design in await designing.list_designs(women)] == [own]
    assert [design.code for design in await designing.list_designs(central)] == [national, own]
    await designing.publish_draft(women, own, seen + 1, "2026-Q3")
    async with db.reading() as session:
        other = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' ORDER BY code LIMIT 1")
        stranger = (await session.execute(other)).one()
    officer = await enterer(stranger.path, "phu_nu")
    with pytest.raises(InvalidInput):  # a province asks below itself only
        await save_reports(officer, own, "2026-Q3", "phu_nu", {stranger.code: {"cuoc_hop": "1"}}, Source.FORM)
    async with db.reading() as session:
        statement = sql("SELECT action FROM audit_log WHERE subject = :about ORDER BY id")
        rows = await session.execute(statement, {"about": f"registry:form/{own}"})
        assert [row.action for row in rows] == ["registry.design_begin", "registry.design", "registry.design", "registry.publish"]


async def test_ready_forms_that_wait_as_drafts_are_published_by_central(designers):
    (central, *_), commune = designers
    await seed_ready_forms(published=False)
    officer = await enterer(commune.path)
    entry = ("thang", "2026-09", "mttq", {commune.code: {"phan_bien": "2"}}, Source.FORM)
    with pytest.raises(NotFound):  # nobody is asked before Central has decided to
        await save_reports(officer, *entry)
    for form in ready_forms():
        assert all(building.sentences_of(form.definition).values())
        seen = (await designing.get_design(central, form.code)).revision
        await designing.publish_draft(central, form.code, seen, form.from_period)
    await save_reports(officer, *entry)
