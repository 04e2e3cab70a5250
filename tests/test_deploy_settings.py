"""deploy/: what stands there starts only with passwords in place, and shows them to nobody."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from redis import Redis
from redis.exceptions import AuthenticationError

import config
from config import ROOT, ConfigError
from script.support import processes, valkey
from script.support.serve import worker_command

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
SECRET = "9f86d081884c7d659a2feaa0c55ad015"


def example(name: str) -> dict[str, str]:
    """What the example file says."""
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@contextmanager
def composed_redis(directory: Path, **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
    """compose.yaml's own command, whose image's script is ours: it starts the server that is here, on a socket in `directory`."""
    server = valkey.find_server()
    assert server
    script = directory / "docker-entrypoint.sh"
    script.write_text(f'#!/bin/sh\nshift\nexec {server} "$@" --port 0 --unixsocket {directory}/s --dir {directory}\n')
    script.chmod(0o700)
    command = [word.replace("$$", "$") for word in COMPOSE["redis"]["command"]]
    path = f"{directory}:{os.environ['PATH']}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = processes.start(command, env={"PATH": path} | environ, stdin=subprocess.DEVNULL, **quiet)
    try:
        yield process
    finally:
        processes.stop(process)


@pytest.fixture
def short(tmp_path: Path) -> Iterator[Path]:
    """A directory whose sockets have a path that the kernel takes."""
    place = Path(processes.short_directory()) / f"kikao-deploy-{os.getpid()}"
    place.mkdir()
    yield place
    for each in sorted(place.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    place.rmdir()


def test_composes_redis_asks_everybody_for_the_password_and_no_list_of_processes_has_it(short: Path) -> None:
    with composed_redis(short, REDIS_PASSWORD=SECRET) as process:
        deadline = time.monotonic() + 30
        while not (short / "s").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with Redis(unix_socket_path=str(short / "s")) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        with Redis(unix_socket_path=str(short / "s"), password=SECRET) as ours:
            assert ours.ping()
            assert ours.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert SECRET not in Path(f"/proc/{process.pid}/cmdline").read_text()


@pytest.mark.parametrize("environ", [{}, {"REDIS_PASSWORD": ""}])
def test_composes_redis_does_not_start_without_a_password(short: Path, environ: dict[str, str]) -> None:
    with composed_redis(short, **environ) as process:
        assert process.wait(30) != 0
    assert not (short / "s").exists()


def test_every_file_of_settings_has_an_example_whose_passwords_are_blank_or_named_so() -> None:
    for service in COMPOSE.values():
        found = example(f"{service['env_file']}.example")
        secrets = {name: value for name, value in found.items() if name.endswith(("KEY", "KEYS", "SECRET", "PASSWORD"))}
        assert set(secrets.values()) <= {""}
    assert ":PASSWORD@redis:" in example("kikao.env.example")["REDIS_URL"]


def test_the_example_untouched_is_refused_with_every_gap_at_once() -> None:
    """OPS-13."""
    with pytest.raises(ConfigError) as caught:
        config.from_environment(example("kikao.env.example"))
    assert {"SECRET_KEY"} == {name for name in ("SECRET_KEY", "SMTP_URL", "MAIL_FROM") if name in str(caught.value)}


def test_the_example_filled_in_is_taken() -> None:
    filled = {
        name: value or "a value of more than thirty-two letters" for name, value in example("kikao.env.example").items()
    }
    words = {
        "STRIPE_SECRET_KEY": "sk_live_1",
        "KIKAO_SMS": "twilio",
        "KIKAO_SMS_COUNTRIES": "KE,IN",
        "OIDC_PROVIDERS": "",
        "KIKAO_SECURITY_CONTACT": "mailto:a@kikao.example",
    }
    settings = config.from_environment(filled | words)
    assert settings["PRODUCTION"]


def test_what_is_started_exists() -> None:
    """And it is what script/server starts, and with it the suite's soaks."""
    unit = (DEPLOY / "systemd" / "kikao-worker@.service").read_text()
    assert COMPOSE["worker"]["command"] == ["flask", "worker"]
    assert "\nExecStart=/opt/kikao/.venv/bin/python -m flask worker\n" in unit
    assert "\nEnvironment=FLASK_APP=wsgi:app " in unit
    assert "FLASK_APP=wsgi:app" in (DEPLOY / "Dockerfile").read_text()
    assert worker_command()[1:] == ["-m", "flask", "--app", "wsgi:app", "worker"]
    assert {service for service in COMPOSE if "clock" in service} == set()


def test_no_process_reads_the_history_of_the_code() -> None:
    """ASVS 13.4.1: the image is sent what it needs by name; with systemd the checkout is there, and its history out of reach."""
    assert (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()[1] == "*"
    units = [*(DEPLOY / "systemd").glob("*.service")]
    assert len(units) == 3
    assert all("\nInaccessiblePaths=-/opt/kikao/.git\n" in unit.read_text() for unit in units)


@pytest.mark.parametrize(("ends", "rests"), [(0, 86_400), (1, 3_600)])
def test_the_container_of_backups_makes_one_a_day_and_tries_again_in_an_hour(
    tmp_path: Path, ends: int, rests: int
) -> None:
    """What it would call is here a word in a file; whoever rests ends the loop."""
    for name, code in (("flask", ends), ("sleep", 1)):
        script = tmp_path / name
        script.write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/said\nexit {code}\n')
        script.chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(COMPOSE["backup"]["command"], env={"PATH": path}, check=False)
    assert (tmp_path / "said").read_text().splitlines() == ["flask backup /backups --keep 14", f"sleep {rests}"]
    assert COMPOSE["backup"]["volumes"] == ["backups:/backups"]


def test_each_night_a_backup_is_made_by_tools_as_new_as_the_server() -> None:
    unit = (DEPLOY / "systemd" / "kikao-backup.service").read_text()
    assert "\nExecStart=/opt/kikao/.venv/bin/python -m flask backup /var/lib/kikao-backups --keep 14\n" in unit
    assert "\nStateDirectory=kikao-backups\n" in unit
    assert (DEPLOY / "systemd" / "kikao-backup.timer").exists()
    [tools] = re.findall(r"postgresql-client-(\d+)", (DEPLOY / "Dockerfile").read_text())
    assert int(tools) >= int(COMPOSE["db"]["image"].partition(":")[2])
