"""`manage.py register_model`: read a model's file, replay its pairs, register it; approve it by name where asked."""

import argparse
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from patients.model_text import LARGEST_BYTES, ModelRefused, too_large
from patients.models import HostedModel
from patients.vocabulary import Role, Step
from patients.words.hosted_words import ModelStatus
from patients.writes.trusting.registry import approve_model, receive_model, register_model, settle_upload
from radiomics_tasks import runs
from radiomics_tasks.errors import Refusal
from radiomics_tasks.hosting import ensure_default_model, read_any

APPROVERS = (Role.STEWARD, Role.ADMIN)


class Command(BaseCommand):
    help = "Register a model of coefficients or a pseudoprogression score from a JSON file (see the README)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="JSON with coefficients, card and reference pairs")
        parser.add_argument("--by", default="", metavar="LOGIN", help="who sends it in; without it the command line")
        parser.add_argument("--approve-as", default="", metavar="LOGIN", help="a steward or administrator approves it")

    def handle(self, *_args: Any, **options: Any) -> None:
        sender = _login(options["by"])
        approver = _approver(options["approve_as"])
        content = _content(options["file"])
        try:
            ensure_default_model()
            model = _registered(content, options["file"].name, sender)
            if approver is not None and model.status == ModelStatus.DRAFT:
                _approve(model, approver)
        except (Refusal, ModelRefused) as refused:
            raise CommandError(f"{refused.code}: {refused.sentence}") from None
        model.refresh_from_db()
        self.stdout.write(f"{model.model_id} {model.version}  {model.status}  {model.digest}")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
    if len(content) > LARGEST_BYTES:
        refused = too_large()
        raise CommandError(f"{refused.code}: {refused.sentence}")
    return content


def _registered(content: bytes, name: str, sender: User | None) -> HostedModel:
    read = read_any(content)
    with transaction.atomic():
        upload = receive_model(content, name, sender)
        model = register_model(upload.text, read, sender)
        settle_upload(upload, model)
    return model


def _approve(model: HostedModel, approver: User) -> None:
    with transaction.atomic():
        approve_model(model, approver)
        runs.arm(Step.APPLY, model.pk)


def _login(name: str) -> User | None:
    if not name:
        return None
    found = get_user_model().objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"There is no login {name}.")
    return found


def _approver(name: str) -> User | None:
    found = _login(name)
    if found is not None and not found.groups.filter(name__in=[role.value for role in APPROVERS]).exists():
        raise CommandError(f"{name} may not approve models: it takes a steward or an administrator.")
    return found
