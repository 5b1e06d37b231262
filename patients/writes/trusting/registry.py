"""The registry of models: send a file in, register what a worker has read, approve, retire; a text is never changed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.concluded.hosted_findings import HostedOutput
from patients.model_text import ModelRefused, model_text
from patients.models import HostedModel, ModelOutput, ModelUpload
from patients.trail.contents import HOSTED_MODEL, content_of
from patients.words.audit_words import Deed
from patients.words.hosted_words import ModelKind, ModelStatus, Tier
from patients.writes.trail.record import record

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ReadModel:
    """What a worker has read of a model's text: it is whole, and has given the answers of its own pairs."""

    kind: ModelKind
    model_id: str
    version: str
    digest: str
    title: str
    tier: Tier
    card: Mapping[str, Any]
    replay: Sequence[Mapping[str, Any]]
    profile_digest: str = ""


def receive_model(content: bytes, name: str, user: User | None) -> ModelUpload:
    """Keep a model's file for a worker to read. Raises ModelRefused for what is no text of a model."""
    text = model_text(content)
    shown = "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME]
    with transaction.atomic():
        upload = ModelUpload.objects.create(name=shown, text=text, created_by=user)
        record(Deed.MODEL_RECEIVED, subject=upload, user=user)
    return upload


def register_model(text: str, read: ReadModel, user: User | None) -> HostedModel:
    """Register a model as a draft; the same content again is the model that is there.

    Raises
    ------
    ModelRefused
        E_MODEL_VERSION: this version is registered with other content.
    """
    known = HostedModel.objects.filter(digest=read.digest).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            model = HostedModel.objects.create(text=text, created_by=user, **_fields(read))
            # As the database has it: a JSON column may keep other digits than were given.
            content = content_of(HostedModel.objects.get(pk=model.pk), HOSTED_MODEL)
            record(Deed.MODEL_REGISTERED, subject=model, user=user, digest=read.digest, content=content)
            return model
    except IntegrityError:
        again = HostedModel.objects.filter(digest=read.digest).first()
        if again is not None:
            return again
        sentence = f"{read.model_id} {read.version} is registered with other content. Give this one a new version."
        raise ModelRefused("E_MODEL_VERSION", sentence) from None


def _fields(read: ReadModel) -> dict[str, Any]:
    plain = {field: getattr(read, field) for field in ReadModel.__slots__}
    return plain | {"card": dict(read.card), "replay": [dict(pair) for pair in read.replay]}


def settle_upload(upload: ModelUpload, model: HostedModel | None, problem: Mapping[str, str] | None = None) -> None:
    """Say what became of a file: the model, or why there is none."""
    ModelUpload.objects.filter(pk=upload.pk).update(model=model, problem=dict(problem or {}))


def approve_model(model: HostedModel, user: User, *, is_shadow: bool = False) -> HostedModel | None:
    """Let a model compute; returns the version that was active before and is retired by this one, if any.

    `is_shadow`: its numbers are kept but not shown yet.

    Raises
    ------
    ModelRefused
        E_MODEL_APPROVER: whoever sent it in may not approve it. E_MODEL_STATE: it is neither draft nor in shadow.
    """
    with transaction.atomic():
        row = HostedModel.objects.select_for_update().get(pk=model.pk)
        _check_approval(row, user, is_shadow=is_shadow)
        before = None
        if not is_shadow:
            active = HostedModel.objects.select_for_update().filter(model_id=row.model_id, status=ModelStatus.ACTIVE)
            before = active.first()
            active.update(status=ModelStatus.RETIRED, retired_by=user, retired_at=timezone.now())
        HostedModel.objects.filter(pk=row.pk).update(
            status=ModelStatus.SHADOW if is_shadow else ModelStatus.ACTIVE,
            approved_by=user,
            approved_at=timezone.now(),
        )
        record(Deed.MODEL_APPROVED, subject=row, user=user, digest=row.digest, is_shadow=is_shadow)
    return before


