"""script/new-gateway, in a copy of the checkout: what it writes loads, and fails for what a person must write and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

PARTS = ("app", "kikao", "sandbox", "script", "tests", "config.py", "pyproject.toml")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which a gateway was begun."""
    place = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        found = ROOT / part
        kept = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(found, place / part, ignore=kept) if found.is_dir() else shutil.copy(found, place / part)
    done = _python(place, "-m", "script.support.new_gateway", "my_pay")
    assert done.returncode == 0, done.stderr
    return place


def _python(place: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=place, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def said(copy: Path) -> str:
    """What pytest says of the registry's tests and of the new one's."""
    tests = ("tests/gateways/test_registry.py", "tests/gateways/test_my_pay.py")
    return _python(copy, "-m", "pytest", "-n0", "--tb=line", *tests).stdout


def test_what_was_begun_is_registered_and_loads(copy: Path, said: str) -> None:
    code = "from app.gateways import adapter; print(adapter('my_pay').Settings.required())"
    assert _python(copy, "-c", code).stdout == "['MY_PAY_SECRET_KEY', 'MY_PAY_WEBHOOK_SECRET']\n"
    # The rooms of the suite that go over every gateway are a person's to fill.
    missing = ["test_every_registered_gateway_is_in_every_list_of_gateways_there_is_for_tests"]
    assert re.findall(r"^FAILED \S+test_registry\.py::(\w+)", said, re.MULTILINE) == missing, said


def test_its_tests_fail_for_what_is_not_written_and_for_nothing_else(said: str) -> None:
    reasons = re.findall(r"^\S+:\d+: (\w+): (\w+) is not written", said, re.MULTILINE)
    failed = len(re.findall(r"^FAILED \S+test_my_pay\.py", said, re.MULTILINE))
    assert len(reasons) == failed > 3, said
    assert "error" not in said.splitlines()[-1]
    written = {"start", "read_callback", "look_up", "refund", "check", "started", "sign", "paid_news"}
    assert {word for _, word in reasons} <= written | {"forgeries", "unknown_news", "wrong_starts"}


def test_what_it_writes_is_in_our_style(copy: Path) -> None:
    files = ["app/gateways/my_pay.py", "app/gateways/__init__.py", "tests/gateways/test_my_pay.py"]
    for check in (["check"], ["format", "--check"]):
        assert (done := _python(copy, "-m", "ruff", *check, *files)).returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["stripe", "my_pay", "base", "My-Pay", "", "9pay", "a" * 21, "../pay"])
def test_a_name_that_is_taken_or_can_be_none_writes_nothing(copy: Path, name: str) -> None:
    before = sorted(copy.rglob("*.py"))
    done = _python(copy, "-m", "script.support.new_gateway", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert sorted(copy.rglob("*.py")) == before
