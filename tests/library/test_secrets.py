"""The key that signs tokens: made once, read by its owner only, and in production never made up."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from freight.secret import auth_secret, kept_at
from freight.settings import AuthSettings, FreightSettings

STRONG = "0123456789abcdef0123456789abcdef"


def settings(folder: Path, secret: str | None = None, environment: str = "development") -> Settings:
    return FreightSettings(
        data_dir=folder,
        environment=environment,  # type: ignore[arg-type]
        auth=AuthSettings(secret=None if secret is None else SecretStr(secret)),
    )


def test_it_is_made_once(tmp_path: Path) -> None:
    """The first run makes 32 random bytes, the next ones read them; another folder has others."""
    made = auth_secret(settings(tmp_path / "a"))
    assert len(bytes.fromhex(made)) == 32
    assert auth_secret(settings(tmp_path / "a")) == made
    assert auth_secret(settings(tmp_path / "b")) != made


def test_its_owner_alone_reads_it(tmp_path: Path) -> None:
    """Mode 0600 in a folder of 0700, and nothing else is left there."""
    auth_secret(settings(tmp_path))
    file = kept_at(settings(tmp_path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_many_first_runs_at_once_agree(tmp_path: Path) -> None:
    """Whoever is first: all of them sign with the same key."""
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: auth_secret(settings(tmp_path)), range(64)))) == 1


def test_a_run_that_was_killed_in_between_is_no_obstacle(tmp_path: Path) -> None:
    """What it left beside the secret, under whatever name, does not keep the next one from making it."""
    folder = kept_at(settings(tmp_path)).parent
    folder.mkdir(parents=True)
    (folder / f".auth.{os.getpid()}").touch()
    assert len(auth_secret(settings(tmp_path))) == 64


def test_a_given_one_is_taken(tmp_path: Path) -> None:
    """And no file is made."""
    assert auth_secret(settings(tmp_path, STRONG, "production")) == STRONG
    assert not kept_at(settings(tmp_path)).exists()


@pytest.mark.parametrize("weak", ["short", "a" * 64, "abcabcabc" * 8])
@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_weak_one_is_refused(tmp_path: Path, weak: str, environment: str) -> None:
    """Too short or too plain, in every environment; the message does not show it."""
    with pytest.raises(ConfigurationError, match="CROSSDOCK_AUTH__SECRET is weak") as caught:
        auth_secret(settings(tmp_path, weak, environment))
    assert weak not in str(caught.value)


def test_production_makes_none_up(tmp_path: Path) -> None:
    """A missing one is refused there, with what to set, also when an earlier run had kept one."""
    auth_secret(settings(tmp_path))
    with pytest.raises(ConfigurationError, match="openssl rand"):
        auth_secret(settings(tmp_path, environment="production"))


def test_an_emptied_file_is_not_signed_with(tmp_path: Path) -> None:
    """A kept secret is looked at like a given one: an empty file would sign tokens with nothing."""
    auth_secret(settings(tmp_path))
    kept_at(settings(tmp_path)).write_text("")
    with pytest.raises(ConfigurationError, match="is weak"):
        auth_secret(settings(tmp_path))
