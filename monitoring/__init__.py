"""The face, and the Django project itself."""

from monitoring.celery import app as celery_app

__all__ = ["celery_app"]
