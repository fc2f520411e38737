"""People at browsers, a controller that answers at once, and a few orders to look at."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from cockpit.api.orders import load
from cockpit.pages import editor_drawn, labels
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.scene import Scene


@pytest.fixture(autouse=True)
def nothing_in_mind() -> Iterator[None]:
    """Forget programs that a process keeps: each test has a database of its own."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    load.forget_programs()
    labels._kept.clear()
    editor_drawn.forget_drawn()


def _signed_in(name: str, *, is_staff: bool = False) -> Client:
    user = get_user_model().objects.create_user(name, password=f"{name}-password")
    get_user_model().objects.filter(pk=user.pk).update(is_staff=is_staff)
    user.refresh_from_db()
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def owner(db: None) -> Client:
    """Somebody who may do everything."""
    return _signed_in("ada", is_staff=True)


@pytest.fixture
def colleague(db: None) -> Client:
    """Somebody who may look."""
    return _signed_in("vic")


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client(raise_request_exception=False)


@pytest.fixture
def controller(db: None, monkeypatch: pytest.MonkeyPatch) -> ControllerStub:
    """A controller that answers while somebody waits for it."""
    stub = ControllerStub()
    monkeypatch.setattr("controller.commands.wait_for", stub.wait_for)
    return stub


@pytest.fixture
def scene(controller: ControllerStub) -> Scene:
    """A workflow with a running order, a failed one and a log, full of hostile texts."""
    return Scene(controller)
