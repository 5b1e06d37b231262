"""What putting scans, or all there is, of one patient under another would do: worked out first, and again when done."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from patients.doubts import Problem
from patients.evidence import doubts_about, side_by_side
from patients.models import Lesion, Move, Patient, Reading, Scan, Segmentation
from patients.models.readings import IN_FORCE
from patients.readable import is_readable
from patients.words.identity_words import MoveKind

PSEUDONYM_LENGTH = 64
Fates = list[tuple[Lesion, str]]
# What becomes of a lesion on the scans that go: it goes, meets its twin of the same tracking UID, is opened there
# anew since its other scans stay, or its outlines wait to be linked there.
GOES, TWIN, ANEW, WAITS = "GOES", "TWIN", "ANEW", "WAITS"


class MoveRefused(Exception):
    """What cannot be put under another patient like this: a stable code, and a sentence that says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scans (keys) of which patient a steward wants put under which other one.

    `target` None: a new patient, called `pseudonym`. `undoes`: the move that is taken back.
    """

    kind: MoveKind
    source: Patient
    target: Patient | None
    pseudonym: str
    scan_pks: tuple[int, ...]
    undoes: Move | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What was wanted with what speaks against it and what it would do; `digest` changes with any of it.

    `going`, `waiting`: lesions that go along, and lesions whose outlines wait to be linked there. `left`: scans that
    stay since the very images are filed there.
    """

    wanted: Wanted
    scans: tuple[Scan, ...]
    left: tuple[Scan, ...]
    fates: tuple[tuple[Lesion, str], ...]
    readings: tuple[Reading, ...]
    doubts: tuple[Problem, ...]
    differs: tuple[dict[str, Any], ...]
    counts: tuple[tuple[str, int], ...]
    digest: str


def plan_of(wanted: Wanted) -> Plan:
    """The plan as things stand; raises MoveRefused where it cannot be done."""
    _check(wanted)
    rows = list(Scan.objects.filter(pk__in=wanted.scan_pks, patient=wanted.source).defer("instances"))
    if len(rows) != len(set(wanted.scan_pks)):
        raise MoveRefused("E_CONFLICT", "Somebody else moved one of these scans meanwhile. Reload the page.")
    known = set(wanted.target.scans.values_list("volume_digest", flat=True)) if wanted.target else set()
    left = tuple(row for row in rows if row.volume_digest in known)
    if left and wanted.kind is not MoveKind.MERGE:
        raise MoveRefused("E_SAME_IMAGES", "The very images of one of these scans are filed there already.")
    scans = tuple(row for row in rows if row not in left)
    is_whole = wanted.kind is MoveKind.MERGE
    fates = tuple(lesion_fates(wanted, [scan.pk for scan in scans]))
    readings = tuple(readings_hit(wanted.source, scans, [lesion for lesion, fate in fates if fate == GOES]))
    doubts = tuple(doubts_about(wanted.source, wanted.target, rows))
    counts = tuple(_counts(wanted, scans, is_whole=is_whole))
    differs = tuple(side_by_side(wanted.source, wanted.target, rows))
    told = [
        str(wanted.kind),
        wanted.source.pk,
        wanted.target.pk if wanted.target else wanted.pseudonym.lower(),
        sorted(scan.pk for scan in scans),
        sorted(scan.pk for scan in left),
        sorted((lesion.pk, fate) for lesion, fate in fates),
        sorted(row.pk for row in readings),
        doubts,
        counts,
    ]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return Plan(wanted, scans, left, fates, readings, doubts, differs, counts, digest)


