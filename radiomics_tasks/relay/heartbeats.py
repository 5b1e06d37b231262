"""Signs of life of what works in the background, and whose turn it is to do what is done now and then."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from radiomics_tasks.models import Heartbeat

RECONCILER = "reconciler"
JANITOR = "janitor"
# Written by those who check the stored data and who save them; asked for on the status page.
INTEGRITY = "integrity"
BACKUP = "backup"


def beat(name: str, **told: Any) -> None:
    """It lives; `told` is what it found or did, in ids and counts."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": Now(), "told": told})


def takes_turn(name: str, every_s: float) -> bool:
    """Whether the last time was long enough ago; whoever is told so has taken the turn."""
    Heartbeat.objects.get_or_create(name=name, defaults={"beat_at": None})
    is_due = Q(beat_at=None) | Q(beat_at__lt=Now() - timedelta(seconds=every_s))
    return bool(Heartbeat.objects.filter(is_due, name=name).update(beat_at=Now()))
