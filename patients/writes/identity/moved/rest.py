"""Two patients that are one: what does not hang on scans goes along, too, and comes back if that is taken back."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils import timezone

from patients.models import ClinicalEvent, LabResult, Patient
from patients.planned import Plan
from patients.words.identity_words import MoveKind
from patients.writes.identity.moved.lesions_along import lesion_of_event

KEPT_OUT = {"id", "code", "patient", "superseded_at", "superseded_by", "superseded_why", "entered_at"}
Entered = list[tuple[int, int, bool]]


def carry_rest(plan: Plan, target: Patient) -> dict[str, Any]:
    """Lines of therapy and bookings go; results and events, which are never changed, are entered there anew."""
    wanted, source = plan.wanted, plan.wanted.source
    is_merge = wanted.kind is MoveKind.MERGE
    undone = wanted.undoes.went if wanted.undoes else {}
    courses, bookings = source.courses.all(), source.confirmations.all()
    labs, events = source.labs.filter(superseded_at=None), source.events.filter(superseded_at=None)
    if not is_merge:
        courses = courses.filter(pk__in=undone.get("courses", []))
        bookings = bookings.filter(pk__in=undone.get("bookings", []))
        labs = labs.filter(pk__in=[new for _, new, _ in undone.get("labs", [])])
        events = events.filter(pk__in=[new for _, new, _ in undone.get("events", [])])
    # What both had word for word stays with the one when it comes back to the other.
    shared = {new for kind in ("labs", "events") for _, new, is_new in undone.get(kind, []) if not is_new}
    went: dict[str, Any] = {
        "courses": list(courses.values_list("pk", flat=True)),
        "bookings": list(bookings.values_list("pk", flat=True)),
    }
    courses.update(patient=target)
    bookings.update(patient=target)
    why = f"Put under {target.pseudonym}"
    went["labs"] = _entered_anew(labs, target, why, shared)
    went["events"] = _entered_anew(events.select_related("lesion"), target, why, shared)
    into = target if is_merge else None
    changed = source if is_merge else target
    Patient.objects.filter(pk=changed.pk).update(merged_into=into)
    return went


def _entered_anew(
    rows: Iterable[LabResult | ClinicalEvent], target: Patient, why: str, shared: Collection[int]
) -> Entered:
    """Each row with the one that stands for it there; what is there word for word is not entered twice."""
    carried: Entered = []
    now = timezone.now()
    for row in rows:
        model = type(row)
        names = [field.name for field in model._meta.concrete_fields if field.name not in KEPT_OUT]
        said = {name: getattr(row, name) for name in names}
        if isinstance(row, ClinicalEvent):
            said["lesion"] = lesion_of_event(row, target)
        there = model._default_manager.filter(patient=target, row_digest=row.row_digest, superseded_at=None).first()
        is_new = there is None
        new = there or model._default_manager.create(patient=target, **said)
        stands = {"superseded_by": new} if is_new else {}
        if row.pk not in shared:
            model._default_manager.filter(pk=row.pk).update(superseded_at=now, superseded_why=why[:200], **stands)
        carried.append((row.pk, new.pk, is_new))
    return carried
