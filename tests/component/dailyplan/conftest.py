"""The plan's tables, and a site around them."""

import psycopg
import pytest
from django.conf import LazySettings

from tests.plan_site import C, Site, every_day, schedule


@pytest.fixture(autouse=True)
def controller(settings: LazySettings) -> str:
    settings.STELLWERK_CONTROLLER_ID = C
    return C


@pytest.fixture
def site(conn: psycopg.Connection) -> Site:
    return Site(conn)


@pytest.fixture
def planned(site: Site) -> Site:
    """A site with a schedule, planned for a week from 2 March on; the far days are only planned."""
    site.release("workflow", "demo/report", {})
    site.release("calendar", "demo/days", every_day())
    site.release("schedule", "demo/morning", schedule())
    site.settle()
    return site
