"""Sending without a script, on two pages: where to, then what.

The unit comes first because choosing it takes several requests and costs nothing while nothing is typed. The second page
says where the petition goes and why, asks for text and photos, and sends. A petition is made only by a form that carries
our key *and* has shown the destination it names; every other form (the one of the rich page, which knows no key; one with
another unit looked up; one with a wrong field) is answered with the second page again, holding all that was typed and the
photos too (see `photos`). So there is no step on which anything is lost, and none on which two presses make two petitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from mattranso_app.core import files, secrets
from mattranso_app.core.access import current_actor, public
from mattranso_app.core.errors import Conflict, DomainError, InvalidInput, NotFound, TooMany
from mattranso_app.core.http import route
from mattranso_app.identity import throttle
from mattranso_app.lite import text
from mattranso_app.lite.photos import KeptPhoto, keep, unseal
from mattranso_app.lite.reading import typed
from mattranso_app.lite.rendering import ROOT, page
from mattranso_app.petitions import service, words
from mattranso_app.petitions import text as petition_text
from mattranso_app.petitions.models import Channel, Kind
from mattranso_app.petitions.submission import PLACE_LIMIT, Submission, check_client_key, check_submission
from mattranso_app.settings import settings
from mattranso_app.units import service as units
from mattranso_app.units.kinds import CENTRAL_CODE, Level
from mattranso_app.units.views import UnitMatch, UnitView

ADDRESS = f"{ROOT}/gui"
FULL_PAGE = "/phan-anh/gui"
MOST_FOUND = 12
"""Units offered for one name."""
MOST_COMMUNES = 400
"""More than twice what the largest province has."""
_FIELDS = ("kind", "body", "place", "phone", "email", "consent", "website")
_UPLOAD_WINDOW = 10 * 60


class FormAddress(BaseModel):
    """What the form's address may carry: `noi` (a unit's code, as boards with a QR code have it), or a search for one."""

    noi: str = Field(default="", max_length=20)
    tim: str = Field(default="", max_length=100)
    tinh: str = Field(default="", pattern="^([0-9]{2})?$")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds from one request to the next; the server keeps nothing of it but the photos' bytes.

    Attributes:
        values: the fields as they were typed.
        key: the client key of this one sending, made here for who cannot make one.
        unit: code of the unit chosen so far, or empty.
        photos: those already sent up.
    """

    values: dict[str, str] = field(default_factory=lambda: {"kind": Kind.REPORT.value})
    key: str = field(default_factory=lambda: secrets.new_token(128))
    unit: str = ""
    photos: list[KeptPhoto] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for.

    Attributes:
        name: of a unit to look up; empty when one is chosen already.
        is_search: another unit is looked up, nothing is sent yet.
        must_choose: it was looked up before, but none of those found is chosen.
        has_seen: the form carries our key and has shown where this unit's petitions go.
    """

    name: str
    is_search: bool
    must_choose: bool
    has_seen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says beside the draft.

    Attributes:
        destination: where it goes and why; None while that is not known.
        candidates: units to choose from.
        notes: by code, why a candidate is among them when its name does not say it.
        search: the name that was looked up.
        errors: message per field.
        message: above the form.
        status: of the answer.
        retry_after: seconds, when trying again makes sense later.
    """

    destination: service.Destination | None = None
    candidates: list[UnitView] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    search: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    status: int = 200
    retry_after: int | None = None


@route(ADDRESS)
@public
async def open_form(request: Request) -> Response:
    """Show the choice of a unit, or with `noi` the form for it."""
    try:
        asked = FormAddress.model_validate(dict(request.query_params))
    except ValidationError:
        return await _choose(request, FormAddress(), petition_text.WRONG_VALUE, 400)
    if not asked.noi:
        return await _choose(request, asked)
    try:
        destination = await service.explain_destination(Kind.REPORT, asked.noi)
    except InvalidInput as error:
        return await _choose(request, asked, error.fields["unit"], NotFound.status)
    return _form(request, Draft(unit=destination.unit.code), Shown(destination))


