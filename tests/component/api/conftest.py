"""People with tokens, a client that speaks the API, and a controller that answers at once."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model

from cockpit.access import tokens
from cockpit.api import uses
from cockpit.api.orders import load
from tests.component.api.client import Api
from tests.component.api.controller_stub import ControllerStub


@pytest.fixture(autouse=True)
def nothing_in_mind() -> Iterator[None]:
    """Forget what processes keep in mind: each test has a database of its own."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    tokens.forget_trust()
    load.forget_programs()
    uses.forget_relations()


def _person(name: str, *, is_staff: bool = False) -> Api:
    user = get_user_model().objects.create_user(name, password=f"{name}-password")
    get_user_model().objects.filter(pk=user.pk).update(is_staff=is_staff)
    user.refresh_from_db()
    return Api(tokens.issue(user, "test")[1])


@pytest.fixture
def administrator(db: None) -> Api:
    """Somebody who may do everything."""
    return _person("ada", is_staff=True)


@pytest.fixture
def viewer(db: None) -> Api:
    """A colleague who may look."""
    return _person("vic")


@pytest.fixture
def stranger(db: None) -> Api:
    """Somebody without an account."""
    return Api(None)


@pytest.fixture
def controller(db: None, monkeypatch: pytest.MonkeyPatch) -> ControllerStub:
    """A controller that answers while somebody waits for it."""
    stub = ControllerStub()
    monkeypatch.setattr("controller.commands.wait_for", stub.wait_for)
    return stub
