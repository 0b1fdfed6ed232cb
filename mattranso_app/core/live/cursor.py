"""What has been seen: a PostgreSQL snapshot, used as the position in the stream of changes.

An ever-growing number is no safe position: a transaction that took its number early may commit late, and whoever reads
"everything after 41" never sees its 40. Waiting until no older transaction runs closes that hole, but then one long
import holds up all live figures for minutes, and ordering by transaction number is wrong as well (the transaction with
the higher number may commit first and be overwritten by the lower). So the position is the snapshot itself, as
`pg_current_snapshot()` gives it (`xmin:xmax:running,…`): what is new is what it does not see and we now do. No wait, no
hole, and it means the same in every process on the same database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d{1,20}):(\d{1,20}):((?:\d{1,20}(?:,\d{1,20})*)?)", re.ASCII)
_LONGEST = 4096
"""Characters a cursor may have when it comes from outside; enough for about 400 transactions at once."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A snapshot: which transactions had committed when it was taken.

    Attributes:
        xmin: every transaction below had ended.
        xmax: no transaction from here on had begun to count.
        running: those between that had not ended.
    """

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Return the cursor written as `xmin:xmax:running,…`.

        Raises:
            ValueError: the text is not of that form, or too long.
        """
        found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            raise ValueError("not a cursor")
        running = found[3]
        return cls(int(found[1]), int(found[2]), frozenset(map(int, running.split(","))) if running else frozenset())

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.running)))}"

    def sees(self, transaction: int) -> bool:
        """Return whether `transaction` (an xid8) had ended when the snapshot was taken."""
        return transaction < self.xmax and transaction not in self.running

    def covers(self, other: Cursor) -> bool:
        """Return whether everything `other` sees is seen here too."""
        if other.xmax > self.xmax:
            return False
        return all(transaction >= other.xmax or transaction in other.running for transaction in self.running)
