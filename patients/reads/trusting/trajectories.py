"""The course of one feature of one lesion in a few numbers, as it was concluded last."""

from patients.concluded.trusted import Trajectory
from patients.models import LesionTrajectory
from patients.reads.trusting.trust import derived_of

_DERIVED = ("slope_per_month", "mean_log_ratio", "highest", "days_to_highest", "turns", "variation")


def trajectory_of_feature(lesion_pk: int, feature_set_pk: int, feature: str) -> Trajectory | None:
    """One feature's trajectory, in one query; None outside the default panel, and with fewer than three visits."""
    row = LesionTrajectory.objects.filter(lesion=lesion_pk, feature_set=feature_set_pk).first()
    found = next((one for one in row.panel if one["feature"] == feature), None) if row else None
    if found is None:
        return None
    slope, area, highest, on, turns, variation = (derived_of(found[name]) for name in _DERIVED)
    plain = found["feature"], found["is_log"], found["visits"], found["days"]
    return Trajectory(*plain, slope, area, highest, on, turns, variation)
