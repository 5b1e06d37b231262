"""Outlines whose repeats under perturbation are still to be taken."""

from patients.models import Segmentation


def outlines_to_perturb(scan_pk: int, build_digest: str, profile_digest: str, spec_digest: str) -> list[Segmentation]:
    """The current, linked, measured outlines of one scan without repeats by this build, profile and perturbation."""
    rows = Segmentation.objects.filter(
        scan=scan_pk, superseded_at=None, is_withheld=False, lesion__isnull=False, measurement__isnull=False
    )
    done = rows.filter(
        repeats__build_digest=build_digest,
        repeats__feature_set__profile_digest=profile_digest,
        repeats__spec_digest=spec_digest,
    )
    return list(rows.exclude(pk__in=done.values("pk")).order_by("pk"))
