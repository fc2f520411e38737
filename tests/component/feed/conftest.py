"""The controller whose journal tests write."""

import pytest
from django.conf import LazySettings


@pytest.fixture
def controller(settings: LazySettings) -> str:
    settings.STELLWERK_CONTROLLER_ID = "c"
    return "c"
