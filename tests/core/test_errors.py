"""One table from domain error to status, code and plain Vietnamese words that say what to do."""

from __future__ import annotations

import inspect
import re
from http import HTTPStatus

import pytest

from mattranso_app.core import errors, http
from mattranso_app.core.errors import DomainError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, DomainError)]
VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)


def made(kind: type[DomainError]) -> DomainError:
    return kind("12ab34cd") if kind is errors.Fault else kind()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_speaks_plainly_and_says_what_to_do(kind: type[DomainError]) -> None:
    words = made(kind).text
    assert VIETNAMESE.search(words)
    assert words.endswith(".")
    assert 20 <= len(words) <= 160
    assert not re.search(r"error|exception|traceback|null|HTTP|server", words, re.IGNORECASE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_becomes_a_problem_document(kind: type[DomainError]) -> None:
    error = made(kind)
    answer = http.problem(error)
    assert answer.status_code == error.status
    assert 400 <= error.status < 600
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert f"urn:mattranso:error:{error.code}" in bytes(answer.body).decode()


def test_a_code_means_one_thing() -> None:
    same = {errors.DomainError, errors.BadRequest}  # the base and its plainest child
    codes = [kind.code for kind in KINDS if kind not in same]
    assert len(codes) == len(set(codes))


def test_what_is_said_may_be_said_otherwise() -> None:
    error = errors.TooMany("Chờ một chút.", fields={"text": "Dài quá."}, retry_after=7)
    assert (str(error), error.fields, error.retry_after) == ("Chờ một chút.", {"text": "Dài quá."}, 7)
    assert http.problem(error).headers["retry-after"] == "7"
    fault = errors.Fault("12ab34cd")
    assert "12ab34cd" in fault.text
    assert fault.status is HTTPStatus.INTERNAL_SERVER_ERROR
