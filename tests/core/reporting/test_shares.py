"""Where figures of ended and divided units go: shares multiplied to the end, nothing lost, nothing guessed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core.reporting.shares import ALWAYS, NEVER, Share, Standing, Succession, close_shares
from mattranso_app.core.reporting.summing import Figure

D1, D2 = date(2026, 3, 1), date(2026, 9, 1)
COUNTRY, PROVINCE, OTHER = Standing(1, None, "vn/", None), Standing(2, 1, "vn/01/", None), Standing(3, 1, "vn/04/", None)


def commune(number: int, ended_on: date | None = None, province: Standing = PROVINCE) -> Standing:
    return Standing(number, province.unit_id, f"{province.path}{number:05}/", ended_on)


def shares(*things) -> list[tuple]:
    units = [COUNTRY, PROVINCE, OTHER, *(thing for thing in things if isinstance(thing, Standing))]
    found = close_shares(units, [thing for thing in things if isinstance(thing, Succession)])
    return [(row.from_id, row.since, row.until, row.to_id, row.share, row.is_divided) for row in found]


def test_a_merger_without_a_share_goes_whole() -> None:
    assert shares(commune(10, D1), commune(11), Succession(10, 11, D1, None)) == [(10, ALWAYS, NEVER, 11, 1, True)]


def test_shares_are_multiplied_along_the_way() -> None:
    found = shares(
        commune(10, D1), commune(11, D2), commune(12), commune(13), Succession(10, 11, D1, Decimal("0.3")),
        Succession(10, 12, D1, Decimal("0.7")), Succession(11, 12, D2, Decimal("0.333333")), Succession(11, 13, D2, Decimal("0.666667")),
    )  # fmt: skip
    assert found == [
        (10, ALWAYS, NEVER, 12, Decimal("0.7999999"), True), (10, ALWAYS, NEVER, 13, Decimal("0.2000001"), True),
        (11, ALWAYS, NEVER, 12, Decimal("0.333333"), True), (11, ALWAYS, NEVER, 13, Decimal("0.666667"), True),
    ]  # fmt: skip


def test_what_nobody_divided_belongs_to_what_holds_it_all() -> None:
    ended, one, two, away = commune(10, D1), commune(11), commune(12), commune(13, province=OTHER)
    unknown = [Succession(10, 11, D1, None), Succession(10, 12, D1, None)]
    assert shares(ended, one, two, *unknown) == [(10, ALWAYS, NEVER, 2, 1, False)]
    assert shares(ended, one, away, Succession(10, 11, D1, None), Succession(10, 13, D1, None)) == [(10, ALWAYS, NEVER, 1, 1, False)]
    partly = [Succession(10, 11, D1, Decimal("0.25")), Succession(10, 12, D1, None)]
    known, rest = Decimal("0.25"), Decimal("0.75")
    assert shares(ended, one, two, *partly) == [(10, ALWAYS, NEVER, 11, known, True), (10, ALWAYS, NEVER, 12, rest, True)]


def test_a_unit_that_goes_on_keeps_the_rest_of_what_was_before() -> None:
    found = shares(commune(10), commune(11), Succession(10, 11, D1, Decimal("0.2")))
    assert found == [(10, ALWAYS, D1, 10, Decimal("0.8"), True), (10, ALWAYS, D1, 11, Decimal("0.2"), True)]
    assert shares(commune(10), commune(11), Succession(10, 11, D1, None)) == [(10, ALWAYS, D1, 2, 1, False)]


def test_a_closed_group_counts_in_its_commune_wherever_that_went() -> None:
    group = Standing(20, 10, "vn/01/00010/g/", D1)
    found = shares(commune(10, D2), commune(11), group, Succession(10, 11, D2, None))
    assert [row for row in found if row[0] == 20] == [(20, ALWAYS, D2, 11, 1, False), (20, D2, NEVER, 11, 1, False)]


@given(st.data())
def test_every_unit_s_shares_add_up_to_one(data) -> None:
    count = data.draw(st.integers(2, 7))
    ends = [data.draw(st.none() | st.integers(0, 5)) for _ in range(count)]
    ends[-1] = None
    days = [None if end is None else D1 + timedelta(days=end) for end in ends]
    units = [commune(10 + at, days[at], data.draw(st.sampled_from([PROVINCE, OTHER]))) for at in range(count)]
    numbers = st.integers(10, 9 + count)
    share = st.none() | st.decimals("0.000001", 1, places=6)
    steps = []
    for _ in range(data.draw(st.integers(0, 8))):
        one, other = data.draw(numbers), data.draw(numbers)
        on = days[one - 10] or D1 + timedelta(days=data.draw(st.integers(0, 5)))
        if one != other:
            steps.append(Succession(one, other, on, data.draw(share)))
    whole: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    spans: dict[int, set[tuple[date, date]]] = defaultdict(set)
    for row in close_shares([COUNTRY, PROVINCE, OTHER, *units], steps):
        assert isinstance(row, Share) and 0 < row.share <= 1
        whole[row.from_id, row.since] += row.share
        spans[row.from_id].add((row.since, row.until))
    assert all(total == 1 for total in whole.values())
    for found in spans.values():
        ordered = sorted(found)
        assert all(one[1] <= other[0] for one, other in zip(ordered, ordered[1:], strict=False))


def test_percent_of_nothing_is_not_said() -> None:
    assert Figure("a", Decimal(5), 1, year_before=Decimal(0)).percent is None
    assert Figure("a", Decimal(5), 1, year_before=Decimal(3)).percent == Decimal("66.7")
    assert Figure("a", None, 0, year_before=Decimal(3)).difference is None
