"""Excel templates of forms: made for one unit or for many, read back within bounds, checked cell by cell, marked.

`template` says what a file is about, `writing` makes it, `reading` opens what comes back, `checking` finds what it holds and
what is wrong, `marking` shows that in the file itself. What is stored, who may write, and writing it is the tool's.
"""

from mattranso_app.core.reporting.sheets.checking import Checked, Problem, check, shown
from mattranso_app.core.reporting.sheets.marking import mark
from mattranso_app.core.reporting.sheets.reading import LARGEST_FILE, FilledTemplate, read_template
from mattranso_app.core.reporting.sheets.template import SheetUnit, Template
from mattranso_app.core.reporting.sheets.writing import MOST_CELLS, Filling, write_template

__all__ = [
    "LARGEST_FILE",
    "MOST_CELLS",
    "Checked",
    "FilledTemplate",
    "Filling",
    "Problem",
    "SheetUnit",
    "Template",
    "check",
    "mark",
    "read_template",
    "shown",
    "write_template",
]
