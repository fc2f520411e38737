"""The plan's tables, and a site around them."""

from tests.component.dailyplan.conftest import controller, site

__all__ = ["controller", "site"]
