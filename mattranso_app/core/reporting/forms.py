"""What a form asks: indicators with their breakdowns, in sections, for a period and for whom.

A definition is one JSON document, frozen when it is published: it carries whole copies of its indicators and categories, so
a period that was reported by it reads the same for ever, in the browser, in Excel and in a total. A form's next version
holds from a period on. A cell is an indicator, or one part of its breakdown; its key (`hoi_vien`, `hoi_vien/nu.duoi_30`)
and its slot in the arrays of numbers stay the same through all versions of the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mattranso_app.core.reporting.periods import PeriodKind

MOST_CELLS = 600
"""Cells of one form."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Option(_Frozen):
    """One value of a category or of a choice."""

    code: Code
    name: Name


class Category(_Frozen):
    """Something figures are broken down by.

    A category whose options `overlap` (women, ethnic minority, non-Party: one person can be all three) never adds up to
    the whole, which is entered beside it; the options of any other category share out the whole, which is their sum.
    """

    code: Code
    name: Name
    options: tuple[Option, ...] = Field(min_length=1, max_length=40)
    overlaps: bool = False


class Indicator(_Frozen):
    """What is counted, or told in words.

    Attributes:
        type: a whole number, a number with up to 4 decimals, words, a day (ISO), or one of `options`.
        measure: what is counted ("người", "lượt", "tổ chức"); figures of two measures are never added up.
        over_time: `stock` is the state at the end of the period (over time the last one holds), `flow` happened in the
            period (over time added up). Only for numbers.
        sums_over_units: whether the figure of a province is the sum of its communes' figures; a rate is not.
        categories: codes of what it is broken down by: those that share out are crossed, each that overlaps stands alone.
        formula: the expression that makes it (see `expressions`); then nobody types it.
        basis: the document that asks for it.
    """

    code: Code
    name: Name
    type: Literal["integer", "decimal", "text", "date", "choice"] = "integer"
    measure: Annotated[str, StringConstraints(max_length=40)] = ""
    over_time: Literal["stock", "flow"] | None = None
    sums_over_units: bool = True
    categories: tuple[Code, ...] = ()
    options: tuple[Option, ...] = ()
    formula: Any = None
    is_required: bool = False
    help: Words = ""
    basis: Words = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells hold numbers."""
        return self.type in ("integer", "decimal")

    @model_validator(mode="after")
    def _whole(self) -> Indicator:
        if self.is_number and (self.over_time is None or not self.measure):
            raise ValueError(f"Chỉ tiêu “{self.name}”: chọn đơn vị tính và cách cộng theo thời gian.")
        if self.type == "choice" and not self.options:
            raise ValueError(f"Chỉ tiêu “{self.name}”: thêm ít nhất một lựa chọn.")
        if not self.is_number and (self.categories or self.formula is not None):
            raise ValueError(f"Chỉ tiêu “{self.name}”: chỉ số mới chia nhóm hoặc tính theo công thức.")
        if self.formula is not None and self.categories:
            raise ValueError(f"Chỉ tiêu “{self.name}”: chỉ tiêu tính theo công thức không chia nhóm.")
        return self


class Section(_Frozen):
    """A part of a form under its own heading."""

    title: Name
    note: Words = ""
    indicators: tuple[Indicator, ...] = Field(min_length=1, max_length=200)


@dataclass(frozen=True, slots=True)
class Cell:
    """One place for a value.

    Attributes:
        key: as the module says.
        indicator: what it belongs to.
        options: the options of its breakdown, empty for the whole.
        label: its name within the indicator, empty for the whole.
        is_computed: a whole that its parts add up to, or a formula's result; never typed.
    """

    key: str
    indicator: Indicator
    options: tuple[str, ...]
    label: str
    is_computed: bool

    @property
    def is_number(self) -> bool:
        """Whether it holds a number."""
        return self.indicator.is_number

    @property
    def is_required(self) -> bool:
        """Whether it must be filled, or its gap named, before the report goes up."""
        return self.indicator.is_required and not self.is_computed

    @property
    def name(self) -> str:
        """Its name in the form: the indicator's and its own."""
        return f"{self.indicator.name} — {self.label}" if self.label else self.indicator.name


