"""Addresses of an installation that has few pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(_: HttpRequest, **__: str) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("", page), path("orders/", page), path("admin/", page)]
