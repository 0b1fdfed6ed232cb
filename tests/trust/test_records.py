"""The records: no verb writes without its audit row in the same transaction, and nobody of ours can rewrite what happened."""

from __future__ import annotations

import inspect
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from openpyxl import Workbook
from sqlalchemy import text as sql

from mattranso_app.core import audit, db, files, notify
from mattranso_app.core.access import ANONYMOUS, SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.identity import service as identity
from mattranso_app.identity.own_data import archive
from mattranso_app.identity.service import Visit
from mattranso_app.petitions import service as petitions
from mattranso_app.units import service as units
from mattranso_app.units.kinds import Kind
from tests.identity.authenticator import App, actor_of, first_step
from tests.identity.factories import PASSWORD, newest_code, sign_in
from tests.identity.soft_authenticator import Authenticator
from tests.trust import expected
from tests.trust import petitions as made
from tests.trust.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = Visit(address="10.0.0.1", agent="thử")
Verb = Callable[[], Awaitable[Any]]
SERVICES = {"identity": identity, "petitions": petitions, "units": units}
WRITING = [name for name, row in expected.VERBS.items() if row != expected.READS and not row.startswith("no row")]
BESIDE = ("throttle_hit", "one_time_code", "sign_in_challenge", "passkey_challenge")
"""Tables of attempts: counted before they are judged, in a transaction of their own, so that a refusal is not rolled away."""
ONCE = ("sign_in_with_code", "_passkey")
"""Verbs that use something up before it is judged: they cannot be called again after a fault."""


async def test_every_verb_has_its_line(house: House) -> None:
    verbs = {
        f"{name}.{verb}"
        for name, service in SERVICES.items()
        for verb in service.__all__
        if inspect.iscoroutinefunction(getattr(service, verb))
    }
    assert verbs == set(expected.VERBS)


