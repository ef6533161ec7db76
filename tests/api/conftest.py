"""Programs with tokens of alice and charlie, and alice's two small models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from beanft.models import User
from beanft.users.tokens import services
from factories import PASSWORD
from predict.conftest import (  # noqa: F401  # fixtures
    classifier,
    do_batch,
    length_model,
    make_model,
    model_file,
    regressor,
    species_model,
)


@dataclass
class Program:
    """Asks in somebody's name, as a program does: by a token, without cookies."""

    app: Flask
    text: str
    token_id: int

    def open(
        self, method: str, address: str, headers: dict[str, str] | None = None, **body: Any
    ) -> TestResponse:
        shown = {"Authorization": f"Bearer {self.text}"} if self.text else {}
        return self.app.test_client().open(
            f"/api/v1{address}", method=method, headers=shown | (headers or {}), **body
        )

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.open("GET", address, **more)

    def post(self, address: str, **more: Any) -> TestResponse:
        return self.open("POST", address, **more)


MakeProgram = Callable[..., Program]


@pytest.fixture
def make_program(app: Flask) -> MakeProgram:
    def make(owner: User, *scopes: str, days: int = 0, name: str = "program") -> Program:
        with app.app_context():
            token, text = services.make_token(
                user_id=owner.id,
                name=name,
                scopes=scopes or ("read", "predict"),
                days=days,
                password=PASSWORD,
            )
            return Program(app, text, token.id)

    return make


@pytest.fixture
def program(make_program: MakeProgram, alice: User) -> Program:
    return make_program(alice)


@pytest.fixture
def strange_program(make_program: MakeProgram, charlie: User) -> Program:
    return make_program(charlie)
