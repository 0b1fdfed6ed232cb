"""One's own data: seen, corrected by proof, taken away as an archive nobody else gets, consent withdrawn."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from mattranso_app import rooms
from mattranso_app.core import clock, files, notify
from mattranso_app.core.access import Actor
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, ProofRequired, SignInRequired, TokenRefused, TooMany
from mattranso_app.core.http import router
from mattranso_app.identity import service
from mattranso_app.identity import text as identity_text
from mattranso_app.identity.own_data import archive, text
from mattranso_app.identity.web import identified
from mattranso_app.petitions import service as petitions
from mattranso_app.settings import settings
from tests.identity.authenticator import wait
from tests.identity.browser import Browser
from tests.identity.factories import make_officer, newest_code, sign_in
from tests.identity.people import citizen
from tests.identity.test_doors import pages
from tests.petitions.factories import People, make_country, make_people, rows, send

PAGE = "/tai-khoan/du-lieu"
PHONE, NEW = "0912345678", "nhung.moi@vidu.vn"


@pytest.fixture
async def people(db: str) -> People:
    rooms.register()
    clock.freeze(clock.now())
    ids = await make_country()
    await make_officer("lan", ids["19774"])
    return make_people(ids)


@pytest.fixture
async def nhung(people: People) -> Actor:
    return await citizen(PHONE, "Nguyễn Thị Nhung")


@pytest.fixture
async def browser(people: People) -> Browser:
    """A browser in which she has signed in by code."""
    opened = Browser(identified(router(pages)))
    wait(1)
    await opened.post("/dang-nhap/ma", json_body={"target": PHONE})
    landed = await opened.post("/dang-nhap/xac-nhan", json_body={"code": await newest_code()})
    assert landed.json() == {"next": "/phan-anh/cua-toi"}
    return opened


async def change(actor: Actor, target: str) -> None:
    wait(1)
    challenge = await service.request_contact_code(actor, target)
    await service.confirm_contact(actor, challenge.id, await newest_code(target))


async def test_what_is_held_is_shown_with_who_has_read_her_contact(people: People, nhung: Actor) -> None:
    sent = await send(nhung, phone=PHONE, consent=True)
    await petitions.read_contact(people.handler, sent.number, "Hỏi thêm địa điểm.")
    found = {section.key: section.rows for section in (await service.view_own_data(nhung)).sections}
    assert found["account"][0] == {"name": "Nguyễn Thị Nhung", "phone": "091••• •••78", "created_at": found["account"][0]["created_at"]}
    assert len(found["sessions"]) == 1 and found["sessions"][0]["address"] == "10.0.0.1"
    assert (found["petitions"][0]["number"], found["petitions"][0]["contact"]) == (sent.number, "091••• •••78")
    assert [(row["number"], row["reason"]) for row in found["contact_reads"]] == [(sent.number, "Hỏi thêm địa điểm.")]
    with pytest.raises(SignInRequired):
        await service.view_own_data(Actor("anonymous"))


async def test_a_name_is_changed_cleaned_and_not_by_officers(people: People, nhung: Actor) -> None:
    await service.change_name(nhung, "  Trần\u202e Thị\nMai  ")
    assert (await rows("SELECT display_name FROM person WHERE id = :id", id=nhung.person_id))[0]["display_name"] == "Trần Thị Mai"
    with pytest.raises(InvalidInput):
        await service.change_name(nhung, "x" * 101)
    with pytest.raises(Conflict):
        await service.change_name((await sign_in("lan"))[1], "Tên khác")


async def test_a_claimed_petition_does_not_give_its_contact_away(people: People, nhung: Actor) -> None:
    """Who holds the receipt need not be whose telephone it is."""
    sent = await send(Actor("anonymous"), phone="0987 654 321", consent=True)
    await petitions.claim(nhung, sent.number, sent.receipt)
    found = {section.key: section.rows for section in (await service.view_own_data(nhung)).sections}
    assert [(row["number"], row["contact"]) for row in found["petitions"]] == [(sent.number, "")]


async def test_a_contact_changes_by_proof_of_the_new_one(people: People, nhung: Actor) -> None:
    other = await citizen(PHONE)
    token = await service.create_token(nhung, name="Máy", scopes=["account.read"], days=1)
    await change(nhung, "0355 123 456")
    told = [message.text for message in await notify.demo_messages() if message.to.endswith("12345678")]
    assert told[0].startswith("Lien he"), "the old number hears of it"
    assert (await citizen("0355123456")).person_id == nhung.person_id
    assert (await citizen(PHONE)).person_id not in (None, nhung.person_id), "the old number opens this account no longer"
    assert other.session_id is not None and await service.recheck(other.session_id, "") is None, "other sessions end"
    with pytest.raises(TokenRefused):
        await service.authenticate_token(token.token, "10.0.0.1")


async def test_a_second_kind_of_contact_is_added_and_both_open_the_account(people: People, nhung: Actor) -> None:
    await change(nhung, NEW)
    assert {(await citizen(PHONE)).person_id, (await citizen(NEW)).person_id} == {nhung.person_id}


async def test_a_wrong_used_late_or_foreign_code_changes_nothing(people: People, nhung: Actor) -> None:
    other = await citizen("0987654321")
    challenge = await service.request_contact_code(nhung, NEW)
    code = await newest_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    tries = ((nhung, challenge.id, wrong), (other, challenge.id, code), (nhung, uuid4(), code), (nhung, challenge.id, ""))
    for actor, which, typed in tries:
        with pytest.raises(InvalidInput) as caught:
            await service.confirm_contact(actor, which, typed)
        assert caught.value.text == identity_text.CODE_REFUSED
    wait(5 * 60)
    with pytest.raises(InvalidInput):
        await service.confirm_contact(nhung, challenge.id, code)
    await change(nhung, NEW)
    with pytest.raises(Conflict) as taken:
        await change(other, NEW)
    assert taken.value.text == text.CONTACT_TAKEN
    with pytest.raises(Conflict):
        await change(nhung, NEW)
    assert len(await rows("SELECT 1 FROM person WHERE email_hash IS NOT NULL")) == 1


async def test_five_guesses_and_five_codes_an_hour(people: People, nhung: Actor) -> None:
    challenge = await service.request_contact_code(nhung, NEW)
    code = await newest_code()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await service.confirm_contact(nhung, challenge.id, "x")
    with pytest.raises(InvalidInput):
        await service.confirm_contact(nhung, challenge.id, code)
    for number in range(4):
        await service.request_contact_code(nhung, f"so{number}@vidu.vn")
    with pytest.raises(TooMany):
        await service.request_contact_code(nhung, "so9@vidu.vn")
    with pytest.raises(InvalidInput):
        await service.request_contact_code(nhung, "không phải số")


async def test_the_code_of_a_contact_signs_nobody_in(people: People, nhung: Actor) -> None:
    challenge = await service.request_contact_code(nhung, NEW)
    with pytest.raises(InvalidInput):
        await service.sign_in_with_code(challenge.id, await newest_code(), service.Visit())


async def test_contacts_and_archives_need_a_fresh_proof(people: People, nhung: Actor) -> None:
    export = await service.request_export(nhung)
    wait(11 * 60)
    for act in (
        service.request_contact_code(nhung, NEW), service.confirm_contact(nhung, uuid4(), "1"), service.request_export(nhung),
        service.fetch_export(nhung, export),
    ):
        with pytest.raises(ProofRequired):
            await act


async def read(file: files.StoredFile) -> zipfile.ZipFile:
    data = b"".join([chunk async for chunk in files.blob_store().read(file.sha256, 0, file.size)])
    return zipfile.ZipFile(io.BytesIO(data))


async def test_the_archive_holds_all_of_hers_and_her_photos(people: People, nhung: Actor) -> None:
    body = "Việc thứ {}: <b>đường</b> hỏng nặng, xin sửa giúp."
    mine = [await send(nhung, photos=2, phone=PHONE, consent=True, body=body.format(n)) for n in range(3)]
    foreign = await send(photos=1, body="Việc của người khác, không được lẫn vào bản tải về.")
    export = await service.request_export(nhung)
    with pytest.raises(NotFound):
        await service.fetch_export(nhung, export)
    await archive.export_data(str(export))
    await archive.export_data(str(export))  # a job that runs twice makes one
    packed = await read(await service.fetch_export(nhung, export))
    data = json.loads(packed.read("du-lieu.json"))
    assert data["account"][0]["phone"] == "+84912345678", "told whole here"
    assert {row["number"] for row in data["petitions"]} == {sent.number for sent in mine}
    page = packed.read("du-lieu.html").decode()
    assert "&lt;b&gt;đường" in page and "<script" not in page and foreign.number not in page + json.dumps(data)
    pictures = [name for name in packed.namelist() if name.startswith("anh/")]
    assert len(pictures) == 6 and all(packed.read(name).startswith(b"\xff\xd8") for name in pictures)
    assert all(f'src="{name}"' in page for name in pictures)


async def test_an_archive_is_its_owners_and_goes_in_time(people: People, nhung: Actor) -> None:
    other = await citizen("0987654321")
    export = await service.request_export(nhung)
    with pytest.raises(Conflict):
        await service.request_export(nhung)
    await archive.export_data(str(export))
    for actor, which in ((other, export), (nhung, uuid4())):
        with pytest.raises(NotFound):
            await service.fetch_export(actor, which)
    await service.fetch_export(nhung, export)
    (file,) = await rows("SELECT id FROM stored_file WHERE owner_kind = 'data_export'")
    browser = Browser(identified(router(pages)))
    assert (await browser.get(f"/tep/{file['id']}")).status_code == 404, "the door of files does not know it"
    wait(timedelta(days=settings().data_export_days).total_seconds())
    with pytest.raises(ProofRequired):
        await service.fetch_export(nhung, export)
    again = await citizen(PHONE)
    with pytest.raises(NotFound):
        await service.fetch_export(again, export)
    await archive.sweep_exports()
    assert await rows("SELECT 1 FROM stored_file WHERE owner_kind = 'data_export'") == []
    assert await files.sweep_orphans(older_than=0) >= 1 and settings().data_export_days + 2 <= 7


async def test_one_that_cannot_be_made_is_said_to_have_failed(people: People, nhung: Actor) -> None:
    export = await service.request_export(nhung)
    wait(3601)
    await archive.sweep_exports()
    await archive.export_data(str(export))
    again = await citizen(PHONE)
    assert [each.state for each in (await service.view_own_data(again)).exports] == ["failed"]
    await service.request_export(again)


async def test_consent_to_be_reached_is_withdrawn_for_one_petition(people: People, nhung: Actor) -> None:
    one, two = await send(nhung, phone=PHONE, consent=True), await send(nhung, phone=PHONE, consent=True)
    other = await citizen("0987654321")
    for actor, number in ((other, one.number), (nhung, "PA-0000-00"), (nhung, "x")):
        with pytest.raises(NotFound):
            await petitions.withdraw_contact(actor, number)
    await petitions.withdraw_contact(nhung, one.number)
    with pytest.raises(NotFound):
        await petitions.read_contact(people.handler, one.number, "Hỏi thêm địa điểm.")
    assert await petitions.read_contact(people.handler, two.number, "Hỏi thêm địa điểm.")
    assert (await petitions.get_for_officer(people.handler, one.number)).contact_hint == ""
    with pytest.raises(NotFound):
        await petitions.withdraw_contact(nhung, one.number)


async def form(browser: Browser, path: str, **fields: str) -> Any:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await browser.post(path, form=fields or None, headers=kind, page=True)


async def test_the_whole_page_without_a_script(browser: Browser) -> None:
    page = (await browser.get(PAGE, page=True)).text
    assert "<script" not in page and "091••• •••78" in page and "0912345678" not in page
    assert (await form(browser, f"{PAGE}/ten", ten="Nhung <i>")).headers["location"] == f"{PAGE}?xong=ten"
    assert "Nhung &lt;i&gt;" in (await browser.get(f"{PAGE}?xong=ten", page=True)).text
    refused = await form(browser, f"{PAGE}/xoa")
    assert refused.status_code == 422 and text.ERASE_TICK in refused.text
    assert (await form(browser, f"{PAGE}/xoa", **{"chac-chan": "1"})).headers["location"] == f"{PAGE}?xong=xoa"
    page = (await browser.get(PAGE, page=True)).text
    assert settings().data_erase_basis in page
    cancel = re.search(rf'action="({PAGE}/xoa/\d+/thoi)"', page)
    assert cancel is not None and (await form(browser, cancel[1])).headers["location"] == f"{PAGE}?xong=thoi-xoa"
    asked = await form(browser, f"{PAGE}/lien-he", **{"lien-he": NEW})
    challenge = re.search(r'name="lan" value="([^"]+)"', asked.text)
    assert asked.status_code == 200 and challenge is not None and "n•••@vidu.vn" in asked.text
    wrong = await form(browser, f"{PAGE}/lien-he/xac-nhan", lan=challenge[1], ma="1", noi="n•••@vidu.vn")
    assert wrong.status_code == 422 and challenge[1] in wrong.text
    right = await form(browser, f"{PAGE}/lien-he/xac-nhan", lan=challenge[1], ma=await newest_code(NEW))
    assert right.headers["location"] == f"{PAGE}?xong=lien-he"
    assert (await form(browser, f"{PAGE}/tai-ve")).headers["location"] == f"{PAGE}?xong=tai-ve"
    (export,) = await rows("SELECT id FROM data_export")
    await archive.export_data(str(export["id"]))
    fetched = await browser.get(f"{PAGE}/tai-ve/{export['id']}", page=True)
    assert fetched.headers["content-type"] == "application/zip" and "attachment" in fetched.headers["content-disposition"]
    assert zipfile.ZipFile(io.BytesIO(fetched.content)).testzip() is None
    wait(11 * 60)
    stale = await browser.get(f"{PAGE}/tai-ve/{export['id']}", page=True)
    assert (stale.status_code, stale.headers["location"]) == (303, "/tai-khoan/xac-minh?tiep=%2Ftai-khoan%2Fdu-lieu")
    asks = (await browser.get(stale.headers["location"], page=True)).text
    assert 'action="/dang-nhap/ma"' in asks and 'name="target" value="+84912345678"' in asks and f'name="tiep" value="{PAGE}"' in asks
    act = await form(browser, f"{PAGE}/tai-ve")
    assert 'action="/dang-nhap/ma"' in act.text and f'name="tiep" value="{PAGE}"' in act.text


async def test_programs_get_json(browser: Browser) -> None:
    assert (await browser.post(f"{PAGE}/ten", json_body={"ten": "Nhung"})).json() == {"next": PAGE}
    bad: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/ten", {"ten": "x" * 101}), ("/lien-he", {"lien-he": 5}), ("/xoa", {}), ("/lien-he/xac-nhan", {"lan": str(uuid4())}),
    )
    for path, body in bad:
        answer = await browser.post(PAGE + path, json_body=body)
        assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert (await browser.post(f"{PAGE}/xoa/9/thoi", json_body={})).status_code == 404
    assert (await browser.post("/phan-anh/rut-lien-he", json_body={"number": 7})).status_code == 404
