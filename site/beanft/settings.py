"""Every setting, its default and one line of meaning; read from instance/settings.toml and BEANFT_*."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any


class SettingsError(Exception):
    """A setting cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one installation can choose. `BEANFT_<NAME>` sets the field of that name in upper case."""

    instance: Path
    """Folder of everything this installation owns: secret key, database, files, logs."""
    host: str = "127.0.0.1"
    """Address the site listens on; 127.0.0.1 is this machine only."""
    port: int = 5000
    """Port the site listens on."""
    workers: int = 2
    """Jobs that the embedded worker runs at the same time."""
    processes: int = 1
    """Processes of the web server; each keeps a core busy and has the threads and memory named below."""
    threads: int = 16
    """Requests that each process of the web server answers at the same time."""
    database_url: str = ""
    """SQLAlchemy address of the database; empty means SQLite in the instance folder."""
    broker_url: str = ""
    """Celery broker, such as redis://host:6379/0; empty means the embedded worker and a folder."""
    https: bool = False
    """Whether visitors come by https; then cookies are marked Secure and HSTS is sent."""
    trusted_hosts: tuple[str, ...] = ()
    """Host names that requests may ask for, comma separated; empty means any, or this machine's own names
    while the site listens on a loopback address without proxies."""
    proxies: int = 0
    """Reverse proxies in front of the site whose X-Forwarded headers are believed."""
    registration: bool = True
    """Whether visitors may register themselves."""
    registrations_per_hour: int = 60
    """Accounts that one address may make in an hour."""
    session_days: int = 7
    """Days after which a login ends."""
    remember_days: int = 30
    """Days after which a login with "remember me" ends."""
    upload_max_mb: int = 2048
    """Largest file that can be uploaded, in MiB."""
    form_upload_max_mb: int = 16
    """Largest file sent through a plain form, without JavaScript, in MiB."""
    slice_mb: int = 8
    """Size of the slices in which the browser uploads a file, in MiB."""
    unpacked_max_mb: int = 8192
    """Largest table after unpacking or converting an archive, a workbook or another format, in MiB."""
    columns_max: int = 2000
    """Most columns that a table may have."""
    cells_max: int = 2_000_000_000
    """Most cells, rows times columns, that a table may have."""
    line_max_mb: int = 4
    """Longest line of a text, or object of a JSON file, in MiB."""
    storage_per_user_mb: int = 20_480
    """Disk space that the files of one user may fill, in MiB; 0 means as much as there is."""
    query_timeout_s: float = 10.0
    """Seconds after which a question to a table is stopped."""
    query_memory_mb: int = 1024
    """Memory that one question to a table may use, in MiB."""
    job_memory_mb: int = 3072
    """Memory that one job may use, in MiB."""
    job_timeout_s: float = 3600.0
    """Seconds after which a job is stopped."""
    job_lease_s: float = 30.0
    """Seconds after which a job whose worker is silent is given to another worker."""
    jobs_per_user: int = 4
    """Jobs of one user that run at the same time."""
    trainings_per_user: int = 1
    """Trainings of one user that run at the same time; each uses all cores."""
    training_budget_max_s: int = 3600
    """Longest training that can be asked for, in seconds."""
    training_rows_max: int = 200_000
    """Most rows that a training uses; above it a sample is taken, and said."""
    training_cores: int = 0
    """Fits that one training does at the same time; 0 means as many as the machine has cores."""
    api_requests_per_minute: int = 30_000
    """Requests to the API that all programs of one user may make in a minute."""
    api_rows_max: int = 1_000
    """Most rows that one request to the API may have predicted; more go as a batch."""
    model_cache_mb: int = 256
    """Memory that models in use may fill in each process of the web server, in MiB; the one not used longest
    goes first."""
    log_level: str = "INFO"
    """Least important message that is written to instance/logs."""
    log_max_mb: int = 10
    """Size at which the log is rotated, in MiB; five old ones are kept."""

    @property
    def database(self) -> str:
        """The SQLAlchemy address that is used."""
        return self.database_url or f"sqlite:///{self.instance / 'beanft.sqlite3'}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that requests may ask for; none means any.

        A site that only this machine can reach answers to this machine's names only: a page elsewhere that
        lets its own name point to 127.0.0.1 would otherwise be served as if it were ours.
        """
        if self.trusted_hosts or self.proxies or not _is_loopback(self.host):
            return self.trusted_hosts
        own = f"[{self.host}]" if ":" in self.host else self.host
        return tuple(dict.fromkeys((*_LOOPBACK, own)))

    @property
    def embedded(self) -> bool:
        """Whether jobs travel through a folder of this instance, without a broker."""
        return not self.broker_url


_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_RANGES: dict[str, tuple[float, float]] = {
    "port": (0, 65_535),
    "workers": (1, 1_000),
    "processes": (1, 256),
    "threads": (1, 1_000),
    "proxies": (0, 100),
    "registrations_per_hour": (1, 1_000_000),
    "session_days": (1, 3_650),
    "remember_days": (1, 3_650),
    "upload_max_mb": (1, 1 << 20),
    "form_upload_max_mb": (1, 1_024),
    "slice_mb": (1, 1_024),
    "unpacked_max_mb": (1, 1 << 24),
    "columns_max": (1, 100_000),
    "cells_max": (1_000, 10**13),
    "line_max_mb": (1, 64),
    "storage_per_user_mb": (0, 1 << 30),
    "query_timeout_s": (0.1, 3_600),
    "query_memory_mb": (64, 1 << 24),
    "job_memory_mb": (64, 1 << 24),
    "job_timeout_s": (1, 30 * 86_400),
    "job_lease_s": (1, 3_600),
    "jobs_per_user": (1, 1_000),
    "trainings_per_user": (1, 1_000),
    "training_budget_max_s": (1, 30 * 86_400),
    "training_rows_max": (100, 10**9),
    "training_cores": (0, 1_000),
    "api_requests_per_minute": (1, 10**9),
    "api_rows_max": (1, 100_000),
    "model_cache_mb": (1, 1 << 20),
    "log_max_mb": (1, 1 << 20),
}
"""The least and the most that each number may be; what lies outside is a slip, or stops the site."""

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def load(
    *, instance: str | Path | None = None, environ: Mapping[str, str] | None = None, **choices: Any
) -> Settings:
    """Settle every setting: `choices` win over BEANFT_* variables, those over settings.toml.

    Raises
    ------
    SettingsError
        Where a name is unknown, or a value is not of the setting's type or not within its range.
    """
    environ = os.environ if environ is None else environ
    folder = Path(instance or environ.get("BEANFT_INSTANCE") or _default_instance()).absolute()
    settings = Settings(instance=folder)
    settings = _with(settings, _from_file(folder / "settings.toml"), "settings.toml")
    known = {f"BEANFT_{field.name.upper()}": field.name for field in fields(Settings)}
    unknown = sorted(name for name in environ if name.startswith("BEANFT_") and name not in known)
    if unknown:
        raise SettingsError(f"There is no setting {unknown[0]}. docs/administrator.md lists them all.")
    settings = _with(
        settings, {known[name]: value for name, value in environ.items() if name in known}, "BEANFT_*"
    )
    settings = _with(settings, {k: v for k, v in choices.items() if v is not None}, "option")
    return replace(settings, instance=folder)


def _default_instance() -> Path:
    """The folder `instance/` beside app.py."""
    return Path(__file__).resolve().parents[2] / "instance"


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}.") from error


def _with(settings: Settings, values: Mapping[str, Any], source: str) -> Settings:
    known = {field.name: field.type for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"There is no setting “{name}” ({source}). docs/administrator.md lists them all."
            )
        typed = _typed(name, value, known[name], source)
        _check(name, typed, source)
        settings = replace(settings, **{name: typed})
    return settings


def _check(name: str, value: Any, source: str) -> None:
    """Refuse a number outside of its range, NaN too, and a level that the log does not know."""
    least, most = _RANGES.get(name, (None, None))
    if least is not None and most is not None and not least <= value <= most:
        raise SettingsError(
            f"The setting “{name}” ({source}) is {value}. It must be between {least:,} and {most:,}."
        )
    if name == "log_level" and value not in _LOG_LEVELS:
        raise SettingsError(
            f"The setting “{name}” ({source}) is “{value}”. It must be one of {', '.join(_LOG_LEVELS)}."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _typed(name: str, value: Any, kind: Any, source: str) -> Any:
    """Read text or a TOML value as the type of the field."""
    try:
        if kind is Path:
            return Path(value)
        if kind is bool and isinstance(value, str):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                value.lower()
            ]
        if kind in (bool, int, float, str):
            return kind(value)
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip() for part in parts if part.strip())
    except (ValueError, KeyError, TypeError) as error:
        wanted = getattr(kind, "__name__", "list")
        raise SettingsError(f"The setting “{name}” ({source}) is “{value}”, which is no {wanted}.") from error
