"""What officers do: at the same moment, from an old screen, without the right, with files, with the sender's contact."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

from mattranso_app.core import db, files
from mattranso_app.core.access import SYSTEM, Role
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInRequired
from mattranso_app.petitions import service, text
from mattranso_app.petitions.models import Step
from tests.petitions.factories import (
    ANSWER,
    BODY,
    COMMUNE_PATH,
    REASON,
    People,
    answer,
    answered,
    approve,
    count,
    officer,
    picture,
    publish,
    row_of,
    rows,
    send,
    take_up,
    version_of,
    withhold,
)

PRIVATE = "Gọi ông Nguyễn Văn Bảy, số 0912 345 678, thư bay@vidu.vn."


async def on_the_desk(people: People, **changes: object) -> str:
    """Return the number of a petition that is taken up and published."""
    number = (await send(**changes)).number  # type: ignore[arg-type]
    await take_up(people, number)
    await publish(people, number)
    return number


async def evidence(people: People, number: str, name: str = "bien-ban.jpg") -> files.StoredFile:
    prepared = await files.prepare(picture("navy"), name, files.Purpose.ATTACHMENT)
    file_id = await service.attach_evidence(people.handler, number, prepared)
    async with db.reading() as session:
        found = await files.fetch_file(session, file_id)
    assert found is not None
    return found


async def visible(number: str) -> dict[str, set[str]]:
    """Return the visibilities of a petition's photos and answer files."""
    found: dict[str, set[str]] = {"photo": set(), "answer": set()}
    for row in await rows("SELECT owner_ref, visibility FROM stored_file WHERE owner_ref LIKE :like", like=f"{number}/%"):
        found[row["owner_ref"].partition("/")[2]].add(row["visibility"])
    return found


# ---- at the same moment


async def test_of_two_answers_at_the_same_moment_none_is_lost(people: People) -> None:
    number = await on_the_desk(people)
    version = await version_of(number)
    texts = {people.handler: ANSWER, people.both: "Chúng tôi đã cử người đến xem, mai bắt đầu làm."}
    done = await asyncio.gather(
        *(service.submit_answer(actor, number, version, "partly", body) for actor, body in texts.items()), return_exceptions=True
    )
    slower = [actor for actor, result in zip(texts, done, strict=True) if isinstance(result, Conflict)]
    assert len(slower) == 1 and done.count(None) == 1
    assert [str(result) for result in done if result] == [text.MOVED_ON]
    kept = (await service.get_for_officer(slower[0], number)).draft
    assert kept is not None and kept.body == texts[slower[0]] and kept.outcome == "partly" and kept.is_stale
    assert await count("petition_answer") == 1
    assert await count("audit_log", "action = 'petition.submit_answer'") == 1


async def test_of_two_approvals_one_counts(people: People) -> None:
    number = await on_the_desk(people)
    await answer(people, number)
    version = await version_of(number)
    done = await asyncio.gather(
        service.approve_answer(people.approver, number, version), service.approve_answer(people.province, number, version),
        return_exceptions=True,
    )
    assert done.count(None) == 1 and [str(result) for result in done if result] == [text.MOVED_ON]
    assert (await rows("SELECT sum(answered) AS n FROM petition_total"))[0]["n"] == 1