async def _choose(request: Request, asked: FormAddress, message: str = "", status: int = 200) -> Response:
    """Answer with the first page: a name to look up, or a province and then its communes."""
    search = typed(asked.tim).strip()
    found: list[UnitMatch] = await units.lookup(search, limit=MOST_FOUND) if search else []
    provinces: list[UnitView] = []
    communes: list[UnitView] = []
    if asked.tinh:
        try:
            communes = (await units.list_units(level=Level.COMMUNE, parent=asked.tinh, limit=MOST_COMMUNES)).items
        except NotFound:
            message, status = text.PROVINCE_UNKNOWN, NotFound.status
    if not communes:
        provinces = (await units.list_units(level=Level.PROVINCE, limit=100)).items
    return page(
        request, "choose.html", title=text.CHOOSE_TITLE, full_page=FULL_PAGE, status=status, message=message, search=search,
        found=[match.unit for match in found], notes={match.unit.code: match.note for match in found}, provinces=provinces,
        province=communes[0].parent_name if communes else "", province_code=asked.tinh, communes=communes, central=CENTRAL_CODE,
    )


@route(ADDRESS, methods=["POST"])
@public
async def send(request: Request) -> Response:
    """Take a form: send the petition when the form is whole and its sender has seen where it goes; else show it again."""
    limits = files.FormLimits(files=2 * settings().photos_per_petition)
    async with files.read_form(request, limits) as form:
        draft, photo_error = await _draft(form)
        asked = _asked(form, draft)
    errors = {"photo": photo_error} if photo_error else {}
    submission = None
    if not asked.is_search:  # else another unit is being chosen: no word yet about the rest of the form
        submission, wrong = _checked(draft)
        errors = wrong | errors
    refusal: DomainError | None = None
    if submission is not None and asked.has_seen and not errors:
        try:
            sent = await service.submit_petition(
                current_actor(), draft.key, submission, [photo.prepared for photo in draft.photos]
            )
            return _sent(request, sent)
        except Conflict as error:
            # The page was gone back to and its text changed. What stands there now can only be sent as something new.
            draft, refusal = replace(draft, key=secrets.new_token(128)), Conflict(f"{error.text} {text.NEW_KEY}")
        except DomainError as error:
            refusal = error
    try:
        shown = await _look_up(draft, asked.name)
    except DomainError as error:
        return _form(request, draft, _refused(Shown(search=asked.name), refusal or error))
    if shown.destination is not None:
        draft = replace(draft, unit=shown.destination.unit.code)
    if refusal is not None:
        return _form(request, draft, _refused(shown, refusal))
    if asked.is_search:
        return _form(request, draft, shown)
    if asked.must_choose and shown.candidates:
        errors["unit"] = text.UNIT_TO_CHOOSE
    errors |= shown.errors
    if errors:
        return _form(request, draft, replace(shown, errors=errors, status=int(InvalidInput.status)))
    return _form(request, draft, replace(shown, message=text.LOOK_AGAIN if shown.destination else text.CHOOSE_UNIT))


def _asked(form: files.Form, draft: Draft) -> Asked:
    name = typed(form.field("tim"), 100).strip()
    # The box keeps the name that was looked up, so that only a name that differs asks for another unit.
    is_search = bool(name) and name != typed(form.field("da_tim"), 100)
    has_seen = draft.key == form.field("key") and draft.unit != "" and draft.unit == form.field("da_xem") and not is_search
    must_choose = bool(name) and not is_search and not draft.unit
    if draft.unit and not is_search:
        name = ""
    return Asked(name or ("" if draft.unit else typed(form.field("unit_text"), 100).strip()), is_search, must_choose, has_seen)


def _checked(draft: Draft) -> tuple[Submission | None, dict[str, str]]:
    """Return the petition the draft makes, or what is wrong with its fields; about the unit `_look_up` has better words."""
    try:
        return check_submission({**draft.values, "unit": draft.unit, "channel": Channel.LITE}), {}
    except InvalidInput as error:
        return None, {place: said for place, said in error.fields.items() if place != "unit"}


def _sent(request: Request, sent: service.Sent) -> Response:
    return page(
        request, "sent.html", title=text.SENT_TITLE, full_page=f"/phan-anh/{sent.number}", is_private=True, sent=sent,
        due=words.day_of(sent.due_at), rule=petition_text.RULE.format(days=sent.working_days), texts=petition_text,
    )


