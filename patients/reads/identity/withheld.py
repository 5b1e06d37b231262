"""What is hidden of a patient, and what was."""

from django.db.models import QuerySet

from patients.models import Timepoint, Withholding


def _rows(patient_pk: int) -> QuerySet[Withholding]:
    rows = Withholding.objects.filter(patient=patient_pk)
    return rows.select_related("scan", "segmentation__scan", "by", "lifted_by").defer(
        "scan__facts", "scan__instances", "segmentation__scan__facts", "segmentation__scan__instances"
    )


def is_hidden(visit: Timepoint) -> bool:
    """Whether a visit has scans and all of them are hidden."""
    shown = list(visit.scans.values_list("is_withheld", flat=True))
    return bool(shown) and all(shown)


def hidden_now(patient_pk: int) -> list[Withholding]:
    """What is hidden today, in one query."""
    return list(_rows(patient_pk).filter(lifted_at=None))


def ever_hidden(patient_pk: int) -> list[Withholding]:
    """All that was ever hidden, newest first."""
    return list(_rows(patient_pk).order_by("-pk"))