def _check_approval(row: HostedModel, user: User, *, is_shadow: bool) -> None:
    senders = {row.created_by_id, *row.uploads.values_list("created_by", flat=True)}
    if user.pk in senders:
        raise ModelRefused("E_MODEL_APPROVER", "Whoever sent a model in does not approve it. Ask somebody else.")
    allowed = (ModelStatus.DRAFT,) if is_shadow else (ModelStatus.DRAFT, ModelStatus.SHADOW)
    if row.status not in allowed:
        stands = ModelStatus(row.status).label.lower()
        raise ModelRefused("E_MODEL_STATE", f"This model is {stands}: it cannot be approved like this.")


def is_score_in_use(model: HostedModel) -> bool:
    """Whether this is the pseudoprogression score that scores."""
    return model.kind == ModelKind.PSP and model.status == ModelStatus.ACTIVE


def retire_model(model: HostedModel, user: User) -> None:
    """Take a model out of use, for ever.

    Raises ModelRefused E_MODEL_STATE where it is retired already, or is the score in use: without another one the
    shipped score would go on scoring in its place.
    """
    if is_score_in_use(HostedModel.objects.get(pk=model.pk)):
        raise ModelRefused("E_MODEL_STATE", "This score is in use. Approve the one that follows it: that retires it.")
    open_states = (ModelStatus.DRAFT, ModelStatus.SHADOW, ModelStatus.ACTIVE)
    with transaction.atomic():
        retired = HostedModel.objects.filter(pk=model.pk, status__in=open_states).update(
            status=ModelStatus.RETIRED, retired_by=user, retired_at=timezone.now()
        )
        if retired:
            record(Deed.MODEL_RETIRED, subject=model, user=user, digest=model.digest)
    if not retired:
        raise ModelRefused("E_MODEL_STATE", "This model is retired already.")


def activate_shipped(model: HostedModel) -> None:
    """The model that comes with the project is in use from the start, approved by nobody here, as its card says."""
    others = HostedModel.objects.filter(model_id=model.model_id, status=ModelStatus.ACTIVE).exclude(pk=model.pk)
    if model.status == ModelStatus.DRAFT and not others.exists():
        with transaction.atomic():
            HostedModel.objects.filter(pk=model.pk, status=ModelStatus.DRAFT).update(status=ModelStatus.ACTIVE)
            record(Deed.MODEL_APPROVED, subject=model, digest=model.digest, is_shipped=True)


def replace_outputs(patient_pk: int, outputs: Sequence[HostedOutput]) -> None:
    """Keep what models say now of a patient; what they said before of other inputs is kept as superseded.

    Call it with the patient locked.
    """
    digests = [one.model_digest for one in outputs]
    models = dict(HostedModel.objects.filter(digest__in=digests).values_list("digest", "pk"))
    stored = {
        (row.model_id, row.timepoint_id, row.lesion_id): row
        for row in ModelOutput.objects.filter(patient=patient_pk, superseded_at=None).defer("said")
    }
    fresh = []
    for output in outputs:
        said = asdict(output)
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        key = (models[output.model_digest], output.timepoint_pk, output.lesion_pk)
        if key in stored and stored[key].said_digest == digest:
            stored.pop(key)
            continue
        fresh.append(_output_row(patient_pk, key, output, said, digest))
    ModelOutput.objects.filter(pk__in=[row.pk for row in stored.values()]).update(superseded_at=timezone.now())
    ModelOutput.objects.bulk_create(fresh)


def _output_row(
    patient_pk: int, key: tuple[int, int, int | None], output: HostedOutput, said: dict[str, Any], digest: str
) -> ModelOutput:
    model_pk, timepoint_pk, lesion_pk = key
    return ModelOutput(
        patient_id=patient_pk,
        model_id=model_pk,
        timepoint_id=timepoint_pk,
        lesion_id=lesion_pk,
        status=output.status,
        value=output.value,
        said=said,
        said_digest=digest,
    )