def _refused(shown: Shown, error: DomainError) -> Shown:
    fields = {"tim" if place == "unit" else place: said for place, said in error.fields.items()}
    return replace(shown, errors=fields, message=error.text, status=int(error.status), retry_after=error.retry_after)


async def _draft(form: files.Form) -> tuple[Draft, str]:
    """Return what a form holds, its new photos prepared and kept, and what is wrong with the photos."""
    values = {name: typed(form.field(name)) for name in _FIELDS}
    if values["kind"] not in petition_text.KINDS and values["kind"] not in petition_text.DOORS:
        values["kind"] = ""
    try:
        key = check_client_key(form.field("key"))
    except InvalidInput:
        key = secrets.new_token(128)
    photos, problem = ([], "") if values["website"] else await _photos(form)
    return Draft(values, key, typed(form.field("unit"), 20).strip(), photos), problem


async def _photos(form: files.Form) -> tuple[list[KeptPhoto], str]:
    most = settings().photos_per_petition
    problem = ""
    photos: dict[str, KeptPhoto] = {}  # by mark: the same picture chosen again after an error is the same picture
    dropped = set(form.values("bo"))
    for value in form.values("anh")[:most]:
        photo = unseal(value)
        if photo is None or not await photo.is_there():
            problem = text.PHOTO_LOST
        elif photo.mark not in dropped:
            photos[photo.mark] = photo
    fresh = form.files_of("photo")
    if not fresh:
        return list(photos.values()), problem
    try:
        await _throttle_uploads()
    except TooMany:
        return list(photos.values()), text.PHOTOS_BUSY
    for place, file in enumerate(fresh, 1):
        if len(photos) == most and file.sha256.hex()[:16] not in photos:
            return list(photos.values()), problem or text.PHOTOS_TOO_MANY.format(limit=most)
        try:
            photo = await keep(file)
            photos.setdefault(photo.mark, photo)
        except DomainError as error:
            problem = problem or service.photo_problem(place, error).fields["photo"]
    return list(photos.values()), problem


async def _throttle_uploads() -> None:
    """Bound what one network address can make us decode and keep for a day without sending anything."""
    most = settings().submissions_per_address
    if most:
        limit = throttle.Limit("petition.photos", 2 * most, _UPLOAD_WINDOW)
        await throttle.reserve((limit, throttle.address_key(current_actor().address)))


async def _look_up(draft: Draft, name: str) -> Shown:
    """Return where the draft goes as far as it says so, and what there is to choose from when a name was typed."""
    kind = draft.values["kind"] or Kind.REPORT
    if not name:
        if not draft.unit:
            return Shown(errors={"tim": petition_text.UNIT_MISSING})
        try:
            return Shown(await service.explain_destination(kind, draft.unit))
        except InvalidInput as error:
            return Shown(errors={"tim": error.fields["unit"]})
    found = await units.lookup(name, limit=MOST_FOUND)
    if not found:
        return Shown(search=name, errors={"tim": text.UNIT_NOT_FOUND.format(name=name)}, status=int(InvalidInput.status))
    exact = [match for match in found if match.is_exact]
    if len(found) == 1 or (len(exact) == 1 and exact[0] is found[0]):
        return Shown(await service.explain_destination(kind, found[0].unit.code))
    return Shown(
        candidates=[match.unit for match in found], notes={match.unit.code: match.note for match in found}, search=name,
    )


def _form(request: Request, draft: Draft, shown: Shown) -> Response:
    """Answer with the second page."""
    values = {name: draft.values.get(name, "") for name in _FIELDS}
    answer = page(
        request, "send.html", title=petition_text.SEND_TITLE, full_page=FULL_PAGE, status=shown.status,
        # After the first request it holds what somebody typed. Before, the browser may keep it, and so what is typed into it.
        is_private=request.method == "POST",
        draft=draft, shown=shown, values=values, texts=petition_text, place_limit=PLACE_LIMIT,
        photo_hint=text.ASK_PHOTO_HINT.format(limit=settings().photos_per_petition, size=settings().upload_limit // 2**20),
    )
    if shown.retry_after is not None:
        answer.headers["Retry-After"] = str(shown.retry_after)
    return answer
