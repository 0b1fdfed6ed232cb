"""The petition page before any script: it says what the public may read, escaped, and never more."""

from __future__ import annotations

from mattranso_app.core.db import count_statements
from mattranso_app.core.page_head import Head, insert
from mattranso_app.petitions import sources
from tests.petitions.factories import ANSWER, BODY, People, answered, send

SHELL = "<html><head><title>Chung</title></head><body></body></html>"
HOSTILE = '</script><img src=x onerror=alert(1)>" & xin xem'


async def shown(number: str) -> str:
    """Return the whole page of `number` as it is sent."""
    head = await sources.petition_head({"number": number})
    assert isinstance(head, Head)
    return insert(SHELL, head)


async def test_it_carries_question_answer_and_course(people: People) -> None:
    number = await answered(people, title="Đường thôn 5")
    page = await shown(number)
    block = page.split('<div id="first-view">')[1].split("<script")[0]
    for words in ("Đường thôn 5", BODY, ANSWER, number, 'class="timeline"'):
        assert words in block, words


async def test_what_people_wrote_is_text(people: People) -> None:
    page = await shown(await answered(people, title=HOSTILE))
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


async def test_nothing_that_is_not_public_is_in_it(people: People) -> None:
    waiting = (await send(title="Chuyện riêng")).number
    withheld = await answered(people, title="Chuyện riêng", withheld=True)
    for number in (waiting, withheld):
        page = await shown(number)
        assert number in page
        assert "Chuyện riêng" not in page
        assert BODY not in page


async def test_a_page_costs_few_statements(people: People) -> None:
    number = await answered(people, title="Đường thôn 5")
    statements: list[str] = []
    stop = count_statements(statements)
    try:
        await shown(number)
    finally:
        stop()
    assert 0 < len(statements) <= 5, statements
