"""Lists a page at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from beanft import listing
from beanft.extensions import db
from beanft.listing import list_page
from beanft.models import Job, User
from factories import make_job


@pytest.mark.parametrize(
    ("asked", "given", "titles"),
    [
        (1, 1, ["4", "3"]),
        (3, 3, ["0"]),
        (4, 3, ["0"]),
        (10**20, 3, ["0"]),
        (0, 1, ["4", "3"]),
        (-(10**20), 1, ["4", "3"]),
    ],
)
def test_a_page_that_is_not_there_is_the_nearest_one(
    context: None,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    asked: int,
    given: int,
    titles: list[str],
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for number in range(5):
        make_job(alice, title=str(number))
    make_job(bob, title="secret")
    db.session.commit()
    query = select(Job).where(Job.owner_id == alice.id).order_by(Job.id.desc())
    found = list_page(query, page=asked)
    assert [job.title for job in found.items] == titles
    assert found.numbers() == {"page": given, "n_pages": 3, "total": 5}


def test_an_empty_list_has_one_page(context: None) -> None:
    found = list_page(select(Job).order_by(Job.id), page=7)
    assert (list(found.items), found.numbers()) == ([], {"page": 1, "n_pages": 1, "total": 0})
