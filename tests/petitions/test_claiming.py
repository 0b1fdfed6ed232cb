"""Receipts of petitions sent without an account: they join one list, once, and tell officers nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from uuid import uuid4

import pytest

from mattranso_app.core.access import ANONYMOUS
from mattranso_app.core.errors import Conflict, DomainError, Forbidden, NotFound, SignInRequired, TooMany
from mattranso_app.petitions import service, text
from mattranso_app.petitions.service import claiming
from tests.petitions.factories import People, answered, row_of, rows, send


async def numbers(actor) -> list[str]:
    return [item.number for item in (await service.list_mine(actor)).items]


async def test_number_and_receipt_put_it_on_the_list_however_they_are_typed(people: People) -> None:
    sent = await send()
    typed = sent.receipt.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert await service.claim(people.citizen, f" {sent.number.lower()} ", typed) == sent.number
    assert await numbers(people.citizen) == [sent.number]
    assert (await service.follow(ANONYMOUS, sent.receipt)).public.number == sent.number, "the receipt still opens it"


async def test_an_answered_one_too(people: People) -> None:
    number = await answered(people)
    assert await numbers(people.citizen) == []
    with pytest.raises(NotFound):
        await service.claim(people.citizen, number, "0000-0000-0000-0000")


async def test_once_and_for_one_list(people: People) -> None:
    sent = await send()
    other = replace(people.citizen, person_id=uuid4())
    await service.claim(people.citizen, sent.number, sent.receipt)
    for actor, words in ((people.citizen, text.CLAIM_OWN), (other, text.CLAIM_TAKEN)):
        with pytest.raises(Conflict) as caught:
            await service.claim(actor, sent.number, sent.receipt)
        assert caught.value.text == words
    assert await numbers(other) == []


async def test_of_two_at_once_one_gets_it(people: People) -> None:
    sent = await send()
    claimants = [replace(people.citizen, person_id=uuid4()) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(service.claim(actor, sent.number, sent.receipt) for actor in claimants), return_exceptions=True
    )
    assert [found for found in outcomes if isinstance(found, str)] == [sent.number]
    assert all(isinstance(found, str | Conflict) for found in outcomes)


async def test_what_was_sent_signed_in_is_the_senders(people: People) -> None:
    sent = await send(people.citizen)
    with pytest.raises(Conflict):
        await service.claim(replace(people.citizen, person_id=uuid4()), sent.number, sent.receipt)


async def test_a_wrong_number_or_receipt_gets_the_same_words_and_guessing_ends_soon(people: People) -> None:
    one, two = await send(), await send()
    wrong = [
        (one.number, two.receipt), ("PA-0000-00", one.receipt), (one.number, "x"), ("", ""), ("x" * 99, "y" * 99),
        (one.number, "Z" * 16),
    ]
    for number, receipt in wrong:
        with pytest.raises(NotFound) as caught:
            await service.claim(people.citizen, number, receipt)
        assert caught.value.text == text.CLAIM_UNKNOWN
    refused: list[DomainError] = []
    for _ in range(claiming.CLAIMS_PER_PERSON.count):
        try:
            await service.claim(people.citizen, one.number, "ZZZZ-ZZZZ-ZZZZ-ZZZZ")
        except DomainError as error:
            refused.append(error)
    assert isinstance(refused[-1], TooMany) and refused[-1].retry_after
    with pytest.raises(TooMany):
        await service.claim(people.citizen, one.number, one.receipt)
    assert (await row_of(one.number))["sender_id"] is None


async def test_nobody_and_officers_do_not(people: People) -> None:
    sent = await send()
    for actor, error in ((ANONYMOUS, SignInRequired), (people.handler, Forbidden)):
        with pytest.raises(error):
            await service.claim(actor, sent.number, sent.receipt)
    assert (await row_of(sent.number))["sender_id"] is None


async def test_officers_see_the_same_before_and_after(people: People) -> None:
    sent = await send()
    before = asdict(await service.get_for_officer(people.handler, sent.number))
    public = asdict(await service.get_public(sent.number))
    await service.claim(people.citizen, sent.number, sent.receipt)
    assert asdict(await service.get_for_officer(people.handler, sent.number)) == before
    assert asdict(await service.get_public(sent.number)) == public
    with pytest.raises(NotFound):
        await service.read_contact(people.handler, sent.number, "Hỏi thêm địa điểm.")


async def test_the_audit_row_does_not_say_who_has_sent_what(people: People) -> None:
    sent = await send()
    await service.claim(people.citizen, sent.number, sent.receipt)
    (row,) = await rows("SELECT subject, detail FROM audit_log WHERE action = 'petition.claim'")
    assert row["subject"] == f"person:{people.citizen.person_id}" and sent.number not in row["detail"]
    assert json.loads(row["detail"]) == {"mark": claiming.mark(sent.number)}
