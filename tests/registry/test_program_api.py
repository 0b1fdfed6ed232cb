"""The interface for programs: what was read can be sent back, in the person's scope and the token's, strange parameters are named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mattranso_app import rooms
from mattranso_app.core import clock, db
from mattranso_app.core.sql import sql
from mattranso_app.identity import service as identity
from tests.core.reporting.factories import make_form, small_form
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import browser

BASE = "/api/v1/registry"


@pytest.fixture
async def place(units_db):
    """A form with a decimal, two communes, and a token of an officer of the first for reading and for writing."""
    rooms.register()
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    money = {"title": "Quỹ", "indicators": [
        {"code": "tien", "name": "Tiền", "type": "decimal", "measure": "triệu đồng", "over_time": "flow"}]}  # fmt: skip
    await make_form(organisations=["mttq"], sections=[*small_form()["sections"], money])
    async with db.reading() as session:
        found = sql("SELECT id, code FROM unit WHERE path LIKE 'vn/12/%' AND level = 'commune' ORDER BY code LIMIT 2")
        own, other = (await session.execute(found)).all()
    await make_officer("may", own.id, "handler")
    _, actor = await sign_in("may")
    made = [
        await identity.create_token(actor, name=name, scopes=scopes, days=1)
        for name, scopes in (("Đọc", ["registry.read"]), ("Ghi", ["registry.read", "registry.enter"]))
    ]
    return own.code, other.code, *({"authorization": f"Bearer {each.token}"} for each in made)


def report(unit):
    return f"{BASE}/reports/thu/2026-Q3/mttq/{unit}"


async def test_what_was_read_can_be_sent_back(place):
    own, _, _, writing = place
    async with browser(**writing) as client:
        empty = (await client.get(report(own))).json()
        assert (empty["revision"], empty["values"], empty["state"]) == (0, {}, "draft")
        sent = {"values": {"hoi_vien/nam": 1, "hoi_vien/nu": "2", "cuoc": 3.0, "tien": 1.234, "kho_khan": "1.234"}, "revision": 0}
        saved = (await client.put(report(own), json=sent)).json()
        assert saved["changed"] == 5 and saved["values"]["tien"] == "1.234" and saved["values"]["hoi_vien"] == "3"
        assert (await client.put(report(own), json=sent)).json()["changed"] == 0
        held = (await client.get(report(own))).json()
        typed = {key: value for key, value in held["values"].items() if key in sent["values"]}
        assert (await client.put(report(own), json={"values": typed, "revision": held["revision"]})).json()["changed"] == 0
        await client.put(report(own), json={"values": {"cuoc": 4}})
        clash = await client.put(report(own), json={"values": {"cuoc": 9}, "revision": held["revision"]})
        assert clash.status_code == 409 and set(clash.json()["fields"]) == {"cuoc"}
        handed = await client.post(f"{report(own)}/submit", json={})
        assert handed.json()["state"] == "submitted"
        page = (await client.get(f"{BASE}/reports", params={"form": "thu", "period": "2026-Q3"})).json()
        assert [(each["unit"], each["state"], each["values"]["cuoc"]) for each in page["items"]] == [(own, "submitted", "4")]
        assert page["next"] is None
        amended = await client.put(report(own), json={"values": {"cuoc": 5}})
        assert amended.status_code == 422 and set(amended.json()["fields"]) == {"reason"}


async def test_bad_values_strange_parameters_and_others_units_are_refused(place):
    own, other, reading, writing = place
    async with browser(**writing) as client:
        bad = await client.put(report(own), json={"values": {"tien": "1.234,5", "cuoc": "một"}})
        assert bad.status_code == 422 and set(bad.json()["fields"]) == {"tien", "cuoc"}
        assert (await client.put(report(own), json={"values": {"cuoc": 1}, "khac": 1})).status_code == 422
        assert (await client.put(report(other), json={"values": {"cuoc": 1}})).status_code == 403
        assert (await client.get(report(other))).status_code == 403
        for address in (f"{BASE}/forms", f"{BASE}/forms/thu", f"{BASE}/reports", report(own)):
            strange = await client.get(address, params={"la": "1"})
            assert strange.status_code == 400 and "la" in strange.json()["detail"]
            assert strange.headers["content-type"] == "application/problem+json"
        assert (await client.get(f"{BASE}/forms/khong")).status_code == 404
        assert (await client.get(f"{BASE}/forms/thu", params={"period": "2020-Q1"})).status_code == 404
        assert (await client.get(report(own).replace("2026-Q3", "2026"))).status_code == 422
    async with browser(**reading) as client:
        assert (await client.get(report(own))).json()["revision"] == 0  # nothing was half written
        assert (await client.put(report(own), json={"values": {"cuoc": 1}})).json()["type"].endswith("out_of_scope")
        form = (await client.get(f"{BASE}/forms/thu", params={"period": "2026-Q3"})).json()
        assert [cell["key"] for cell in form["cells"] if cell["computed"]] == ["hoi_vien", "ty_le"]
        assert [each["code"] for each in (await client.get(f"{BASE}/forms")).json()["items"]] == ["thu"]
    async with browser() as client:
        assert (await client.get(report(own))).status_code == 401


async def test_pages_follow_one_another(place):
    own, other, *_ = place
    async with db.reading() as session:
        province = (await session.execute(sql("SELECT id FROM unit WHERE path = 'vn/12/'"))).scalar_one()
    await make_officer("tinh", province, "handler")
    _, actor = await sign_in("tinh")
    token = await identity.create_token(actor, name="Tỉnh", scopes=["registry.read", "registry.enter"], days=1)
    async with browser(authorization=f"Bearer {token.token}") as client:
        for unit in (own, other):
            assert (await client.put(report(unit), json={"values": {"cuoc": 1}})).status_code == 200
        asked = {"form": "thu", "period": "2026-Q3", "limit": "1"}
        first = (await client.get(f"{BASE}/reports", params=asked)).json()
        second = (await client.get(f"{BASE}/reports", params=asked | {"cursor": str(first["next"])})).json()
        assert [each["unit"] for each in first["items"] + second["items"]] == [own, other] and second["next"] is None
        only = (await client.get(f"{BASE}/reports", params={"form": "thu", "period": "2026-Q3", "unit": other})).json()
        assert [each["unit"] for each in only["items"]] == [other]
        none = await client.get(f"{BASE}/reports", params={"form": "thu", "period": "2026-Q3", "state": "approved"})
        assert none.json()["items"] == []


async def test_totals_come_with_their_coverage(place):
    own, other, _, writing = place
    asked = {"form": "thu", "first": "2026-Q3", "unit": own, "cells": "cuoc,hoi_vien"}
    async with browser(**writing) as client:
        (before,) = (await client.get(f"{BASE}/totals", params=asked)).json()["items"]
        assert (before["coverage"]["expected"], before["coverage"]["reports"], before["values"]["cuoc"]["value"]) == (1, 0, None)
        await client.put(report(own), json={"values": {"hoi_vien/nam": 1, "hoi_vien/nu": 2, "cuoc": 4}})
        await client.post(f"{report(own)}/submit", json={})
        (row,) = (await client.get(f"{BASE}/totals", params=asked)).json()["items"]
        assert row["coverage"]["reports"] == 1 and row["values"]["cuoc"]["value"] == "4" and row["values"]["hoi_vien"]["value"] == "3"
        assert (await client.get(f"{BASE}/totals", params=asked | {"unit": other})).status_code == 403
        assert (await client.get(f"{BASE}/totals", params=asked | {"by": "khac"})).status_code == 400
        assert (await client.get(f"{BASE}/totals", params=asked | {"first": "2026"})).status_code == 422
