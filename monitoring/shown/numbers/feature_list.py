"""Which features of a lesion its page lists, in which order, and which one of them is chosen. No queries."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from patients.feature_names import DEFAULT_PANEL, FeatureName
from patients.timeline import LesionTrack
from patients.vocabulary import Modality

FEATURES_A_PAGE = 14
# What stands in the address of the page.
Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page somebody is; it goes along in every address of the page."""

    search: str = ""
    start: int = 0
    feature: str = ""
    kind: str = ""

    def address(self, **elsewhere: str | int) -> str:
        """The query of this place, or of another one."""
        said = {**asdict(self), **elsewhere}
        kind = {"kind": said["kind"]} if said["kind"] else {}
        return urlencode({"search": said["search"], "from": said["start"], "feature": said["feature"], **kind})


def panel_first(names: Sequence[str]) -> list[str]:
    """The default panel in its own order, then everything else as extracted."""
    return [*(name for name in DEFAULT_PANEL if name in names), *(name for name in names if name not in DEFAULT_PANEL)]


def matching(names: Sequence[str], search: str) -> list[str]:
    """The names that hold every typed word, in the label or in the engine's spelling."""
    words = search.lower().split()
    return [name for name in names if all(word in f"{name} {FeatureName.parse(name).label}".lower() for word in words)]


def first_of(asked: Asked, count: int) -> int:
    """From which of the features that were found on a page lists them."""
    said = asked.get("from", "0")
    return min(int(said), max(0, count - 1)) if said.isdecimal() and len(said) < 6 else 0


def chosen_of(asked: Asked, names: Sequence[str], listed: Sequence[str]) -> str | None:
    """The feature that was asked for, else the first that is listed."""
    said = asked.get("feature", "")
    if said in names:
        return said
    return listed[0] if listed else None


def kinds_of(track: LesionTrack) -> list[Modality]:
    """The kinds of scan that features of this lesion come from, where there are several."""
    found = {seen.modality for seen in track.observations if seen.features is not None}
    return [kind for kind in Modality if kind in found] if len(found) > 1 else []


def chosen_kind(asked: Asked, track: LesionTrack, kinds: Sequence[Modality]) -> Modality | None:
    """The kind of scan that was asked for, else the one its sizes are followed on; None where there is one only."""
    said = asked.get("kind", "")
    usual = track.usual_modality if track.usual_modality in kinds else next(iter(kinds), None)
    return next((kind for kind in kinds if kind == said), usual)


def of_kind(track: LesionTrack, kind: Modality | None) -> LesionTrack:
    """The lesion as it was seen on one kind of scan alone."""
    seen = tuple(seen for seen in track.observations if kind is None or seen.modality is kind)
    return replace(track, observations=seen)
