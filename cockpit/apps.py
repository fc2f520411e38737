"""The cockpit as an app of Django."""

from django.apps import AppConfig
from django.db.models.signals import post_save


class CockpitConfig(AppConfig):
    """Lets changes in Django's admin come into the audit log as well."""

    name = "cockpit"

    def ready(self) -> None:
        """Listen to the admin's own log."""
        from django.contrib.admin.models import LogEntry

        from cockpit.admin_audit import note_admin_change

        post_save.connect(note_admin_change, sender=LogEntry, dispatch_uid="audit of the admin")
