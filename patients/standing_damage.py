"""Conditions for rows whose numbers must not be used: damage stands on their outline, and is not mended yet."""

from django.db.models import Exists, OuterRef

from patients.models import IntegrityFault


def features_damaged(outline: str = "pk") -> Exists:
    """Whether features of the outline with this key stand on damaged data."""
    standing = IntegrityFault.objects.filter(cleared_at=None)
    return Exists(standing.filter(segmentation_pks__contains=[OuterRef(outline)]))


def sizes_damaged(outline: str = "pk") -> Exists:
    """Whether the outline's sizes do; features that were changed alone take no size with them."""
    standing = IntegrityFault.objects.filter(cleared_at=None, reaches_sizes=True)
    return Exists(standing.filter(segmentation_pks__contains=[OuterRef(outline)]))
