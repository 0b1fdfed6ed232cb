"""What a citizen sends, checked field by field: every message says what to do, and nothing is cut off silently."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.text import clean_text
from mattranso_app.identity.contacts import parse_contact
from mattranso_app.petitions import text
from mattranso_app.petitions.models import Channel, Kind

TITLE_LIMIT = 150
BODY_LIMIT = 5_000
BODY_MINIMUM = 15
PLACE_LIMIT = 200
_RAW_LIMIT = 50_000
"""Characters looked at before cleaning; more is refused outright, so that cleaning costs little."""
_DERIVED_TITLE = 90

_KEY = re.compile(r"[A-Za-z0-9_\-]{22,128}")
_HALF = re.compile("[\ud800-\udfff]")
_SENTENCE_END = re.compile(r"[.!?…;\n]")


class Submission(BaseModel):
    """A petition as it was sent, cleaned.

    Attributes:
        kind: report, proposal or question.
        title: one line; made from the first sentence of the body when left empty.
        body: what it is about.
        unit: official code of the unit it is addressed to (a commune, a province, or `vn`: Central).
        place: where, in the sender's words; may be empty.
        phone: mobile number as +84…, or empty.
        email: e-mail address, or empty. Without both the petition is anonymous.
        consent: to use phone and e-mail for telling the outcome; needed when one of them is given.
        channel: the door it came in by.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    title: str = Field(default="", max_length=_RAW_LIMIT)
    body: str = Field(max_length=_RAW_LIMIT)
    unit: str = Field(min_length=1, max_length=20, pattern=r"^[a-z0-9]+$")
    place: str = Field(default="", max_length=_RAW_LIMIT)
    phone: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=300)
    consent: bool = False
    channel: Channel = Channel.WEB

    @property
    def is_anonymous(self) -> bool:
        """Whether the sender left no way to be reached."""
        return not self.phone and not self.email

    @property
    def contact_hint(self) -> str:
        """What officers see of the contact before they ask for it with a reason."""
        return " · ".join(parse_contact(value).masked for value in (self.phone, self.email) if value)

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: object) -> object:
        if isinstance(value, str) and value in text.DOORS:
            raise ValueError(text.DOORS[value])
        return value

    @field_validator("title", "body", "unit", "place", "phone", "email", mode="before")
    @classmethod
    def _whole_characters(cls, value: object) -> object:
        # Half of an emoji, as a browser leaves it where it cuts a text off, is no reason to send a person back.
        return _HALF.sub("", value) if isinstance(value, str) else value

    @field_validator("title")
    @classmethod
    def _title(cls, value: str) -> str:
        return clean_text(value, TITLE_LIMIT, multiline=False)

    @field_validator("body")
    @classmethod
    def _body(cls, value: str) -> str:
        value = clean_text(value, BODY_LIMIT)
        if not value:
            raise ValueError(text.BODY_MISSING)
        if len(value) < BODY_MINIMUM:
            raise ValueError(text.BODY_SHORT)
        return value

    @field_validator("place")
    @classmethod
    def _place(cls, value: str) -> str:
        return clean_text(value, PLACE_LIMIT, multiline=False)

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str) -> str:
        return _contact(value, "phone", text.PHONE_WRONG)

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        return _contact(value, "email", text.EMAIL_WRONG)

    @field_validator("consent", mode="before")
    @classmethod
    def _ticked(cls, value: object) -> object:
        return value in (True, "on", "1", "true")

    @model_validator(mode="after")
    def _derive_title(self) -> Submission:
        if not self.title:
            object.__setattr__(self, "title", first_sentence(self.body))
        return self

    def digest(self, photos: Iterable[bytes] = ()) -> bytes:
        """Return 32 bytes that differ when anything that was sent differs. They are hashed again with a key before they are kept.

        Args:
            photos: SHA-256 of each photo, in their order.
        """
        content = self.model_dump(mode="json", exclude={"channel", "consent"})
        content["photos"] = [photo.hex() for photo in photos]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).digest()


def first_sentence(body: str) -> str:
    """Return the first sentence of `body` as a title, cut at a word when it is long."""
    sentence = _SENTENCE_END.split(body, maxsplit=1)[0].strip() or " ".join(body.split())
    if len(sentence) <= _DERIVED_TITLE:
        return sentence
    return sentence[:_DERIVED_TITLE].rsplit(" ", 1)[0] + "…"


def check_submission(data: Mapping[str, Any]) -> Submission:
    """Return what was sent as a `Submission`.

    Args:
        data: the form's fields, named as in `Submission`. A form with one box for telephone or e-mail calls it `contact`.
            `website` is a box no person sees; what fills it is a program.

    Raises:
        InvalidInput: something is missing or wrong; `fields` has a message for each field of the form.
    """
    values = dict(data)
    single = values.pop("contact", None)
    kind = "email" if isinstance(single, str) and "@" in single else "phone"
    if single is not None:
        values[kind] = single
    fields: dict[str, str] = {}
    submission = None
    try:
        submission = Submission.model_validate(values)
    except ValidationError as error:
        fields = _messages(error)
    reached = str(values.get("phone") or "").strip() or str(values.get("email") or "").strip()
    if reached and values.get("consent") not in (True, "on", "1", "true"):
        fields["consent"] = text.CONSENT_MISSING
    if single is not None and kind in fields:
        fields["contact"] = fields.pop(kind)
    if values.get("website"):
        fields["body"] = text.LOOKS_LIKE_A_PROGRAM
    if submission is None or fields:
        raise InvalidInput(text.SOMETHING_WRONG, fields=fields)
    return submission


def check_client_key(key: str) -> str:
    """Return the client-made key of one sending.

    Raises:
        InvalidInput: it is missing or too short to be the random 128 bits it has to be.
    """
    if not _KEY.fullmatch(key):
        raise InvalidInput(text.KEY_WRONG)
    return key


_BY_FIELD = {
    "kind": text.KIND_UNKNOWN, "body": text.BODY_MISSING, "unit": text.UNIT_MISSING, "phone": text.PHONE_WRONG,
    "email": text.EMAIL_WRONG,
}


def _contact(typed: str, kind: str, wrong: str) -> str:
    if not typed.strip():
        return ""
    try:
        contact = parse_contact(typed)
    except InvalidInput as error:
        raise ValueError(wrong) from error
    if contact.kind != kind:
        raise ValueError(wrong)
    return contact.value


def _messages(error: ValidationError) -> dict[str, str]:
    messages: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"]) or "body"
        if item["type"] == "value_error":
            message = str(item["ctx"]["error"])
        elif item["type"] == "string_too_long" and name in _LIMITS:
            message = text.TOO_LONG.format(limit=_LIMITS[name])
        else:
            message = _BY_FIELD.get(name, text.WRONG_VALUE)
        messages.setdefault(name, message)
    return messages


_LIMITS = {"title": "150", "body": "5.000", "place": "200"}
