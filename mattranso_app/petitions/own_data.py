"""What petitions hold of a signed-in citizen: shown, put into the archive, and forgotten when the account is erased."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import files, live, personal_data, search
from mattranso_app.core.clock import now
from mattranso_app.core.masking import mask_apart
from mattranso_app.core.personal_data import Identifiers, Section, title_of
from mattranso_app.identity.contacts import Contact
from mattranso_app.petitions import text, words
from mattranso_app.petitions.service.contact import unseal_contact
from mattranso_app.petitions.store import own_data as rows
from mattranso_app.settings import settings


async def _collect(session: AsyncSession, person_id: UUID, most: int, is_whole: bool) -> list[Section]:
    found = await rows.fetch_own(session, person_id, most)
    petitions = [_petition(row, is_whole) for row in found]
    readers = await rows.fetch_readers(session, person_id, most)
    return [
        Section("petitions", text.OWN_PETITIONS, text.OWN_PETITION_LABELS, petitions),
        Section("contact_reads", text.OWN_READS, text.OWN_READ_LABELS, [_reader(row) for row in readers]),
    ]


def _petition(row: RowMapping, is_whole: bool) -> dict[str, str]:
    contacts = _contacts(row["sealed"])
    return {
        "number": row["number"], "kind": text.KINDS[row["kind"]], "title": row["title"], "body": row["body"], "place": row["place"],
        "unit": row["unit_name"], "sent_at": words.moment(row["created_at"]), "state": words.status(row["state"], row["outcome"])[0],
        "contact": ", ".join(each.value if is_whole else each.masked for each in contacts),
        "consented_at": words.moment(row["consented_at"]) if row["consented_at"] else "",
    }


def _reader(row: RowMapping) -> dict[str, str]:
    return {
        "number": row["subject"].removeprefix("petition:"), "at": words.moment(row["at"]), "unit": row["unit_name"],
        "reason": json.loads(row["detail"]).get("reason", ""),
    }


def _contacts(sealed: bytes | None) -> list[Contact]:
    if sealed is None:
        return []
    opened = unseal_contact(bytes(sealed))
    found = [Contact("phone", opened["phone"])] if opened["phone"] else []
    return [*found, Contact("email", opened["email"])] if opened["email"] else found


async def _photos(session: AsyncSession, person_id: UUID) -> list[tuple[str, files.StoredFile]]:
    numbers = [row["number"] for row in await rows.fetch_own(session, person_id, rows.BATCH)]
    found = await files.list_files(session, "petition", [f"{number}/photo" for number in numbers])
    return [
        (f"anh/{ref.partition('/')[0]}-{place}.jpg", file) for ref, held in found.items() for place, file in enumerate(held, 1)
    ]


async def _unfinished(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, int]:
    return await rows.count_open(session, people)


async def _identify(session: AsyncSession, person_id: UUID) -> Identifiers:
    """Return the contacts that were left with petitions: they may be others than the account's."""
    held = [contact for sealed in await rows.fetch_contacts(session, person_id) for contact in _contacts(sealed)]
    return Identifiers(
        phones=frozenset(each.value for each in held if each.kind == "phone"),
        emails=frozenset(each.value for each in held if each.kind == "email"),
    )


async def _erase(session: AsyncSession, person_id: UUID, identifiers: Identifiers) -> int:
    """Take the sender out of every petition, his own all closed: one after the other, some at a time.

    One that was claimed by its receipt only leaves the list: its words and its contact may be somebody else's.
    """
    changed = 0
    units = await _units_named(session, identifiers)
    while found := await rows.fetch_own(session, person_id, rows.BATCH):
        own = {row["id"]: row for row in found if row["is_own"]}
        officers, words_of = await rows.fetch_officers(session, list(own)), await rows.fetch_words(session, list(own))
        for petition_id, row in own.items():
            theirs = identifiers.for_words_of_others(row["created_at"], [*units, *officers[petition_id]])
            changed += await _forget(session, row, person_id, identifiers, theirs, words_of[petition_id])
        for row in found:
            if row["id"] not in own:
                await rows.unclaim(session, row["id"], person_id)
                changed += 1
    return changed


async def _foresee(session: AsyncSession, person_id: UUID, identifiers: Identifiers) -> Counter[str]:
    """Count the texts of officers, and copies they published, out of which `_erase` would take each name."""
    counted: Counter[str] = Counter()
    units = await _units_named(session, identifiers)
    before: int | None = None
    while found := await rows.fetch_own(session, person_id, rows.BATCH, before):
        before = found[-1]["id"]
        own = [row for row in found if row["is_own"]]
        ids = [row["id"] for row in own]
        officers, words_of = await rows.fetch_officers(session, ids), await rows.fetch_words(session, ids)
        for row in own:
            theirs = identifiers.for_words_of_others(row["created_at"], [*units, *officers[row["id"]]])
            texts = [row[name] for name in ("public_title", "public_body", "public_place", "withheld_reason")]
            texts += [value for _, _, written in words_of[row["id"]] for value in written.values()]
            counted.update(name for value in texts for name in theirs.names_in(value))
    return counted


async def _units_named(session: AsyncSession, identifiers: Identifiers) -> list[str]:
    return [unit for name in identifiers.names for unit in await rows.fetch_units_named(session, title_of(name))]


async def _forget(
    session: AsyncSession, row: RowMapping, person_id: UUID, identifiers: Identifiers, theirs: Identifiers, written: list[rows.Words]
) -> int:
    """Forget the sender of one petition: `identifiers` in what he wrote, only `theirs` in what officers wrote."""
    is_kept = (now() - row["answered_at"]).days < settings().petition_retention_days
    public = {name: theirs.hide(row[name]) for name in ("public_title", "public_body", "public_place")}
    if is_kept:
        own = {name: identifiers.hide((await mask_apart(identifiers.hide(row[name]))).text) for name in ("title", "body", "place")}
    elif row["published_at"] is not None:
        own = {name: public[f"public_{name}"] for name in ("title", "body", "place")}
    else:
        own = {"title": text.FORGOTTEN, "body": text.FORGOTTEN, "place": ""}
    await rows.forget(session, row["id"], person_id, {**own, **public, "withheld_reason": theirs.hide(row["withheld_reason"])})
    changed = 1
    for place, ordinal, texts in written:
        hidden = {name: theirs.hide(value) for name, value in texts.items()}
        if hidden != texts:
            await rows.forget_words(session, row["id"], place, ordinal, hidden)
            changed += 1
    await rows.delete_drafts(session, row["id"])
    photos = (await files.list_files(session, "petition", [f"{row['number']}/photo"]))[f"{row['number']}/photo"]
    changed += await files.remove_files(session, [file.id for file in photos if file.visibility == "private"])
    if row["published_at"] is not None:
        await search.touch(session, "petitions", str(row["id"]))
        await live.mark(session, f"petitions/{row['number']}", "petitions")
    return changed


personal_data.register_holder(
    personal_data.Holder(
        "petitions", collect=_collect, erase=_erase, files=_photos, unfinished=_unfinished, identify=_identify, foresee=_foresee
    )
)
