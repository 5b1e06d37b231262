"""The relay: what runs after what. Each task takes the id of one run, may run twice, and does its work in steps/.

Queued work is published by its step's name (runs.py), so nobody below imports this file.
"""

import logging
import os
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_ready, worker_shutting_down
from django.conf import settings
from django.db import close_old_connections

from patients.failpoints import reached
from patients.vocabulary import Step
from radiomics_tasks.relay import overtaken
from radiomics_tasks.relay import reconcile as safety_net

log = logging.getLogger(__name__)

_stopping = threading.Event()
# Whoever looks at a page goes first where web and workers share a machine; children are ten below this (child.py).
NICENESS = 5


@shared_task(name=Step.INGEST.value, acks_late=True, reject_on_worker_lost=True)
def ingest_upload(run_pk: int) -> None:
    # Steps are imported where they run: the web process only enqueues, and never loads SimpleITK.
    from radiomics_tasks.steps import ingest

    ingest.ingest_upload(run_pk)
    reached("before_ack")


@shared_task(name=Step.EXTRACT.value, acks_late=True, reject_on_worker_lost=True)
def extract_features(run_pk: int) -> None:
    from radiomics_tasks.steps import extract

    extract.extract_features(run_pk)
    reached("before_ack")


@shared_task(name=Step.REASSESS.value, acks_late=True, reject_on_worker_lost=True)
def reassess_patient(run_pk: int) -> None:
    from radiomics_tasks.steps import reassess

    reassess.reassess_patient(run_pk)
    reached("before_ack")


@shared_task(name=Step.NOISE.value, acks_late=True, reject_on_worker_lost=True)
def gather_noise(run_pk: int) -> None:
    from radiomics_tasks.steps import gather_noise as step

    step.gather_noise(run_pk)
    reached("before_ack")


@shared_task(name=Step.HARMONISE.value, acks_late=True, reject_on_worker_lost=True)
def fit_harmonisation(run_pk: int) -> None:
    from radiomics_tasks.steps import harmonise

    harmonise.fit_harmonisation(run_pk)
    reached("before_ack")


@shared_task(name=Step.REGISTER.value, acks_late=True, reject_on_worker_lost=True)
def register_model(run_pk: int) -> None:
    from radiomics_tasks.steps import register

    register.register_model(run_pk)
    reached("before_ack")


@shared_task(name=Step.APPLY.value, acks_late=True, reject_on_worker_lost=True)
def apply_model(run_pk: int) -> None:
    from radiomics_tasks.steps import apply

    apply.apply_model(run_pk)
    reached("before_ack")


@shared_task(name=Step.PERTURB.value, acks_late=True, reject_on_worker_lost=True)
def perturb_outlines(run_pk: int) -> None:
    from radiomics_tasks.steps import perturb

    perturb.perturb_outlines(run_pk)
    reached("before_ack")


@shared_task(name=Step.FULL.value, acks_late=True, reject_on_worker_lost=True)
def extract_full(run_pk: int) -> None:
    from radiomics_tasks.steps import extract_full as step

    step.extract_full(run_pk)
    reached("before_ack")


@shared_task(name=Step.SCOREBOARD.value, acks_late=True, reject_on_worker_lost=True)
def count_scores(run_pk: int) -> None:
    from radiomics_tasks.steps import scoreboard

    scoreboard.count_scores(run_pk)
    reached("before_ack")


@shared_task(name=Step.RECOMPUTE.value, acks_late=True, reject_on_worker_lost=True)
def recompute_number(run_pk: int) -> None:
    from radiomics_tasks.steps import recompute

    recompute.recompute_number(run_pk)
    reached("before_ack")


def _keep_reconciling() -> None:
    lookout = overtaken.Lookout()
    while True:
        try:
            lookout.look()
            done = safety_net.reconcile()
            if done:
                log.info("reconciled: %s", done)
        except Exception:
            log.exception("the reconciler could not look; it tries again")
        close_old_connections()
        if _stopping.wait(settings.RECONCILE_SECONDS):
            return


@worker_process_init.connect
def step_back(**_kwargs: Any) -> None:
    """The processes that work give way to those that answer people; the one that reconciles does not."""
    os.nice(NICENESS)


@worker_ready.connect
def start_reconciling(**_kwargs: Any) -> None:
    """Every worker watches over the record of work; several of them do no harm."""
    _stopping.clear()
    threading.Thread(target=_keep_reconciling, name="reconciler", daemon=True).start()


@worker_shutting_down.connect
def stop_reconciling(**_kwargs: Any) -> None:
    _stopping.set()
