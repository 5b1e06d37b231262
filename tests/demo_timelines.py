"""A demo patient's timeline from what is declared: true sizes, signed readings, blood and events; no image, no rows."""

from collections.abc import Iterator, Mapping
from datetime import date
from math import pi, prod

from patients.judged import Judgement, LesionJudged
from patients.labs.analytes import analyte_named
from patients.labs.derived import with_ratios
from patients.labs.seen import Event, Lab
from patients.labs.words import DETAILS, Bound, EventKind
from patients.timeline import Course, LesionTrack, Observation, PatientTimeline, ScanSeen, Sizes, Timepoint
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import ClinicalStatus
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.clinical import CLINICAL
from radiomics_tasks.imaging.phantom.cohort.labs import event_texts, result_texts
from radiomics_tasks.imaging.phantom.cohort.plan import DemoLesion, DemoPatient
from radiomics_tasks.imaging.phantom.cohort.signed import SIGNED


def demo_timeline(pseudonym: str) -> PatientTimeline:
    """One patient of the demo, with everything that became known in the end."""
    plan = next(one for one in DEMO_PATIENTS if one.pseudonym == pseudonym)
    declared = CLINICAL[pseudonym]
    visits = tuple(
        Timepoint(n, tuple(ScanSeen(n, "", scan.modality, scan.acquired_on, "HU") for scan in visit.scans))
        for n, visit in enumerate(plan.visits, start=1)
    )
    names = [one.name for one in plan.lesions] + [one.name for one in plan.findings]
    courses = enumerate(plan.courses, start=1)
    return PatientTimeline(
        1,
        pseudonym,
        tuple(Course(n, one.name, one.drug_class, one.started_on, one.stopped_on) for n, one in courses),
        visits,
        tuple(_track(plan, pk, name) for pk, name in enumerate(names)),
        judgements=tuple(_judgements(pseudonym, names)),
        tumour=declared.tumour,
        labs=with_ratios(_lab(texts) for texts in result_texts(plan, declared)),
        events=tuple(sorted(map(_event, event_texts(plan, declared)), key=lambda one: one.started_on)),
    )


def _track(plan: DemoPatient, pk: int, name: str) -> LesionTrack:
    lesion = next((one for one in plan.lesions if one.name == name), None)
    if lesion is None:
        return LesionTrack(pk, name, name, Organ.PERITONEUM, False, LesionRole.NON_TARGET, ())
    seen = tuple(_observations(plan, lesion))
    return LesionTrack(pk, name, name, lesion.organ, lesion.is_node, lesion.role, seen, new_kind=lesion.new_kind)


def _observations(plan: DemoPatient, lesion: DemoLesion) -> Iterator[Observation]:
    for number, (visit, size) in enumerate(zip(plan.visits, lesion.sizes_mm, strict=True), start=1):
        scan = next((one for one in visit.scans if one.modality == lesion.modality), None)
        if size is not None and scan is not None:
            volume = pi / 6 * size**3 * prod(lesion.proportions) / 1000
            yield Observation(number, number, scan.acquired_on, scan.modality, sizes=Sizes(size, size, volume))


def _judgements(pseudonym: str, names: list[str]) -> Iterator[Judgement]:
    for number, said in enumerate(SIGNED[pseudonym], start=1):
        lesions = tuple(
            LesionJudged(names.index(one.name), one.state, trend=one.trend, why=one.why) for one in said.lesions
        )
        yield Judgement(
            number,
            number,
            1,
            "reader",
            True,
            said.non_target,
            said.new,
            lesions,
            non_target_trend=said.non_target_trend,
            new_why=str(said.new_why),
            equivocal_resolved=said.equivocal_resolved,
            regions_not_scanned=said.regions_not_scanned,
            reappearance=said.reappearance,
            clinical_status=said.clinical_status or ClinicalStatus.UNKNOWN,
        )


def _lab(texts: Mapping[str, str]) -> Lab:
    bound = Bound.BELOW if texts["value"].startswith("<") else Bound.EXACT
    low, high = (float(texts[name]) if texts[name] else None for name in ("low", "high"))
    analyte, value = analyte_named(texts["analyte"]), float(texts["value"].removeprefix("<"))
    return Lab(
        0, "", analyte, texts["analyte"], date.fromisoformat(texts["date"]), value, texts["unit"], bound, low, high
    )


def _event(texts: Mapping[str, str]) -> Event:
    kind = EventKind(texts["kind"])
    detail = DETAILS[kind](texts["detail"]) if kind in DETAILS else None
    ended = date.fromisoformat(texts["end"]) if texts.get("end") else None
    grade = int(texts["grade"]) if texts.get("grade") else None
    return Event(0, "", kind, date.fromisoformat(texts["date"]), ended, grade, detail=detail)
