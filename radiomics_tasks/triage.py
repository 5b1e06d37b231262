"""From what was read of a series to its row in the triage table: whose it is, which lesions, what stands in the way."""

from collections.abc import Sequence
from typing import Any

from patients.doubts import mask_seen_before, problem
from patients.models import Patient, Scan, Upload
from patients.reads.scans.proposals import proposal
from patients.vocabulary import CandidateState, Organ
from patients.writes.lesions import opens_lesions
from patients.written_dates import day
from radiomics_tasks.analysis.matching import Meeting, OutlineFacts
from radiomics_tasks.imaging.series.wording import clinical_only
from radiomics_tasks.meetings import meetings

Fields = dict[str, Any]
FIRST_SCAN = Meeting(None, "Opens a lesion, if this is the patient's first scan to be filed")


def refused_series(name: str, *problems: Fields) -> Fields:
    """A series, or a file, that cannot be used, under the name it came with as far as that names nobody."""
    shown = clinical_only(name[-120:])
    return {"state": CandidateState.REFUSED, "description": shown, "problems": list(problems)}


def read_series(
    upload: Upload, name: str, facts: Fields, outlines: Sequence[Fields], found: Sequence[Fields]
) -> Fields:
    """A series that was read: `facts` and `outlines` as the reader wrote them, `found` what it objects to."""
    if any(known["code"].startswith("E_") for known in found):
        return refused_series(facts.get("description") or name, *found)
    proposed = proposal(upload, facts)
    fields: Fields = {
        "modality": facts["modality"],
        "acquired_on": facts["acquired_on"] or None,
        "patient": proposed.patient,
        "proposed_pseudonym": proposed.pseudonym,
        "why": proposed.why,
    }
    return fields | _settled(facts, outlines, [*found, *proposed.problems], proposed.patient, proposed.same_scan)


def later_outlines(scan: Scan, outlines: Sequence[Fields]) -> Fields:
    """Outlines that came without their images, for a scan that is filed: the scan says whose they are."""
    fields: Fields = {
        "modality": scan.modality,
        "acquired_on": scan.acquired_on,
        "patient": scan.patient,
        "why": "Outlines of a scan that is filed already.",
    }
    facts = {**scan.facts, "volume_digest": scan.volume_digest, "description": scan.description}
    return fields | _settled(facts, outlines, [], scan.patient, scan)


def _settled(
    facts: Fields, outlines: Sequence[Fields], doubts: Sequence[Fields], patient: Patient | None, same: Scan | None
) -> Fields:
    rows = with_lesions(patient, same, facts.get("body"), outlines)
    state, problems = _state(rows, doubts, same)
    return {
        "description": facts["description"],
        "volume_digest": facts["volume_digest"],
        "facts": facts,
        "outlines": rows,
        "problems": problems,
        "scan": same,
        "state": state,
    }


def _state(rows: Sequence[Fields], doubts: Sequence[Fields], same: Scan | None) -> tuple[CandidateState, list[Fields]]:
    """Where a series stands, and what to say about it."""
    unusable = [known for row in rows for known in row["problems"]]
    if same is not None and not any(row["is_new"] for row in rows):
        if unusable:
            return CandidateState.REFUSED, unusable
        sentence = f"Already filed as the {same.modality} of {day(same.acquired_on)}."
        return CandidateState.DUPLICATE, [problem("DUPLICATE", sentence)]
    needs_person = bool(doubts or unusable)
    return CandidateState.NEEDS_PERSON if needs_person else CandidateState.READY, list(doubts)


def with_lesions(patient: Patient | None, same: Scan | None, body: Any, outlines: Sequence[Fields]) -> list[Fields]:
    """Each outline with the lesion it will meet and why, what keeps it out, and whether the scan lacks it so far."""
    usable = [outline for outline in outlines if not outline["problems"]]
    met = dict(zip(map(id, usable), _met(patient, same, body, usable), strict=True))
    return [_with_lesion(patient, same, outline, met.get(id(outline))) for outline in outlines]


def _met(patient: Patient | None, same: Scan | None, body: Any, usable: Sequence[Fields]) -> list[Meeting]:
    if patient is None or opens_lesions(patient, same):
        return [FIRST_SCAN] * len(usable)
    return meetings(patient.pk, body, [outline_facts(**outline) for outline in usable])


def outline_facts(name: str, tracking_uid: str, organ: str, centroid_mm: Sequence[float], **_: Any) -> OutlineFacts:
    """What an outline says of itself, from its plain data."""
    x, y, z = centroid_mm
    return OutlineFacts(name, tracking_uid, Organ(organ) if organ else None, (x, y, z))


def _with_lesion(patient: Patient | None, same: Scan | None, outline: Fields, met: Meeting | None) -> Fields:
    if met is None:
        return {**outline, "is_new": False, "meets": None, "why": ""}
    has_it = same is not None and same.has_outline(outline["mask_digest"], outline["name"])
    # What the scan has already is no news about whose it is.
    reused = None if has_it else mask_seen_before(patient, outline, same)
    return {
        **outline,
        "problems": [reused] if reused else [],
        "is_new": reused is None and not has_it,
        "meets": met.lesion_pk,
        "why": met.why,
    }
