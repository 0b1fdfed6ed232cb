"""What we depend on: above the security floors, pinned where we import it, and complete in the lock."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import venv
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mattranso_app.settings import ROOT

FOR_TESTS = {"aiohttp", "playwright"}
"""Imported by commands that only developers run (test, bench); pinned in requirements-test.txt."""
TOOLS_OF_THEIR_OWN = {"vietnam_provinces": "units/data/extract.py, run by hand with a package that is not installed"}

IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys
import mattranso_app
import mattranso_app.server
mattranso_app.server.prepare_environment()
skipped = %s
for module in pkgutil.walk_packages(mattranso_app.__path__, "mattranso_app."):
    if not module.name.startswith(tuple(skipped)):
        importlib.import_module(module.name)
print(json.dumps(sorted(sys.modules)))
"""
NOT_IMPORTED = ["mattranso_app.bench", "mattranso_app.units.data", "mattranso_app.core.files.pdf_inspect"]


def pinned(file: str) -> dict[str, str]:
    """Versions by canonical name in a requirements or lock file."""
    pins = {}
    for line in (ROOT / file).read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", line):
            pins[canonicalize_name(found[1])] = found[2]
    return pins


def floors(lines: str) -> list[Requirement]:
    """The requirements in the words of security-floors.txt."""
    return [Requirement(words) for line in lines.splitlines() if (words := line.partition("#")[0].strip())]


def below(table: list[Requirement], lock: dict[str, str]) -> list[str]:
    """What in `lock` is below its floor, or not there."""
    return [
        f"{floor.name}: {lock.get(canonicalize_name(floor.name), 'not in the lock')}, wanted {floor.specifier}"
        for floor in table
        if not floor.specifier.contains(lock.get(canonicalize_name(floor.name), ""), prereleases=True)
        or canonicalize_name(floor.name) not in lock
    ]


def third_party_imports() -> dict[str, set[str]]:
    """Top-level names imported anywhere in the app, with the files that do."""
    names: dict[str, set[str]] = {}
    for path in (ROOT / "mattranso_app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found = [node.module or ""]
            else:
                continue
            for name in found:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "mattranso_app":
                    names.setdefault(top, set()).add(str(path.relative_to(ROOT)))
    return names


@pytest.fixture(scope="module")
def loaded_modules() -> list[str]:
    """Every module that importing the whole app loads, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_EVERYTHING % NOT_IMPORTED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    assert "mattranso_app.petitions.api" in modules
    return modules


def test_the_locks_are_above_the_floors() -> None:
    table = floors((ROOT / "security-floors.txt").read_text())
    assert len(table) >= 8
    assert below(table, pinned("requirements.lock")) == []
    also_in_tests = pinned("requirements-test.lock")
    assert below([floor for floor in table if canonicalize_name(floor.name) in also_in_tests], also_in_tests) == []


@pytest.mark.parametrize(
    ("locked", "wrong"),
    [
        ({"starlette": "1.3.0"}, True),
        ({"starlette": "1.3.1"}, False),
        ({"starlette": "1.10.0"}, False),
        ({}, True),
        ({"starlette": "1.82.7"}, True),
    ],
)
def test_the_floor_check_can_fail(locked: dict[str, str], wrong: bool) -> None:
    assert bool(below(floors("starlette>=1.3.1,!=1.82.7  # a reason"), locked)) is wrong


def test_every_direct_import_is_a_direct_pin() -> None:
    distributions = packages_distributions()
    pins = pinned("requirements.txt") | dict.fromkeys(FOR_TESTS, "")
    assert pinned("requirements-test.txt").keys() >= FOR_TESTS
    missing = {
        name: sorted(files)
        for name, files in third_party_imports().items()
        if name not in TOOLS_OF_THEIR_OWN
        and not {canonicalize_name(made) for made in distributions.get(name, [])} & pins.keys()
    }
    assert missing == {}


def test_both_locks_agree() -> None:
    lock, tests = pinned("requirements.lock"), pinned("requirements-test.lock")
    assert {name for name in lock.keys() & tests.keys() if lock[name] != tests[name]} == set()
    assert {name: version for name, version in pinned("requirements.txt").items() if lock.get(name) != version} == {}


def test_nothing_loads_a_package_that_is_not_locked(loaded_modules: list[str]) -> None:
    """What is here only because the tests need it would be missing where the lock alone is installed."""
    lock = pinned("requirements.lock").keys()
    distributions = packages_distributions()
    loaded = {name.partition(".")[0] for name in loaded_modules}
    foreign = {
        name: distributions[name]
        for name in loaded & distributions.keys()
        if not {canonicalize_name(made) for made in distributions[name]} & lock
    }
    assert {name: made for name, made in foreign.items() if not {"setuptools", "pip"} & set(made)} == {}


def test_language_models_are_loaded_only_when_they_are_used(loaded_modules: list[str]) -> None:
    assert [name for name in loaded_modules if name.split(".")[0] == "litellm"] == []
    named = [path for path in (ROOT / "mattranso_app").rglob("*.py") if re.search(r"litellm[. ]+(import )?proxy", path.read_text())]
    assert named == []


@pytest.mark.drill
def test_the_lock_alone_suffices(tmp_path: Path) -> None:
    """A fresh environment from requirements.lock imports every module."""
    venv.create(tmp_path / "env", with_pip=True)
    python = str(tmp_path / "env" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    subprocess.run([*install, "-r", str(ROOT / "requirements.lock")], check=True)
    code = IMPORT_EVERYTHING % [*NOT_IMPORTED, "mattranso_app.chromium"]
    done = subprocess.run([python, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
