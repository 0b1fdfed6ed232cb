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
from mattranso_app.petitions import text
from mattranso_app.petitions.models import Channel, Kind

TITLE_LIMIT = 150
BODY_LIMIT = 5_000
BODY_MINIMUM = 15
PLACE_LIMIT = 200
_RAW_LIMIT = 50_000
"""Characters looked at before cleaning; more is refused outright, so that cleaning costs little."""
_DERIVED_TITLE = 90

_PHONE = re.compile(r"0\d{9,10}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}")
_KEY = re.compile(r"[A-Za-z0-9_\-]{22,128}")
_SENTENCE_END = re.compile(r"[.!?…;\n]")


class Contact(BaseModel):
    """How the sender wants to hear; at least one of telephone and e-mail, and consent to use it for that."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(default="", max_length=500)
    phone: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=500)
    consent: bool = False

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        return clean_text(value, 100, multiline=False)

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str) -> str:
        digits = re.sub(r"[\s.\-()]", "", value)
        digits = re.sub(r"^(?:\+84|0084|84(?=\d{9}$))", "0", digits)
        if digits and not _PHONE.fullmatch(digits):
            raise ValueError(text.PHONE_WRONG)
        return digits

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        value = value.strip()
        if value and not _EMAIL.fullmatch(value):
            raise ValueError(text.EMAIL_WRONG)
        return value

    @model_validator(mode="after")
    def _reachable(self) -> Contact:
        if not self.phone and not self.email:
            raise ValueError(text.CONTACT_EMPTY)
        if not self.consent:
            raise ValueError(text.CONSENT_MISSING)
        return self


class Submission(BaseModel):
    """A petition as it was sent, cleaned.

    Attributes:
        kind: report, proposal or question.
        title: one line; made from the first sentence of the body when left empty.
        body: what it is about.
        unit: official code of the unit it is addressed to (commune or province; `vn` is Central).
        place: where, in the sender's words; may be empty.
        contact: None for an anonymous petition.
        channel: the door it came in by.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    title: str = Field(default="", max_length=_RAW_LIMIT)
    body: str = Field(max_length=_RAW_LIMIT)
    unit: str = Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9\-]+$")
    place: str = Field(default="", max_length=_RAW_LIMIT)
    contact: Contact | None = None
    channel: Channel = Channel.WEB

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: object) -> object:
        if isinstance(value, str) and value in text.DOORS:
            raise ValueError(text.DOORS[value])
        return value

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

    @model_validator(mode="after")
    def _derive_title(self) -> Submission:
        if not self.title:
            object.__setattr__(self, "title", first_sentence(self.body))
        return self

    def digest(self, photos: Iterable[bytes] = ()) -> bytes:
        """Return 32 bytes that differ when anything that was sent differs.

        Args:
            photos: SHA-256 of each photo, in their order.
        """
        content = self.model_dump(mode="json", exclude={"channel"})
        content["photos"] = [photo.hex() for photo in photos]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).digest()


def first_sentence(body: str) -> str:
    """Return the first sentence of `body` as a title, cut at a word when it is long."""
    sentence = _SENTENCE_END.split(body, maxsplit=1)[0].strip() or body[:_DERIVED_TITLE]
    if len(sentence) <= _DERIVED_TITLE:
        return sentence
    return sentence[:_DERIVED_TITLE].rsplit(" ", 1)[0] + "…"


def check_submission(data: Mapping[str, Any]) -> Submission:
    """Return what was sent as a `Submission`.

    Raises:
        InvalidInput: something is missing or wrong; `fields` has a message per field, named as in `Submission`, those of
            the contact as `contact.phone`, …
    """
    try:
        return Submission.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(text.SOMETHING_WRONG, fields=_messages(error)) from error


def check_client_key(key: str) -> str:
    """Return the client-made key of one sending.

    Raises:
        InvalidInput: it is missing or too short to be the random 128 bits it has to be.
    """
    if not _KEY.fullmatch(key):
        raise InvalidInput(text.KEY_WRONG)
    return key


_BY_FIELD = {"kind": text.KIND_UNKNOWN, "body": text.BODY_MISSING, "unit": text.UNIT_MISSING, "contact": text.CONTACT_EMPTY}


def _messages(error: ValidationError) -> dict[str, str]:
    messages: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"]) or "body"
        if item["type"] == "value_error":
            message = str(item["ctx"]["error"])
        elif item["type"] == "string_too_long":
            message = text.TOO_LONG.format(limit=_LIMITS.get(name, "100"))
        else:
            message = _BY_FIELD.get(name, text.WRONG_VALUE)
        messages.setdefault(name, message)
    return messages


_LIMITS = {"title": "150", "body": "5.000", "place": "200"}
