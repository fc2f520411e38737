"""Django's entry for the tables of this package."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Folders, drafts, versions and deployments."""

    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
