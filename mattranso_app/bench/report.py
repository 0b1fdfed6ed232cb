"""A bench's result: a table for the eye, JSON under bench/results/ for the next run, exit code 1 when a bar is missed."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from mattranso_app.settings import ROOT

RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `bar` is the most it may be (None: told, not judged)."""

    name: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def is_within(self) -> bool:
        """Whether the figure keeps its bar."""
        return self.bar is None or self.value <= self.bar


@dataclass(slots=True)
class Report:
    """Figures of one run of the bench `name`, made with `parameters`."""

    name: str
    parameters: dict[str, object] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    load_before: tuple[float, float, float] = field(default_factory=os.getloadavg)

    def add(self, name: str, value: float, unit: str, bar: float | None = None) -> None:
        """Add a figure."""
        self.figures.append(Figure(name, round(float(value), 3), unit, bar))

    def finish(self) -> int:
        """Print the table, write the JSON and return the exit code: 1 when a bar is missed."""
        width = max((len(figure.name) for figure in self.figures), default=10)
        told = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        print(f"\n{self.name}{f' ({told})' if told else ''}")
        for figure in self.figures:
            bar = "" if figure.bar is None else f"  mức ≤ {figure.bar:g}  {'đạt' if figure.is_within else 'KHÔNG ĐẠT'}"
            print(f"  {figure.name:{width}}  {figure.value:>12,.2f} {figure.unit:6}{bar}")
        RESULTS.mkdir(parents=True, exist_ok=True)
        target: Path = RESULTS / f"{self.name}.json"
        document = {
            "bench": self.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": _commit(),
            "machine": {
                "cores": os.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
                "system": platform.platform(), "load_before": round(self.load_before[0], 2),
            },
            "python": platform.python_version(),
            "parameters": self.parameters,
            "figures": [{**asdict(figure), "within": figure.is_within} for figure in self.figures],
        }
        target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        missed = [figure for figure in self.figures if not figure.is_within]
        print(f"  → {target.relative_to(ROOT)}; {'mọi mức đều đạt' if not missed else f'{len(missed)} mức không đạt'}")
        return 1 if missed else 0


def _commit() -> str:
    """Return the commit that was measured, marked when the tree holds more than it; empty outside a repository."""
    try:
        result = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return result.stdout.strip()


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0…1) of `values` lie, by nearest rank; 0 for an empty list."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
