"""Django's entry for the tables of this package."""

from django.apps import AppConfig


class DailyPlanConfig(AppConfig):
    """Planned orders, and what planning remembers."""

    name = "dailyplan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let deployments be told what they would do to the plan."""
        from dailyplan.foresee import register_foresight

        register_foresight()