class Scene:
    """Prepares everything a verb needs and returns it ready to be called. One method per writing verb."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.unit = house.cast.units["19774"]

    async def _petition(self, *steps: str, phone: str = "") -> SimpleNamespace:
        number = (await made.send("Cống tắc nghẽn làm nước tràn vào nhà nhiều hộ.", phone=phone)).number
        handler, approver = await self.house.cast.actor("own handler"), await self.house.cast.actor("own approver")
        for step in steps:
            version = await made.version(number)
            if step == "take_up":
                await petitions.take_up(handler, number, version)
            elif step == "publish":
                await petitions.publish_question(handler, number, version, "Cống tắc", "Cống tắc nghẽn.", "")
            else:
                await petitions.submit_answer(handler, number, version, "solved", made.ANSWER)
        return SimpleNamespace(number=number, version=await made.version(number), handler=handler, approver=approver)

    async def _officer(self, password: bool = False) -> Any:
        name = f"nguoi.moi{next(_numbers)}"
        new = await identity.create_officer(SYSTEM, user_name=name, name="Người Mới", unit_id=self.unit, role="reader")
        if password:
            await identity.set_first_password(name, new.code, PASSWORD, HERE)
        return new

    async def _group(self) -> Any:
        return await units.add_group(SYSTEM, self.unit, Kind.THON, f"Số {next(_numbers)}")

    async def _signed_in(self) -> Any:
        found = await identity.authenticate(await self.house.cast.sign_in("parent reader"), "10.0.0.1")
        assert found is not None
        return found.actor

    async def approve_answer(self) -> Verb:
        made_ = await self._petition("take_up", "publish", "submit", phone="0912345678")
        return lambda: petitions.approve_answer(made_.approver, made_.number, made_.version)

    async def return_answer(self) -> Verb:
        made_ = await self._petition("take_up", "publish", "submit")
        return lambda: petitions.return_answer(made_.approver, made_.number, made_.version, "Cần nói rõ ngày làm xong.")

    async def attach_evidence(self) -> Verb:
        made_ = await self._petition("take_up")
        prepared = await files.prepare(made.picture(), "anh.png", files.Purpose.ATTACHMENT)
        return lambda: petitions.attach_evidence(made_.handler, made_.number, prepared)

    async def remove_evidence(self) -> Verb:
        made_ = await self._petition("take_up")
        prepared = await files.prepare(made.picture(), "anh.png", files.Purpose.ATTACHMENT)
        file_id = await petitions.attach_evidence(made_.handler, made_.number, prepared)
        return lambda: petitions.remove_evidence(made_.handler, made_.number, file_id)

    async def publish_question(self) -> Verb:
        made_ = await self._petition("take_up")
        return lambda: petitions.publish_question(made_.handler, made_.number, made_.version, "Cống tắc", "Cống tắc nghẽn.", "")

    async def withhold_question(self) -> Verb:
        made_ = await self._petition("take_up")
        return lambda: petitions.withhold_question(made_.handler, made_.number, made_.version, "Nói về đời tư của người khác.")

    async def read_contact(self) -> Verb:
        made_ = await self._petition(phone="0912345678")
        return lambda: petitions.read_contact(made_.handler, made_.number, "Hỏi thêm địa điểm.")

    async def submit_answer(self) -> Verb:
        made_ = await self._petition("take_up", "publish")
        return lambda: petitions.submit_answer(made_.handler, made_.number, made_.version, "solved", made.ANSWER)

    async def submit_petition(self) -> Verb:
        return lambda: made.send("Cây xanh gãy cành chắn ngang lối đi chung của xóm.")

    async def _new_citizen(self) -> Any:
        challenge = await identity.request_code(f"so{next(_numbers)}@vidu.vn", HERE)
        signed = await identity.sign_in_with_code(challenge.id, await newest_code(), HERE)
        return await actor_of(signed)  # type: ignore[arg-type]

    async def ask_erasure(self) -> Verb:
        citizen = await self._new_citizen()
        return lambda: identity.ask_erasure(citizen)

    async def cancel_erasure(self) -> Verb:
        citizen = await self._new_citizen()
        request = await identity.ask_erasure(citizen)
        return lambda: identity.cancel_erasure(citizen, request)

    async def foresee_erasure(self) -> Verb:
        citizen = await self._new_citizen()
        request = await identity.ask_erasure(citizen)
        central = await self.house.cast.actor("central administrator")
        return lambda: identity.foresee_erasure(central, request)

    async def fulfil_erasure(self) -> Verb:
        citizen = await self._new_citizen()
        request = await identity.ask_erasure(citizen)
        central = await self.house.cast.actor("central administrator")
        return lambda: identity.fulfil_erasure(central, request)

    async def refuse_erasure(self) -> Verb:
        citizen = await self._new_citizen()
        request = await identity.ask_erasure(citizen)
        central = await self.house.cast.actor("central administrator")
        return lambda: identity.refuse_erasure(central, request, "Đang có tranh chấp phải giải quyết.")

    async def change_name(self) -> Verb:
        citizen = await self._new_citizen()
        return lambda: identity.change_name(citizen, "Bà Tư")

    async def request_contact_code(self) -> Verb:
        citizen = await self._new_citizen()
        return lambda: identity.request_contact_code(citizen, f"moi{next(_numbers)}@vidu.vn")

    async def confirm_contact(self) -> Verb:
        citizen = await self._new_citizen()
        challenge = await identity.request_contact_code(citizen, f"moi{next(_numbers)}@vidu.vn")
        code = await newest_code()
        return lambda: identity.confirm_contact(citizen, challenge.id, code)

    async def request_export(self) -> Verb:
        citizen = await self._new_citizen()
        return lambda: identity.request_export(citizen)

    async def fetch_export(self) -> Verb:
        citizen = await self._new_citizen()
        export = await identity.request_export(citizen)
        await archive.export_data(str(export))
        return lambda: identity.fetch_export(citizen, export)

    async def withdraw_contact(self) -> Verb:
        citizen = await self._new_citizen()
        body = "Vỉa hè bị chiếm làm chỗ để hàng, người đi bộ phải xuống lòng đường."
        sent = await made.send(body, phone="0912345678", sender=citizen)
        return lambda: petitions.withdraw_contact(citizen, sent.number)

    async def claim(self) -> Verb:
        sent = await made.send("Biển báo trường học bị cây che khuất, xe đi rất nhanh.")
        citizen = await self.house.cast.actor("citizen")
        return lambda: petitions.claim(citizen, sent.number, sent.receipt)

    async def take_up(self) -> Verb:
        made_ = await self._petition()
        return lambda: petitions.take_up(made_.handler, made_.number, made_.version)

    async def change_password(self) -> Verb:
        new = await self._officer(password=True)
        signed = await identity.sign_in_with_password(new.user_name, PASSWORD, HERE)
        found = await identity.authenticate(signed.token, "10.0.0.1")
        assert found is not None
        return lambda: identity.change_password(found.actor, PASSWORD, "mot cau khac han 8")

    async def create_officer(self) -> Verb:
        return lambda: identity.create_officer(
            SYSTEM, user_name=f"lan.thu{next(_numbers)}", name="Lan", unit_id=self.unit, role="reader"
        )

    async def _lender(self) -> Any:
        """Return an officer with a role to lend, a colleague's user name, and a way to lend it for a week."""
        owner, colleague = await self._officer(), await self._officer()
        lending = await identity.get_lending(SYSTEM, owner.person_id)
        return lambda: identity.delegate(
            SYSTEM, owner.person_id, grant_ids=[lending.officer.grants[0].id], to=colleague.user_name, first=today(),
            last=today() + timedelta(days=6),
        )

    async def delegate(self) -> Verb:
        lend: Verb = await self._lender()
        return lend

    async def end_delegation(self) -> Verb:
        number = (await (await self._lender())())[0]
        return lambda: identity.end_delegation(SYSTEM, number)

    async def _transfer(self) -> int:
        new = await self._officer()
        return await identity.propose_transfer(SYSTEM, new.person_id, self.house.cast.units["19789"])

    async def propose_transfer(self) -> Verb:
        new = await self._officer()
        return lambda: identity.propose_transfer(SYSTEM, new.person_id, self.house.cast.units["19789"])

    async def accept_transfer(self) -> Verb:
        number = await self._transfer()
        return lambda: identity.accept_transfer(SYSTEM, number, ["reader"])

    async def end_transfer(self) -> Verb:
        number = await self._transfer()
        return lambda: identity.end_transfer(SYSTEM, number)

    async def apply_staff_import(self) -> Verb:
        book = Workbook()
        assert book.active is not None
        for row in (("Họ và tên", "Thư điện tử", "Vai trò", "Mã đơn vị"), ("Lê An", f"le.an{next(_numbers)}@x.vn", "Người xem", "19774")):
            book.active.append(list(row))
        stream = io.BytesIO()
        book.save(stream)
        return lambda: identity.apply_staff_import(SYSTEM, stream.getvalue())

    async def disable_person(self) -> Verb:
        new = await self._officer()
        return lambda: identity.disable_person(SYSTEM, new.person_id)

    async def enable_person(self) -> Verb:
        new = await self._officer()
        await identity.disable_person(SYSTEM, new.person_id)
        return lambda: identity.enable_person(SYSTEM, new.person_id)

    async def end_all_others(self) -> Verb:
        actor = await self._signed_in()
        return lambda: identity.end_all_others(actor)

    async def end_session(self) -> Verb:
        actor, other = await self._signed_in(), await self._signed_in()
        return lambda: identity.end_session(actor, other.session_id)

    async def sign_out(self) -> Verb:
        actor = await self._signed_in()
        return lambda: identity.sign_out(actor)

    async def grant_role(self) -> Verb:
        new = await self._officer()
        return lambda: identity.grant_role(SYSTEM, new.person_id, role="handler", unit_id=self.unit)

    async def revoke_role(self) -> Verb:
        new = await self._officer()
        grant = await identity.grant_role(SYSTEM, new.person_id, role="handler", unit_id=self.unit)
        return lambda: identity.revoke_role(SYSTEM, grant)

    async def issue_password_code(self) -> Verb:
        new = await self._officer()
        return lambda: identity.issue_password_code(SYSTEM, new.person_id)

    async def request_code(self) -> Verb:
        return lambda: identity.request_code(f"lan{next(_numbers)}@vidu.vn", HERE)

    async def sign_in_with_code(self) -> Verb:
        challenge = await identity.request_code(f"lan{next(_numbers)}@vidu.vn", HERE)
        code = await newest_code()
        return lambda: identity.sign_in_with_code(challenge.id, code, HERE)

    async def sign_in_with_password(self) -> Verb:
        new = await self._officer(password=True)
        return lambda: identity.sign_in_with_password(new.user_name, PASSWORD, HERE)

    async def set_first_password(self) -> Verb:
        new = await self._officer()
        return lambda: identity.set_first_password(new.user_name, new.code, PASSWORD, HERE)

    async def _with_factor(self) -> tuple[Any, App, Any]:
        new = await self._officer(password=True)
        _, actor = await sign_in(new.user_name)
        app = App((await identity.begin_totp(actor)).secret)
        made_ = await identity.confirm_totp(actor, app.code(-30))  # so that the code of this moment is still to be used
        return new, app, await actor_of(made_.token)

    async def begin_totp(self) -> Verb:
        # An officer of its own: where a setting up waits already, of whichever test, beginning it again writes nothing.
        _, actor = await sign_in((await self._officer(password=True)).user_name)
        return lambda: identity.begin_totp(actor)

    async def cancel_totp(self) -> Verb:
        actor = await self._signed_in()
        await identity.begin_totp(actor)
        return lambda: identity.cancel_totp(actor)

    async def confirm_totp(self) -> Verb:
        new = await self._officer(password=True)
        _, actor = await sign_in(new.user_name)
        app = App((await identity.begin_totp(actor)).secret)
        return lambda: identity.confirm_totp(actor, app.code())

    async def finish_sign_in(self) -> Verb:
        new, app, _ = await self._with_factor()
        token = await first_step(new.user_name)
        return lambda: identity.finish_sign_in(token, app.code(), HERE)

    async def prove(self) -> Verb:
        _, app, actor = await self._with_factor()
        return lambda: identity.prove(actor, app.code())

    async def _with_passkey(self) -> tuple[Any, Authenticator, Any]:
        """An officer with a password and a passkey: (who, the passkey, the signed-in actor)."""
        new = await self._officer(password=True)
        _, actor = await sign_in(new.user_name)
        made_ = Authenticator()
        confirmed = await identity.add_passkey(actor, made_.make(await identity.options_to_add(actor)))
        return new, made_, await actor_of(confirmed.token)

    async def add_passkey(self) -> Verb:
        new = await self._officer(password=True)
        _, actor = await sign_in(new.user_name)
        answer = Authenticator().make(await identity.options_to_add(actor))
        return lambda: identity.add_passkey(actor, answer)

    async def sign_in_with_passkey(self) -> Verb:
        _, made_, _ = await self._with_passkey()
        asked = await identity.options_to_sign_in("", HERE)
        answer = made_.sign(asked.options)
        return lambda: identity.sign_in_with_passkey(asked.token, answer, HERE)

    async def finish_with_passkey(self) -> Verb:
        new, made_, _ = await self._with_passkey()
        token = await first_step(new.user_name)
        answer = made_.sign(await identity.options_for_step(token))
        return lambda: identity.finish_with_passkey(token, answer, HERE)

    async def prove_with_passkey(self) -> Verb:
        _, made_, actor = await self._with_passkey()
        answer = made_.sign(await identity.options_to_prove(actor))
        return lambda: identity.prove_with_passkey(actor, answer)

    async def _invited(self) -> int:
        """An invitation that waits; its number."""
        return await identity.invite_officer(
            SYSTEM, name="Trần Thị Mai", contact=f"mai{next(_numbers)}@vidu.vn", unit_id=self.unit, roles=["handler"]
        )

    async def invite_officer(self) -> Verb:
        values = {"name": "Trần Thị Mai", "contact": f"mai{next(_numbers)}@vidu.vn", "unit_id": self.unit, "roles": ["handler"]}
        return lambda: identity.invite_officer(SYSTEM, **values)

    async def resend_invitation(self) -> Verb:
        number = await self._invited()
        return lambda: identity.resend_invitation(SYSTEM, number)

    async def withdraw_invitation(self) -> Verb:
        number = await self._invited()
        return lambda: identity.withdraw_invitation(SYSTEM, number)

    async def accept_invitation(self) -> Verb:
        before = {message.text for message in await notify.demo_messages(200)}
        await self._invited()
        told = next(message.text for message in await notify.demo_messages(200) if message.text not in before)
        token, name = told.partition("/loi-moi/")[2][:43], f"mai{next(_numbers)}"
        return lambda: identity.accept_invitation(
            ANONYMOUS, token, user_name=name, password="nuoc chay da mon 88", visit=HERE
        )

    async def remove_factor(self) -> Verb:
        _, _, actor = await self._with_factor()
        held = (await identity.list_factors(actor)).factors
        return lambda: identity.remove_factor(actor, held[0].id)

    async def renew_recovery_codes(self) -> Verb:
        _, _, actor = await self._with_factor()
        return lambda: identity.renew_recovery_codes(actor)

    async def create_token(self) -> Verb:
        actor = await self._signed_in()
        return lambda: identity.create_token(actor, name="Bảng tính", scopes=["account.read"], days=30)

    async def revoke_token(self) -> Verb:
        actor = await self._signed_in()
        token = await identity.create_token(actor, name="Bảng tính", scopes=["account.read"], days=30)
        return lambda: identity.revoke_token(actor, token.id)

    async def reset_factors(self) -> Verb:
        new, _, _ = await self._with_factor()
        return lambda: identity.reset_factors(SYSTEM, new.person_id)

    async def add_group(self) -> Verb:
        return lambda: units.add_group(SYSTEM, self.unit, Kind.THON, f"Số {next(_numbers)}")

    async def rename_group(self) -> Verb:
        group = await self._group()
        return lambda: units.rename_group(SYSTEM, group.id, f"Mới {next(_numbers)}")

    async def close_group(self) -> Verb:
        group = await self._group()
        return lambda: units.close_group(SYSTEM, group.id)

    async def apply_groups_import(self) -> Verb:
        book, stream = Workbook(), io.BytesIO()
        assert book.active is not None
        book.active.append(["Loại", "Tên"])
        book.active.append(["Thôn", f"Bảng {next(_numbers)}"])
        book.save(stream)
        return lambda: units.apply_groups_import(SYSTEM, self.unit, stream.getvalue())


