"""The face, as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        """Register the checks that hold before anything starts."""
        import_module("monitoring.security.checks")
