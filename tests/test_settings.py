"""Settings: options win over the environment, the environment over the file."""

from dataclasses import fields
from pathlib import Path

import pytest

from beanft.settings import Settings, SettingsError, load


def test_options_win_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('port = 1\nhost = "a"\nworkers = 7\n')
    settings = load(instance=tmp_path, environ={"BEANFT_PORT": "2", "BEANFT_HOST": "b"}, port=3)
    assert (settings.port, settings.host, settings.workers) == (3, "b", 7)


def test_the_environment_moves_the_instance(tmp_path: Path) -> None:
    settings = load(environ={"BEANFT_INSTANCE": str(tmp_path)})
    assert settings.instance == tmp_path
    assert settings.database == f"sqlite:///{tmp_path}/beanft.sqlite3"


def test_lists_numbers_and_truth_are_read_from_text(tmp_path: Path) -> None:
    environ = {"BEANFT_TRUSTED_HOSTS": "a.org, b.org", "BEANFT_HTTPS": "true", "BEANFT_JOB_LEASE_S": "2.5"}
    settings = load(instance=tmp_path, environ=environ)
    assert (settings.trusted_hosts, settings.https, settings.job_lease_s) == (("a.org", "b.org"), True, 2.5)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"BEANFT_PROT": "1"}, "There is no setting BEANFT_PROT"),
        ({"BEANFT_PORT": "http"}, "“port” .* is “http”, which is no int"),
        ({"BEANFT_HTTPS": "maybe"}, "“https” .* is “maybe”, which is no bool"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(instance=tmp_path, environ=environ)


NUMBERS = [field.name for field in fields(Settings) if field.type in (int, float)]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["-1", "99999999999999999999"])
def test_every_number_has_a_range(tmp_path: Path, name: str, value: str) -> None:
    message = rf"“{name}” \(BEANFT_\*\) is .*\. It must be between [0-9.,]+ and [0-9.,]+\.$"
    with pytest.raises(SettingsError, match=message):
        load(instance=tmp_path, environ={f"BEANFT_{name.upper()}": value})


def test_every_default_is_within_its_range(tmp_path: Path) -> None:
    defaults = Settings(instance=tmp_path)
    assert load(environ={}, **vars(defaults)) == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", "0"),
        ("query_timeout_s", "nan"),
        ("query_timeout_s", "-1"),
        ("query_timeout_s", "inf"),
        ("job_lease_s", "0"),
        ("slice_mb", "-1"),
        ("proxies", "-1"),
        ("log_level", "FOO"),
        ("log_level", ""),
    ],
)
def test_nonsense_is_refused_wherever_it_stands(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"“{name}” .* It must be "):
        load(instance=tmp_path, environ={f"BEANFT_{name.upper()}": value})
    with pytest.raises(SettingsError, match=rf"“{name}” \(option\) .* It must be "):
        load(instance=tmp_path, environ={}, **{name: value})
    (tmp_path / "settings.toml").write_text(f'{name} = "{value}"')
    with pytest.raises(SettingsError, match=rf"“{name}” \(settings\.toml\) .* It must be "):
        load(instance=tmp_path, environ={})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = = 1")
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be read"):
        load(instance=tmp_path, environ={})
