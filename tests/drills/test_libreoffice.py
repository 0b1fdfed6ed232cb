"""LibreOffice reads templates as they were written, and a template that went through it comes back whole.

A drill: the program is large (Debian's `libreoffice-calc-nogui`, about 300 MB installed), so it is installed for this alone.
Without it the drill fails.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from mattranso_app.core.reporting.sheets import check, read_template
from tests.core.reporting.test_sheets import FORM, STORED, TYPED, held, made

pytestmark = pytest.mark.drill


def convert(source: Path, kind: str, directory: Path) -> Path:
    """Return `source` as LibreOffice writes it in another format."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "this drill needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc-nogui"
    directory.mkdir()
    subprocess.run(
        [program, "--headless", f"-env:UserInstallation=file://{directory}/profile", "--convert-to", kind, "--outdir", str(directory),
         str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return directory / source.with_suffix(f".{kind.partition(':')[0]}").name


@pytest.mark.parametrize("shape", ["grid", "list"])
def test_libreoffice_reads_and_writes_templates(shape: str, tmp_path: Path) -> None:
    data, template = made(shape, before={"00004": {"cuoc": "3"}})
    source = tmp_path / "mau.xlsx"
    source.write_bytes(data)
    back = convert(source, "xlsx", tmp_path / "xlsx")
    filled = read_template(back.read_bytes())
    checked = check(FORM, filled)
    assert filled.template == template and checked.problems == []
    assert held(checked.values["00004"]) == {key: value for key, value in STORED["00004"].items() if key in TYPED}
    sheet = load_workbook(io.BytesIO(back.read_bytes()), data_only=True)["Số liệu"]
    assert sheet.protection.sheet and 30 in {cell.value for row in sheet.iter_rows() for cell in row}, "the whole is the sum of its parts"
    lines = convert(source, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", tmp_path / "csv").read_text(encoding="utf-8")
    assert "Biểu thử" in lines and ("Phường Ừ Đỗ" in lines or shape == "list")
