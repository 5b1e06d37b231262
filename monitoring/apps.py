"""The face, as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        """Register the checks that hold before anything starts, and listen to who signs in."""
        import_module("monitoring.security.checks")
        import_module("monitoring.signing_in")
        import_module("monitoring.security.sessions")