async def test_an_answer_before_publication_is_decided_waits_as_a_draft(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    with pytest.raises(Conflict) as refused:
        await answer(people, number)
    assert refused.value.text == text.PUBLICATION_PENDING
    kept = (await service.get_for_officer(people.handler, number)).draft
    assert kept is not None and kept.body == ANSWER and not kept.is_stale
    assert await count("petition_answer") == 0


async def test_a_draft_knows_when_the_petition_has_moved_on(people: People) -> None:
    number = await on_the_desk(people)
    await service.save_draft(people.handler, number, await version_of(number), "partly", "Đang viết dở")
    assert (await service.get_for_officer(people.handler, number)).draft.is_stale is False  # type: ignore[union-attr]
    await service.withhold_question(people.both, number, await version_of(number), REASON)
    kept = (await service.get_for_officer(people.handler, number)).draft
    assert kept is not None and kept.is_stale and kept.body == "Đang viết dở"
    await answer(people, number)
    assert (await service.get_for_officer(people.handler, number)).draft is None, "handed in, so no draft any more"


async def test_a_draft_is_its_writers_own(people: People) -> None:
    number = await on_the_desk(people)
    await service.save_draft(people.handler, number, await version_of(number), "", "Chỉ của tôi")
    for other in (people.both, people.approver, people.province):
        assert (await service.get_for_officer(other, number)).draft is None
    queue = await service.list_queue(people.both, await service.desk_unit(people.both), "dang-xu-ly")
    assert [item.has_my_draft for item in queue.items] == [False]
    queue = await service.list_queue(people.handler, await service.desk_unit(people.handler), "dang-xu-ly")
    assert [item.has_my_draft for item in queue.items] == [True]


# ---- without the right


async def test_a_foreign_units_petition_does_not_exist(people: People) -> None:
    number = (await send(phone="0912345678", consent=True)).number
    prepared = await files.prepare(picture(), "a.jpg", files.Purpose.ATTACHMENT)
    acts = [
        lambda who: service.get_for_officer(who, number),
        lambda who: service.take_up(who, number, 1),
        lambda who: service.save_draft(who, number, 1, "", "x"),
        lambda who: service.read_contact(who, number, "Cần hỏi thêm"),
        lambda who: service.attach_evidence(who, number, prepared),
    ]
    for act in acts:
        with pytest.raises(NotFound) as foreign:
            await act(people.neighbour)
        assert foreign.value.text == text.NUMBER_UNKNOWN
        with pytest.raises(SignInRequired):
            await act(people.nobody)
        with pytest.raises(Forbidden):
            await act(people.citizen)
    with pytest.raises(NotFound) as unknown:
        await service.get_for_officer(people.handler, "PA-0000-00")
    assert unknown.value.text == foreign.value.text, "what is foreign and what is not there look the same"
    assert await count("audit_log") == 1


async def test_a_reader_reads_and_no_more(people: People) -> None:
    number = (await send(phone="0912345678", consent=True)).number
    assert (await service.get_for_officer(people.reader, number)).body == BODY
    for act in (service.take_up(people.reader, number, 1), service.read_contact(people.reader, number, "Muốn biết")):
        with pytest.raises(Forbidden):
            await act


async def test_another_organisation_has_no_part_in_it(people: People) -> None:
    number = (await send()).number
    union = officer("Cán bộ Công đoàn", COMMUNE_PATH, Role.HANDLER, organisation="cong_doan")
    with pytest.raises((Forbidden, NotFound)):
        await service.get_for_officer(union, number)


async def test_the_platform_itself_answers_nobody(people: People) -> None:
    number = (await send()).number
    with pytest.raises(Forbidden):
        await service.take_up(SYSTEM, number, 1)


async def test_a_unit_above_may_help(people: People) -> None:
    number = (await send()).number
    await service.take_up(people.province, number, 1)
    assert (await service.get_for_officer(people.handler, number)).events[-1].unit == "Thành phố Huế"


# ---- what officers type


async def test_an_answer_says_what_was_done(people: People) -> None:
    number = await on_the_desk(people)
    for outcome, body, expected in (
        ("", ANSWER, {"outcome": text.OUTCOME_MISSING}),
        ("xong", ANSWER, {"outcome": text.OUTCOME_MISSING}),
        ("solved", "", {"body": text.ANSWER_MISSING}),
        ("solved", "\u200b \n", {"body": text.ANSWER_MISSING}),
        ("solved", "Đã xong.", {"body": text.ANSWER_SHORT}),
        ("solved", "x" * 20_001, {"body": text.TOO_LONG.format(limit="20.000")}),
        ("", "", {"outcome": text.OUTCOME_MISSING, "body": text.ANSWER_MISSING}),
    ):
        with pytest.raises(InvalidInput) as refused:
            await service.submit_answer(people.handler, number, await version_of(number), outcome, body)
        assert refused.value.fields == expected
    assert await count("petition_answer") == 0


async def test_a_public_copy_names_the_field_that_is_wrong(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    for field, value in (("title", ""), ("body", " \u200b"), ("title", "x" * 301), ("place", "x" * 401)):
        with pytest.raises(InvalidInput) as refused:
            await publish(people, number, **{field: value})
        assert set(refused.value.fields) == {field}
    assert (await row_of(number))["publication"] == "pending"


async def test_a_title_that_masking_made_longer_can_be_published(people: People) -> None:
    title = "Gọi 0912345678, " * 9 + "gấp"
    number = (await send(title=title.strip())).number
    await take_up(people, number)
    assert len((await row_of(number))["public_title"]) > len(title)
    await publish(people, number)


async def test_personal_data_an_officer_overlooks_is_covered_again(people: People) -> None:
    number = (await send(body=f"{BODY} {PRIVATE}", place="nhà số 12 đường Lê Lợi")).number
    await take_up(people, number)
    await publish(people, number, body=f"{BODY} {PRIVATE}")
    await answer(people, number, f"{ANSWER} {PRIVATE}")
    await approve(people, number)
    shown = json.dumps([repr(await service.get_public(number))], ensure_ascii=False)
    for secret in ("0912", "Bảy", "bay@vidu.vn", "số 12"):
        assert secret not in shown
    mine = await service.get_for_officer(people.handler, number)
    assert PRIVATE in mine.body and PRIVATE in mine.answers[-1].body


async def test_the_reason_for_withholding_is_masked_and_shown(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    await service.withhold_question(people.handler, number, 2, "Có số điện thoại 0912345678 của người khác")
    shown = await service.get_public(number)
    assert shown.withheld_reason and "0912345678" not in repr(shown)
    assert (shown.title, shown.body, shown.place) == ("", "", "")


# ---- files follow the state


async def test_photos_are_public_only_while_the_question_is(people: People) -> None:
    number = (await send(photos=2)).number
    assert await visible(number) == {"photo": {"private"}, "answer": set()}
    await take_up(people, number)
    assert (await visible(number))["photo"] == {"private"}
    await publish(people, number)
    assert (await visible(number))["photo"] == {"public"}
    await withhold(people, number)
    assert (await visible(number))["photo"] == {"private"}
    await publish(people, number)
    assert (await visible(number))["photo"] == {"public"}


async def test_answer_files_are_public_only_once_approved(people: People) -> None:
    number = await on_the_desk(people)
    used, unused = await evidence(people, number), await evidence(people, number, "thua.jpg")
    await answer(people, number, attachments=(used.id,))
    await service.return_answer(people.approver, number, await version_of(number), "Ghi rõ thời hạn.")
    assert (await visible(number))["answer"] == {"private"}
    await answer(people, number, attachments=(used.id,))
    assert (await visible(number))["answer"] == {"private"}
    await approve(people, number)
    found = {row["id"]: row["visibility"] for row in await rows("SELECT id, visibility FROM stored_file")}
    assert found == {used.id: "public", unused.id: "private"}
    shown = await service.get_public(number)
    assert shown.answer is not None and [file.id for file in shown.answer.files] == [used.id]
    await withhold(people, number)
    assert (await visible(number))["answer"] == {"private"}
    assert (await service.get_public(number)).answer is None


async def test_files_of_an_answer_to_a_withheld_question_stay_private(people: People) -> None:
    number = (await send(photos=1)).number
    await take_up(people, number)
    await withhold(people, number)
    used = await evidence(people, number)
    await answer(people, number, attachments=(used.id,))
    await approve(people, number)
    assert await visible(number) == {"photo": {"private"}, "answer": {"private"}}


async def test_files_of_others_cannot_be_attached(people: People) -> None:
    number, other = await on_the_desk(people, photos=1), await on_the_desk(people)
    foreign = await evidence(people, other)
    own_photo = (await rows("SELECT id FROM stored_file WHERE owner_ref = :ref", ref=f"{number}/photo"))[0]["id"]
    for file_id in (foreign.id, own_photo, uuid4()):
        with pytest.raises(InvalidInput) as refused:
            await answer(people, number, attachments=(file_id,))
        assert refused.value.fields == {"file": text.FILE_NOT_YOURS}
    assert await count("petition_answer") == 0


async def test_attaching_only_while_an_answer_is_written_and_not_without_end(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mattranso_app.petitions.service.handling.MOST_ATTACHMENTS", 2)
    number = await on_the_desk(people)
    for _ in range(2):
        await evidence(people, number)
    with pytest.raises(InvalidInput) as full:
        await evidence(people, number)
    assert "2" in full.value.fields["file"]
    done = await answered(people)
    with pytest.raises(Conflict):
        await evidence(people, done)


# ---- the contact


async def test_the_contact_is_read_with_a_reason_and_audited(people: People) -> None:
    number = (await send(phone="0912345678", email="bay@vidu.vn", consent=True)).number
    for reason in ("", "  ", "xem", "x" * 201, "\u200b" * 30):
        with pytest.raises(InvalidInput) as refused:
            await service.read_contact(people.handler, number, reason)
        assert set(refused.value.fields) == {"reason"}
    assert await count("audit_log", "action = 'petition.read_contact'") == 0
    found = await service.read_contact(people.handler, number, "Cần hỏi rõ vị trí")
    assert found == {"phone": "+84912345678", "email": "bay@vidu.vn"}
    noted = await rows("SELECT person_id, subject, detail FROM audit_log WHERE action = 'petition.read_contact'")
    assert [(row["person_id"], row["subject"], json.loads(row["detail"])) for row in noted] == [
        (people.handler.person_id, f"petition:{number}", {"reason": "Cần hỏi rõ vị trí"})
    ]


async def test_the_contact_is_nowhere_in_the_clear(people: People) -> None:
    number = (await send(phone="0912345678", email="baybay@vidu.vn", consent=True)).number
    await take_up(people, number)
    for table in ("petition", "petition_contact", "petition_event", "audit_log", "live_change"):
        for row in await rows(f"SELECT to_jsonb(t)::text AS whole FROM {table} t"):
            for secret in ("912345678", "baybay@", b"912345678".hex(), b"baybay@".hex()):
                assert secret not in row["whole"], table
    shown = await service.get_for_officer(people.handler, number)
    assert shown.contact_hint and "912345678" not in repr(shown) and "baybay" not in repr(shown)


async def test_nobody_to_reach(people: People) -> None:
    number = (await send()).number
    with pytest.raises(NotFound) as refused:
        await service.read_contact(people.handler, number, "Cần hỏi rõ vị trí")
    assert refused.value.text == text.NOBODY_TO_REACH
    assert await count("audit_log", "action = 'petition.read_contact'") == 0


async def test_the_sender_is_told_once_and_without_secrets(people: People) -> None:
    sent = await send(phone="0912345678", email="bay@vidu.vn", consent=True)
    number = sent.number
    await take_up(people, number)
    await publish(people, number)
    await answer(people, number)
    assert await count("notice") == 0
    await approve(people, number)
    assert await count("notice") == 2
    for row in await rows("SELECT to_jsonb(n)::text AS whole FROM notice n"):
        assert sent.receipt not in row["whole"]



async def test_a_screen_offers_the_steps_that_are_possible(people: People) -> None:
    number = (await send()).number
    assert (await service.get_for_officer(people.handler, number)).steps == [Step.TAKE_UP]
    await take_up(people, number)
    assert set((await service.get_for_officer(people.handler, number)).steps) == {
        Step.PUBLISH_QUESTION, Step.WITHHOLD_QUESTION, Step.SUBMIT_ANSWER,
    }
