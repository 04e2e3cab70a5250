"""The example package of docs/examples, installed as a stranger installs it: it keeps the contract, and is paid with."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from config import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "kikao-examplepay"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package's source, and a venv over the suite's own packages that has it: no network was asked."""
    place = tmp_path_factory.mktemp("outside")
    venv.create(place / "venv", with_pip=False, symlinks=True)
    suite, own = sysconfig.get_path("purelib"), _run(place, "-c", "import sysconfig as s; print(s.get_path('purelib'))")
    Path(own.strip(), "suite.pth").write_text(f"import site; site.addsitedir({suite!r})\n")
    shutil.copytree(EXAMPLE, place / "source")  # building leaves its traces beside the source
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    _run(place, "-m", "pip", "install", "--quiet", *offline, str(place / "source"))
    return place


def _run(place: Path, *arguments: str) -> str:
    """What the venv's Python says, from the root of the checkout. It must succeed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    command = [str(place / "venv" / "bin" / "python"), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_keeps_the_contract_by_its_own_tests(installed: Path) -> None:
    said = _run(installed, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", str(installed / "source/tests"))
    assert " passed" in said


def test_a_booking_is_paid_through_the_installed_package(installed: Path) -> None:
    """Booked over the API, begun, told by a signed callback, confirmed, paid back: and the books are in order."""
    said = _run(installed, "-m", "pytest", "-n0", str(ROOT / "tests/examples/paying.py"))
    assert "2 passed" in said


def test_it_imports_nothing_of_kikao_but_what_is_promised() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in EXAMPLE.rglob("*.py"))
    assert set(re.findall(r"^(?:from|import) (app|tests|sandbox|kikao)\b", code, re.MULTILINE)) == {"kikao"}


def test_here_where_it_is_not_installed_nothing_of_it_is_known() -> None:
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('kikao_examplepay') is not None)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
