"""The expression language of checks, limits and computed cells: small, closed, JSON; evaluated alike here and in the browser.

`parse` turns JSON into an `Expression` or says in Vietnamese what is wrong and where; everything else takes the parsed one.
The browser's evaluator is assets/reporting/expressions.js; both pass tests/core/reporting/expression_vectors.json.

| JSON | is |
|---|---|
| `12`, `0.25` | a constant: below 10¹¹, at most 4 decimal places |
| `true`, `false` | a constant truth |
| `{"cell": "k"}` | a cell of the same report |
| `{"cell": "k", "form": "f"}` | a cell of another form, in the same period |
| `{"cell": "k", "period": "previous", "back": 3}` | its own history: 3 periods ago (1 when `back` is left out); also with `form` |
| `{"cell": "k", "period": "last_year"}` | the same period of last year; also with `form` |
| `{"known": "communes"}` | a figure the platform knows of the unit |
| `{"+": […]}`, `{"*": […]}` | of two or more; `{"-": [a, b]}`, `{"/": [a, b]}` of two |
| `{"sum": […]}`, `min`, `max`, `mean` | over several cells |
| `{"percent": [a, b]}` | how many per cent `a` is of `b` |
| `{"share": [p, x]}` | `p` per cent of `x` |
| `{"abs": x}`, `{"round": [x, digits]}` | magnitude; rounded to 0–4 decimal places |
| `{"=": [a, b]}`, `!=` `<` `<=` `>` `>=` | comparisons of two numbers |
| `{"and": […]}`, `{"or": […]}`, `{"not": t}` | of truths |
| `{"if": [t, a, b]}` | `a` when `t` is true, else `b`, else empty when there is no `b`; both numbers or both truths |
| `{"filled": {"cell": "k"}}` | whether the cell has anything in it, words included |

**Numbers** are whole multiples of 0.0001 below 10¹⁵. `+`, `-`, `sum`, comparisons are exact; `*`, `/`, `mean`, `percent`,
`share` are rounded once, half away from zero, to 4 decimal places (`*` of more than two: after each factor). What grows
to 10¹⁵ or beyond is empty.

**Empty** (`None`): `+ - * / percent share abs round` need all their parts, one empty makes them empty. `sum min max mean` take
those there are and are empty only when all are. A comparison with an empty side cannot be judged: `None`. `and or not`
follow three-valued logic: false and unknown is false, true or unknown is true. `if` with an unjudged condition is empty.
Division by zero is empty. So a half filled form is never wrong because of what is not there yet.
"""

from mattranso_app.core.reporting.expressions.cycles import compute, find_cycle, in_order, refuse_cycle, with_computed
from mattranso_app.core.reporting.expressions.evaluation import Resolve, evaluate
from mattranso_app.core.reporting.expressions.measures import check_measures
from mattranso_app.core.reporting.expressions.numbers import Raw, show_number
from mattranso_app.core.reporting.expressions.parsing import as_json, check_references, parse, references
from mattranso_app.core.reporting.expressions.tree import COMPARISONS, MAX_BACK, Cell, Expression, ExpressionError, Known, Reference
from mattranso_app.core.reporting.expressions.wording import describe

__all__ = [
    "COMPARISONS", "MAX_BACK", "Cell", "Expression", "ExpressionError", "Known", "Raw", "Reference", "Resolve", "as_json", "check_measures",
    "check_references", "compute", "describe", "evaluate", "find_cycle", "in_order", "parse", "references", "refuse_cycle",
    "show_number", "with_computed",
]  # fmt: skip
