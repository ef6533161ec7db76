"""Datasets, their versions, and uploads under way."""

from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import Model
from beanft.models.jobs import MadeByJob
from beanft.models.types import UtcDateTime, now


class Dataset(Model):
    """A table that somebody brought, with a name of the owner's."""

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("owner_id", "name"), UniqueConstraint("once", "owner_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(500), default="")
    """Where a sample dataset comes from and under which licence; empty for the owner's own."""
    once: Mapped[str | None] = mapped_column(String(64))
    """Stamp of the form that it came by, so that a form sent twice brings one dataset."""
    last_deleted: Mapped[int] = mapped_column(default=0, server_default="0")
    """Highest number of a version that was deleted; 0 for none."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    versions: Mapped[list["Version"]] = relationship(
        back_populates="dataset", order_by="Version.number", cascade="all, delete-orphan"
    )

    @property
    def latest(self) -> "Version":
        """The newest version, whatever its state."""
        return self.versions[-1]

    @property
    def next_number(self) -> int:
        """The number of the next version: no number is given twice, also when its version was deleted."""
        return max(self.latest.number, self.last_deleted) + 1

    @property
    def current(self) -> "Version | None":
        """The newest version that can be looked at, if there is one."""
        return next((version for version in reversed(self.versions) if version.state == "ready"), None)


class Version(MadeByJob, Model):
    """One immutable state of a dataset: the original file, its hash, the typed Parquet, the profile."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("dataset_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    """1, 2, 3 … within the dataset."""
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Storage key of the folder with `original` and `table.parquet`."""
    original_name: Mapped[str] = mapped_column(String(255))
    original_bytes: Mapped[int] = mapped_column(BigInteger)
    original_sha256: Mapped[str] = mapped_column(String(64))
    wishes_json: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    """What the owner asked for of how the file is read (Wishes.to_dict); it wins over what is found."""
    roles: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Roles that the owner gave columns, by name; they can change, because nothing is read by them."""
    parquet_sha256: Mapped[str | None] = mapped_column(String(64))
    parquet_bytes: Mapped[int | None] = mapped_column(BigInteger)
    n_rows: Mapped[int | None] = mapped_column(BigInteger)
    n_columns: Mapped[int | None]
    profile_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    correlations_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """How the columns go together (Correlations.to_dict); None where there are too few columns."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    dataset: Mapped[Dataset] = relationship(back_populates="versions")

    @cached_property
    def profile(self) -> Profile:
        """What is known of the table; only for versions that are ready."""
        if self.profile_json is None:
            raise LookupError("this version has no profile yet")
        return Profile.from_dict(self.profile_json).with_roles(self.roles)

    @property
    def wishes(self) -> Wishes:
        """What the owner asked for of how the file is read."""
        return Wishes.from_dict(self.wishes_json)


class Upload(Model):
    """A file that is arriving in slices, or has arrived and is being looked at."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Storage key, and the name of the upload in its address."""
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    """The dataset that gets a new version of it; None for a new dataset."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Digest of the file once it is whole and waits for its owner to look at how it will be read."""
    name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    offset_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