_numbers = iter(range(1, 10_000))


async def contents() -> dict[str, str]:
    """Return a fingerprint of every table but those of attempts."""
    readable = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    async with db.reading() as session:
        tables = (await session.execute(sql(f"{readable} AND has_table_privilege(oid, 'SELECT')"))).scalars()
        marks = {}
        for table in sorted(set(tables) - set(BESIDE)):
            rows = await session.execute(sql(f"SELECT md5(CAST(t AS text)) FROM {table} t ORDER BY 1"))
            marks[table] = "".join(rows.scalars())
        return marks


async def newest_row() -> tuple[int, str]:
    """Return number and action of the newest audit row."""
    async with db.reading() as session:
        row = (await session.execute(sql("SELECT id, action FROM audit_log ORDER BY id DESC LIMIT 1"))).one()
    return row.id, row.action


@pytest.mark.parametrize("verb", WRITING)
async def test_a_verb_and_its_audit_row_stand_and_fall_together(house: House, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    call = await getattr(Scene(house), verb.partition(".")[2])()
    before, last = await contents(), (await newest_row())[0]

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no audit row can be written")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", fail)
        with pytest.raises(RuntimeError):
            await call()
    assert await contents() == before, "something was written although the audit row was not"
    call = await getattr(Scene(house), verb.partition(".")[2])() if verb.endswith(ONCE) else call
    last = (await newest_row())[0]
    await call()
    number, action = await newest_row()
    assert (number > last, action) == (True, expected.VERBS[verb])


