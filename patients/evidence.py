"""What images and identifiers say about putting scans of one patient under another: side by side, and against it."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q

from patients.bodies import Compared
from patients.doubts import HASHES, UIDS, Problem, bodies_beside, identity_doubts, problem
from patients.models import Patient, Scan


def doubts_about(source: Patient, target: Patient | None, scans: Sequence[Scan]) -> list[Problem]:
    """Why these scans may not be of the target (None: a new patient), or may be of the source after all; each once."""
    found: dict[str, Problem] = {}
    staying = source.scans.exclude(pk__in=[scan.pk for scan in scans])
    for scan in scans:
        identity = scan.facts.get("identity", {})
        doubts = identity_doubts(target, identity) if target else []
        doubts += _other_bodies(target, scan) if target else []
        for doubt in [*doubts, *_still_the_source(staying, target, identity), *_left_behind(target, scan, scans)]:
            found.setdefault(doubt["code"], doubt)
    if target is not None and not staying.exists():
        for doubt in _two_patients(source, target):
            found.setdefault(doubt["code"], doubt)
    return list(found.values())


def _other_bodies(target: Patient, scan: Scan) -> list[Problem]:
    different = [row["what"] for row in bodies_beside(target, _facts(scan)) if not row["is_same"]]
    if not different:
        return []
    return [problem("Q_BODY", f"Not one body: {' and '.join(different)} differ from the scan nearest in time there.")]


def _still_the_source(staying: Any, target: Patient | None, identity: dict[str, str]) -> list[Problem]:
    """The files name the patient that they are taken from, as scans that stay there do."""
    own = identity.get("patient_id_hmac")
    if not own or (target and target.patient_id_hmac == own):
        return []
    if not staying.filter(facts__identity__patient_id_hmac=own).exists():
        return []
    sentence = "The patient ID in the files is that of scans which stay behind. Check whose scan it is."
    return [problem("Q_WRONG_PATIENT", sentence)]


def _left_behind(target: Patient | None, scan: Scan, moving: Sequence[Scan]) -> list[Problem]:
    """Other series of its study, or in its frame of reference, that would be another patient's afterwards."""
    told = [(name, getattr(scan, name)) for name in UIDS if getattr(scan, name)]
    if not told:
        return []
    others = Scan.objects.exclude(pk__in=[one.pk for one in moving]).exclude(patient=target)
    if not others.filter(Q(*told, _connector=Q.OR)).exists():
        return []
    sentence = "Other series of the same study or position stay with another patient. Find out whose they are."
    return [problem("Q_UID_OTHER_PATIENT", sentence)]


def _two_patients(source: Patient, target: Patient) -> list[Problem]:
    identity = {name: getattr(source, name) for name, _ in HASHES}
    return identity_doubts(target, identity)


def side_by_side(source: Patient, target: Patient | None, scans: Sequence[Scan]) -> list[dict[str, Any]]:
    """Rows of what is known of the scans and of the target: of identifiers only whether they are the same."""
    rows = [_identifier(word, name, target, scans) for name, word in HASHES]
    rows += _bodies(target, scans)
    there = list(target.scans.defer("instances")) if target else []
    rows.append(_row("scans", _counted(scans), _counted(there)))
    rows.append(_row("dates", _dates(scans), _dates(there)))
    rows.append(_row("scanners", _scanners(scans), _scanners(there)))
    here_lesions = {row.tracking_id for row in source.lesions.filter(segmentations__scan__in=[s.pk for s in scans])}
    there_lesions = {row.tracking_id for row in target.lesions.all()} if target else set()
    rows.append(_row("lesions", _listed(here_lesions), _listed(there_lesions)))
    return rows


def _identifier(word: str, name: str, target: Patient | None, scans: Sequence[Scan]) -> dict[str, Any]:
    told = {scan.facts.get("identity", {}).get(name, "") for scan in scans} - {""}
    known = getattr(target, name) if target else ""
    here = "given" if len(told) == 1 else "not given" if not told else "the scans differ among themselves"
    is_same = told == {known} if told and known else None
    return {"what": word, "here": here, "there": "known" if known else "not known", "is_same": is_same}


def _bodies(target: Patient | None, scans: Sequence[Scan]) -> list[Compared]:
    found: dict[str, Compared] = {}
    for scan in scans if target else ():
        for row in bodies_beside(target, _facts(scan)) if target else ():
            if row["what"] not in found or not row["is_same"]:
                found[row["what"]] = row
    return list(found.values())


def _facts(scan: Scan) -> dict[str, Any]:
    return {**scan.facts, "acquired_on": scan.acquired_on.isoformat(), "volume_digest": scan.volume_digest}


def _row(what: str, here: str, there: str) -> dict[str, Any]:
    return {"what": what, "here": here or "none", "there": there or "none", "is_same": None}


def _counted(scans: Sequence[Scan]) -> str:
    kinds = Counter(scan.get_modality_display() for scan in scans)
    return ", ".join(f"{number} × {kind}" for kind, number in sorted(kinds.items()))


def _dates(scans: Sequence[Scan]) -> str:
    days = sorted({scan.acquired_on.isoformat() for scan in scans})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}, {len(days)} days" if days else ""


def _scanners(scans: Sequence[Scan]) -> str:
    named = {
        " ".join(str(part) for part in (_of(scan, "Manufacturer"), _of(scan, "ManufacturerModelName")) if part)
        for scan in scans
    }
    return _listed(named - {""})


def _of(scan: Scan, name: str) -> Any:
    return (scan.facts.get("acquisition") or {}).get(name)


def _listed(words: Collection[str]) -> str:
    shown = sorted(words)
    return ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")
