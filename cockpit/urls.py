"""The addresses of the cockpit."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from cockpit.api import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("cockpit.api.urls")),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("health/leader", health.leader),
    path("metrics", health.metrics_page),
]
if find_spec("cockpit.pages") and find_spec("cockpit.pages.urls"):
    urlpatterns.append(path("", include("cockpit.pages.urls")))

handler500 = "cockpit.failed.failed"