NEVER = [
    "UPDATE audit_log SET detail = '{}'", "DELETE FROM audit_log", "TRUNCATE audit_log", "UPDATE audit_head SET ordinal = 0",
    "UPDATE petition_event SET at = now()", "DELETE FROM petition_event", "TRUNCATE petition_event",
    "UPDATE petition_answer SET body = 'khác'", "UPDATE petition_answer SET author_id = NULL", "DELETE FROM petition_answer",
    "TRUNCATE petition_answer CASCADE", "UPDATE petition_answer SET decision = 'approved', decided_by = author_id, decided_at = now()",
    "UPDATE petition SET state = 'answered'", "UPDATE petition SET body = 'khác'", "UPDATE petition SET due_at = now()",
    "DELETE FROM petition",
    "UPDATE petition SET sender_id = NULL", "DELETE FROM petition_contact", "UPDATE petition_contact SET sealed = ''",
    "UPDATE petition_transition SET to_state = 'answered'", "UPDATE role_grant SET role = 'administrator'", "DELETE FROM role_grant",
    "DELETE FROM person", "UPDATE person SET kind = 'officer'", "UPDATE credential SET user_name = 'x'",
    "UPDATE sign_in_session SET person_id = person_id", "UPDATE sign_in_session SET absolute_expires_at = 'infinity'",
    "UPDATE deadline_rule SET working_days = 1", "CREATE TABLE x (y int)", "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "ALTER TABLE petition_event DISABLE TRIGGER ALL", "SET session_replication_role = replica", "SET ROLE mattranso_owner",
    "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "COPY audit_log TO PROGRAM 'true'", "ALTER ROLE mattranso_app SUPERUSER",
]


@pytest.mark.parametrize("statement", NEVER)
async def test_the_applications_role_cannot_rewrite_what_happened(house: House, statement: str) -> None:
    with psycopg.connect(house.database_url) as connection, pytest.raises(psycopg.DatabaseError) as caught:
        connection.execute(statement)
    sqlstate = caught.value.sqlstate or ""
    assert sqlstate == "42501" or not sqlstate.startswith("42"), f"no refusal but a mistyped statement: {caught.value}"


async def test_functions_with_the_owners_rights_look_nowhere_else_for_names(house: House) -> None:
    """Without a fixed search path a caller's own schema could slip a table or an operator under them."""
    with psycopg.connect(house.database_url) as connection:
        loose = connection.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace "
            "AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%', false)"
        ).fetchall()
    assert loose == []


async def test_after_all_of_it_the_chains_are_whole(house: House) -> None:
    async with db.reading() as session:
        checked, faults = await audit.verify(session)
    assert checked > 20 and faults == []