class FormDefinition(_Frozen):
    """One version of a form.

    Attributes:
        period_kind: what one report is about.
        levels: who reports: central, province, commune, group.
        organisations: codes of the organisations that report, each for itself.
        opens_days: days before the end of the period from which it can be filled.
        due_days: working days after the end of the period by which it is due.
        lock_days: days after it was due on which changes end; None: only approval ends them.
        categories: what its indicators are broken down by.
        checks: see `checks`.
    """

    title: Name
    purpose: Words = ""
    period_kind: PeriodKind
    levels: tuple[Literal["central", "province", "commune", "group"], ...] = Field(min_length=1)
    organisations: tuple[str, ...] = Field(min_length=1, max_length=20)
    opens_days: int = Field(default=7, ge=0, le=400)
    due_days: int = Field(default=5, ge=0, le=120)
    lock_days: int | None = Field(default=None, ge=0, le=400)
    categories: tuple[Category, ...] = Field(default=(), max_length=20)
    sections: tuple[Section, ...] = Field(min_length=1, max_length=30)
    checks: tuple[dict[str, Any], ...] = Field(default=(), max_length=100)
    basis: Words = ""

    @model_validator(mode="after")
    def _consistent(self) -> FormDefinition:
        known = {category.code for category in self.categories}
        if len(known) != len(self.categories):
            raise ValueError("Hai nhóm phân tổ trùng mã.")
        codes = [indicator.code for indicator in self.indicators]
        if len(set(codes)) != len(codes):
            raise ValueError("Một chỉ tiêu xuất hiện hai lần trong biểu.")
        for indicator in self.indicators:
            unknown = set(indicator.categories) - known
            if unknown:
                raise ValueError(f"Chỉ tiêu “{indicator.name}”: không có nhóm phân tổ {', '.join(sorted(unknown))}.")
            if any(self._category(code).overlaps for code in indicator.categories) and len(indicator.categories) > 1:
                raise ValueError(f"Chỉ tiêu “{indicator.name}”: nhóm có người trùng nhau phải đứng riêng.")
        chosen = [(each.name, each.options) for each in self.categories] + [(each.name, each.options) for each in self.indicators]
        for name, options in chosen:
            if len({option.code for option in options}) != len(options):
                raise ValueError(f"“{name}”: hai lựa chọn trùng mã.")
        if len(self.cells) > MOST_CELLS:
            raise ValueError(f"Biểu có {len(self.cells)} ô, nhiều nhất là {MOST_CELLS}. Hãy chia thành nhiều biểu.")
        return self

    @property
    def indicators(self) -> Iterator[Indicator]:
        """All indicators in the order of the form."""
        return (indicator for section in self.sections for indicator in section.indicators)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """All cells by key, in the order of the form: each whole before its parts."""
        return {cell.key: cell for indicator in self.indicators for cell in self._cells_of(indicator)}

    def _category(self, code: str) -> Category:
        return next(category for category in self.categories if category.code == code)

    def _cells_of(self, indicator: Indicator) -> Iterator[Cell]:
        categories = [self._category(code) for code in indicator.categories]
        shared = bool(categories) and not categories[0].overlaps
        yield Cell(indicator.code, indicator, (), "", shared or indicator.formula is not None)
        for parts in product(*(category.options for category in categories)) if categories else ():
            codes = tuple(part.code for part in parts)
            yield Cell(f"{indicator.code}/{'.'.join(codes)}", indicator, codes, ", ".join(part.name for part in parts), False)

    def parts_of(self, cell: Cell) -> list[str]:
        """Return the keys of the cells that share out `cell`; empty when none do."""
        if cell.options or not cell.is_computed or cell.indicator.formula is not None:
            return []
        return [key for key, each in self.cells.items() if each.indicator.code == cell.indicator.code and each.options]
