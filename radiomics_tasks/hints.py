"""The hint at the broker that a run waits: sent when its transaction is in, and nothing depends on it but time."""

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from patients.failpoints import reached
from patients.vocabulary import Step
from radiomics_tasks.models import ProcessingRun

log = logging.getLogger(__name__)

# Most urgent first.
PRIORITIES = {
    Step.REASSESS: 0,
    Step.REGISTER: 1,
    Step.RECOMPUTE: 2,
    Step.APPLY: 4,
    Step.INGEST: 3,
    Step.EXTRACT: 6,
    Step.SCOREBOARD: 7,
    Step.HARMONISE: 8,
    Step.PERTURB: 9,
    Step.FULL: 9,
    Step.NOISE: 9,
}


def publish_on_commit(run_pk: int, step: Step) -> None:
    """Send the hint when the surrounding transaction is in."""
    transaction.on_commit(lambda: publish(run_pk, step))


def publish(run_pk: int, step: Step) -> None:
    """Send the hint now. A broker that is down costs time, never work: the reconciler asks again."""
    ProcessingRun.objects.filter(pk=run_pk).update(publishes=F("publishes") + 1, published_at=Now())
    reached("publish_before_send")
    try:
        current_app.send_task(step.value, args=[run_pk], priority=_priority(step), retry=False)
    except Exception:  # noqa: BLE001  # whatever the broker's client raises, the record of work stands
        log.warning("the broker did not take run %s; the reconciler will ask again", run_pk)


def _priority(step: Step) -> int:
    """As the broker counts: a Redis-protocol server serves 0 first, RabbitMQ 9."""
    return 9 - PRIORITIES[step] if settings.IS_RABBITMQ else PRIORITIES[step]
