"""An outline meets the lesion it belongs to, or waits for a person; it never becomes a lesion by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist

from patients.vocabulary import Organ

Point = tuple[float, float, float]

# Breathing and positioning move a lesion by up to about this much once the two bodies lie on each other.
SAME_PLACE_MM = 30.0


@dataclass(frozen=True, slots=True)
class OutlineFacts:
    """What an outline says of itself; `centroid_mm` is LPS, `organ` is None where it names none."""

    name: str
    tracking_uid: str
    organ: Organ | None
    centroid_mm: Point


@dataclass(frozen=True, slots=True)
class KnownLesion:
    """A lesion of the patient: the names its outlines had, and where they lay in the new scan's frame (LPS, mm)."""

    pk: int
    tracking_uid: str
    tracking_id: str
    organ: Organ
    roi_names: tuple[str, ...]
    centroids: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """The lesion an outline belongs to, or None, and the sentence that says why."""

    lesion_pk: int | None
    why: str


def meet(outline: OutlineFacts, known: Sequence[KnownLesion]) -> Meeting:
    """The lesion an outline belongs to: by tracking UID, else by remembered name together with organ and place.

    A name alone proves nothing: another outline may have been called "lesion 1" too. The organ is compared
    where the outline states one; the place is right within 30 mm of any earlier outline of that lesion. Where
    two lesions qualify, or none does, a person decides.

    Examples
    --------
    >>> liver = KnownLesion(7, "1.2.3", "liver 1", Organ.LIVER, ("GTV",), ((10.0, 0.0, 0.0),))
    >>> meet(OutlineFacts("gtv", "", None, (12.0, 5.0, 0.0)), [liver])
    Meeting(lesion_pk=7, why='Named “gtv” as before, 5 mm from liver 1')
    >>> meet(OutlineFacts("gtv", "", None, (90.0, 5.0, 0.0)), [liver]).why
    'Named “gtv” like liver 1, but 80 mm away from it: which lesion is this?'
    """
    same_uid = [lesion for lesion in known if outline.tracking_uid and lesion.tracking_uid == outline.tracking_uid]
    if same_uid:
        return Meeting(same_uid[0].pk, f"Same tracking UID as {same_uid[0].tracking_id}")
    named = [lesion for lesion in known if _has_name(lesion, outline.name)]
    if not named:
        name = outline.name.strip()
        shown = f"The name “{name}” is new for this patient" if name else "The outline has no name"
        return Meeting(None, f"{shown}: which lesion is this?")
    fitting = [lesion for lesion in named if _objection(outline, lesion) is None]
    if len(fitting) == 1:
        away_mm = _away_mm(outline, fitting[0])
        return Meeting(
            fitting[0].pk, f"Named “{outline.name.strip()}” as before, {away_mm:.0f} mm from {fitting[0].tracking_id}"
        )
    return Meeting(None, f"{_doubt(outline, named, fitting)}: which lesion is this?")


def _doubt(outline: OutlineFacts, named: Sequence[KnownLesion], fitting: Sequence[KnownLesion]) -> str:
    """Why a remembered name does not decide."""
    if fitting:
        names = " and ".join(lesion.tracking_id for lesion in fitting)
        return f"Name and place fit {names}"
    nearest = min(named, key=lambda lesion: _away_mm(outline, lesion))
    return f"Named “{outline.name.strip()}” like {nearest.tracking_id}, but {_objection(outline, nearest)}"


def _objection(outline: OutlineFacts, lesion: KnownLesion) -> str | None:
    """What speaks against a lesion of the same name; None where nothing does."""
    if outline.organ is not None and outline.organ is not lesion.organ:
        return f"in another organ ({outline.organ.label})"
    if not lesion.centroids:
        return "where that lesion lies in this scan is not known"
    away_mm = _away_mm(outline, lesion)
    return f"{away_mm:.0f} mm away from it" if away_mm > SAME_PLACE_MM else None


def _away_mm(outline: OutlineFacts, lesion: KnownLesion) -> float:
    """Distance to the nearest earlier outline of a lesion."""
    return min((dist(outline.centroid_mm, centroid) for centroid in lesion.centroids), default=float("inf"))


def _has_name(lesion: KnownLesion, name: str) -> bool:
    plain = _plain(name)
    return bool(plain) and plain in {_plain(known) for known in (*lesion.roi_names, lesion.tracking_id)}


def _plain(name: str) -> str:
    """A name without the differences that programs make: case, blanks, underscores and hyphens."""
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()