def _check(wanted: Wanted) -> None:
    source, target = wanted.source, wanted.target
    if source.merged_into_id is not None and wanted.kind is not MoveKind.BACK:
        raise MoveRefused("E_MERGED", "This patient was put together with another one: go on there.")
    if target is not None and target.pk == source.pk:
        raise MoveRefused("E_TARGET", "This is the same patient. Choose another one.")
    if target is not None and target.merged_into_id is not None and wanted.kind is not MoveKind.BACK:
        raise MoveRefused("E_TARGET", "That patient was itself put together with another one. Choose that one.")
    if target is None and not is_readable(wanted.pseudonym, PSEUDONYM_LENGTH):
        raise MoveRefused("E_TARGET", "Name a patient, or a pseudonym of at most 64 readable characters for a new one.")
    if target is not None and target.is_synthetic != source.is_synthetic:
        raise MoveRefused("E_SYNTHETIC", "Made-up scans and real ones are never put together.")
    if wanted.kind is MoveKind.MERGE and source.timepoints.filter(judged_on__isnull=False).exists():
        sentence = "This patient has visits that were measured elsewhere. Hand that table in again for the other one."
        raise MoveRefused("E_ELSEWHERE", sentence)
    if wanted.kind in (MoveKind.REASSIGN, MoveKind.SPLIT) and not wanted.scan_pks:
        raise MoveRefused("E_NOTHING", "Choose at least one scan.")


def lesion_fates(wanted: Wanted, scan_pks: Sequence[int]) -> Fates:
    """What becomes of each lesion that has an outline on these scans; of every lesion where two patients are one."""
    source, target = wanted.source, wanted.target
    on_them = Q(segmentations__scan__in=scan_pks)
    if wanted.kind is MoveKind.MERGE:
        lesions = list(source.lesions.all())
    else:
        went = [pk for pk, *_ in wanted.undoes.went.get("lesions", [])] if wanted.undoes else []
        lesions = list(source.lesions.filter(on_them | Q(pk__in=went)).distinct().order_by("pk"))
    stays = _held_here(source, scan_pks, went_along=wanted.undoes)
    twins = set(target.lesions.values_list("tracking_uid", flat=True)) if target else set()
    is_first = target is None or not target.lesions.exists()
    fates = []
    for lesion in lesions:
        if lesion.tracking_uid in twins:
            fate = TWIN
        elif wanted.kind is MoveKind.MERGE or lesion.pk not in stays:
            fate = GOES
        else:
            fate = ANEW if is_first else WAITS
        fates.append((lesion, fate))
    return fates


def _held_here(source: Patient, scan_pks: Sequence[int], went_along: Move | None) -> set[int]:
    """The lesions that other scans show, too, or that somebody entered a treatment or an event of here."""
    outlined = Segmentation.objects.filter(lesion__patient=source).exclude(scan__in=scan_pks)
    stays = set(outlined.values_list("lesion_id", flat=True))
    if went_along is None or not went_along.went.get("is_whole"):
        stays |= set(source.lesions.filter(treatments__isnull=False).values_list("pk", flat=True))
        stays |= set(
            source.lesions.filter(events__superseded_at=None, events__isnull=False).values_list("pk", flat=True)
        )
    return {pk for pk in stays if pk is not None}


def readings_hit(source: Patient, scans: Sequence[Scan], going: Sequence[Lesion]) -> list[Reading]:
    """The signed readings in force that speak of a visit which loses a scan, or of a lesion that goes."""
    here = Q(timepoint__in={scan.timepoint_id for scan in scans})
    said = Q(lesions__lesion__in=going) | Q(lesions__merged_into__in=going)
    rows = Reading.objects.filter(here | said, patient=source, state__in=IN_FORCE)
    return list(rows.distinct().order_by("pk"))


def _counts(wanted: Wanted, scans: Sequence[Scan], *, is_whole: bool) -> list[tuple[str, int]]:
    source = wanted.source
    outlines = Segmentation.objects.filter(scan__in=[scan.pk for scan in scans], superseded_at=None)
    told = [("scans", len(scans)), ("outlines", outlines.count())]
    if is_whole:
        told += [
            ("lines of therapy", source.courses.count()),
            ("results", source.labs.filter(superseded_at=None).count()),
            ("events", source.events.filter(superseded_at=None).count()),
            ("bookings", source.confirmations.count()),
        ]
    told.append(("scans that are hidden, and stay hidden", sum(scan.is_withheld for scan in scans)))
    return told
