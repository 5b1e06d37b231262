"""The Celery app: its settings are Django's, its tasks are found in the installed apps."""

import os

from celery import Celery

# Before Celery(): only then does Celery know that Django is there and wrap the tasks accordingly.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")

app = Celery("monitoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
