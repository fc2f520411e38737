"""Django's entry for the tables of this package."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    """Leases, nodes and background services."""

    name = "cluster"
    default_auto_field = "django.db.models.BigAutoField"
