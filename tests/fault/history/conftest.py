"""The controller whose journal tests write."""

from tests.component.feed.conftest import controller

__all__ = ["controller"]
