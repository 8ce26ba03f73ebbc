"""The production image and what compose makes of it: facts that hold without Docker."""

import configparser
import os
import re
import signal
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from crossdock.registry import load_settings
from tests.image import DOCKERFILE, FINAL, LOGINS, ROOT, composed, copied, health_command, said, variables

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMPOSED = composed()
OURS = {name: service for name, service in COMPOSED.items() if name not in ("postgresql", "pgbouncer")}


def test_it_runs_as_nobody_in_particular() -> None:
    """By number, so that whoever runs it can see that it is not root; and nothing is built after that."""
    user, _, group = said("USER").partition(":")
    assert int(user) > 999 and int(group) > 999
    after = [word for word, _ in FINAL[FINAL.index(("USER", said("USER"))) :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)


def test_nothing_is_installed_at_the_start_and_nothing_without_its_hash() -> None:
    """pip is in the first stage alone: each call holds packages against hashes, or has only what was."""
    assert not any(re.search(r"\bpip\b", arguments) for _, arguments in FINAL)
    for service in OURS.values():
        assert "entrypoint" not in service and "pip" not in service.get("command", [])
    calls = [call for word, run in DOCKERFILE if word == "RUN" for call in run.split("&&") if "pip " in call]
    made, *installing = sorted(calls, key=lambda call: "-m venv" not in call)
    assert "--without-pip" in made
    assert len(installing) == 2 and all("--require-hashes" in call or "--no-index" in call for call in installing)


def test_it_has_the_library_with_its_extras_and_what_the_application_needs() -> None:
    """All extras but `lint`, which is for whoever writes a revision. Of the dependency groups that of freight alone."""
    [made] = [run for word, run in DOCKERFILE if word == "RUN" and "--editable" in run]
    [extras] = re.findall(r"--editable '\.\[([a-z,]+)\]'", made)
    assert set(extras.split(",")) == PROJECT["optional-dependencies"].keys() - {"lint"}
    assert re.findall(r"--group (\w+)", made) == ["freight"]


def test_it_takes_what_it_needs_and_nothing_else() -> None:
    """.dockerignore lets through what is copied, all of which is there, and no more; the tools' files are among it."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert "*" in rules
    assert let_through == set(copied(DOCKERFILE))
    assert all((ROOT / source).exists() for source in let_through)
    assert {"alembic.ini", "pyproject.toml", "migrations_legacy", "migrations_new"} <= set(copied(FINAL))
    assert ("COPY", "--from=build /crossdock/src src") in FINAL


def test_what_it_starts_is_there() -> None:
    """Our command, on a Python that the project allows, which both stages have, with a signal to end it."""
    images = [arguments.split()[0] for word, arguments in DOCKERFILE if word == "FROM"]
    assert len(set(images)) == 1
    assert SpecifierSet(PROJECT["requires-python"]).contains(re.sub(r"^python:([\d.]+)-slim$", r"\1", images[0]))
    assert said("ENTRYPOINT") == '["crossdock"]' and "crossdock" in PROJECT["scripts"]
    assert said("CMD") == '["serve", "--host", "0.0.0.0"]'
    assert signal.Signals[said("STOPSIGNAL")] is signal.SIGTERM
    assert health_command()[0] == "python" and "/healthz" in health_command()[-1]


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_what_the_service_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is a setting, every address can be read, and each lane has the login that is made for it."""
    for variable in ("DATABASE_URL", "DIRECT_URL", "CROSSDOCK_PLATFORM_URL"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in (variables() | OURS[name]["environment"]).items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    assert settings.environment == "development"  # a trial: production wants a secret
    users = {settings.pooled.user, settings.platform.user, settings.direct.user}
    assert users == set(re.findall(r"CREATE ROLE (\w+) LOGIN", LOGINS.read_text()))
    assert {(address.host, address.port) for address in (settings.pooled, settings.platform)} == {("pgbouncer", 6543)}
    assert (settings.direct.host, settings.direct.port) == ("postgresql", 5432)


def test_the_image_alone_is_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without compose's word it refuses the embedded database, the demo world and a missing secret."""
    for variable, value in variables().items():
        monkeypatch.setenv(variable, value)
    assert load_settings().is_production


def test_compose_migrates_before_it_serves() -> None:
    """PostgreSQL, with its logins; the migrations, once; then the service. What is mounted is there."""
    migrate, service = COMPOSED["migrate"], COMPOSED["service"]
    assert migrate["command"] == ["migrate", "up"] and "restart" not in migrate
    started = {"pgbouncer": {"condition": "service_started"}}
    assert migrate["depends_on"] == {"postgresql": {"condition": "service_healthy"}} | started
    assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert all(each["build"] == "." and each["read_only"] and each["cap_drop"] == ["ALL"] for each in OURS.values())
    mounted = [volume.split(":")[0] for each in COMPOSED.values() for volume in each.get("volumes", [])]
    assert [path for path in mounted if path.startswith(".") and not (ROOT / path).exists()] == []
    needed = re.findall(r"^\\getenv \w+ (\w+)$", LOGINS.read_text(), re.MULTILINE)
    assert set(needed) <= set(COMPOSED["postgresql"]["environment"])


def test_the_pooler_knows_the_logins() -> None:
    """It lets in all three, with the passwords that PostgreSQL has; the owner gives it orders, the others ask it."""
    folder, logins = ROOT / "deploy" / "pgbouncer", set(re.findall(r"CREATE ROLE (\w+) LOGIN", LOGINS.read_text()))
    assert set(re.findall(r"^    printf '\"(\w+)\"", (folder / "start.sh").read_text(), re.MULTILINE)) == logins
    read = configparser.ConfigParser()
    read.read_string((folder / "pgbouncer.ini").read_text())
    said = read["pgbouncer"]
    assert {said["admin_users"], *said["stats_users"].split(",")} == logins
    assert (said["pool_mode"], said["listen_port"]) == ("transaction", "6543")
    assert read["databases"]["*"] == "host=postgresql port=5432"
    passwords = {name: value for name, value in COMPOSED["postgresql"]["environment"].items() if "CROSSDOCK" in name}
    assert COMPOSED["pgbouncer"]["environment"] == passwords
    assert COMPOSED["pgbouncer"]["read_only"] and COMPOSED["pgbouncer"]["cap_drop"] == ["ALL"]


def test_passwords_reach_the_pooler_as_they_are(tmp_path: Path) -> None:
    """Also one with quotes, blanks and dollars in it: PgBouncer reads two quotes as one."""
    script = (ROOT / "deploy" / "pgbouncer" / "start.sh").read_text()
    script = re.sub(r"/\w+/users\.txt", str(tmp_path / "users.txt"), script.replace("exec pgbouncer", "exec true"))
    names = ("OWNER", "TENANTS", "SERVICE")
    given = {f"CROSSDOCK_{name}_PASSWORD": f"""{name} "q" 'q' $HOME \\ %s""" for name in names}
    subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"], **given}, check=True)
    lines = (tmp_path / "users.txt").read_text().splitlines()
    assert lines == [
        f'"crossdock_{name.lower()}" "{given[f"CROSSDOCK_{name}_PASSWORD"].replace(chr(34), chr(34) * 2)}"'
        for name in names
    ]
    assert (tmp_path / "users.txt").stat().st_mode & 0o077 == 0


def test_the_logins_are_those_of_the_production_checklist() -> None:
    """docs/operations/running.md has the statements of deploy/logins.sql, with dots for the passwords."""
    statements = re.findall(r"^CREATE .*;$", re.sub(r":'\w+'", "'...'", LOGINS.read_text()), re.MULTILINE)
    page = (ROOT / "docs" / "operations" / "running.md").read_text()
    assert re.findall(r"^   (CREATE .*;)$", page, re.MULTILINE) == statements != []


def test_the_license_is_told_where_it_is_looked_for() -> None:
    """MIT: the text, and the package's own word."""
    assert (PROJECT["license"], PROJECT["license-files"]) == ("MIT", ["LICENSE"])
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) 2026 The Crossdock developers\n")
