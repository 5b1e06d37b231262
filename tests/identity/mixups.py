"""Planted mix-ups of identity, fourteen kinds, beside good uploads of the same patients; seeded."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from patients.models import Candidate, Patient, Scan, Team
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TeamFactory,
    UploadFactory,
    digest_of,
    facts,
    outline,
)

HASHES = ("patient_id_hmac", "birth_date_hmac", "sex_hmac")


@dataclass(frozen=True, slots=True)
class Person:
    """One patient as the record knows them, with a scan and an outline."""

    patient: Patient
    scan: Scan
    mask_digest: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One upload: under whom it is wanted, and the doubt that it must meet; "": it is good."""

    kind: str
    candidate: Candidate
    patient: Patient
    code: str
    keeps_scan_out: bool = True


def persons(count: int) -> list[Person]:
    """Patients of one team, each with identifiers, a body and one filed scan."""
    team = TeamFactory.create()
    return [_person(team, number) for number in range(count)]


def _person(team: Team, number: int) -> Person:
    known = {name: digest_of(name, number if name != "sex_hmac" else number % 2) for name in HASHES}
    patient = PatientFactory.create(team=team, **known)
    scan = ScanFactory.create(
        patient=patient,
        facts={**body(number), **images(number)},
        **{name: f"2.25.{number}{place}" for place, name in enumerate(UIDS)},
    )
    seen = SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=patient))
    return Person(patient, scan, seen.mask_digest)


def images(number: int, contents: str = "") -> dict[str, Any]:
    """Three images with their numbers and the digests of their files."""
    numbers = [f"2.25.7{number}{place}" for place in range(3)]
    return {"sop_instance_uids": numbers, "instances": [digest_of("image", one, contents) for one in numbers]}


UIDS = ("series_instance_uid", "study_instance_uid", "frame_of_reference_uid")


def body(number: int, size: float = 1.0, weight: float = 1.0, chest: float = 1.0) -> dict[str, Any]:
    """Height, weight and a chest of one person; factors make another one's of them."""
    told = {"size_m": (1.60 + number % 5 * 0.05) * size, "weight_kg": (55.0 + number % 7 * 8) * weight}
    area = (52_000.0 + number % 6 * 4_000) * chest
    return {"physique": told, "body": {"area_mm2": [area] * 30, "air_mm2": [area * 0.3] * 30}}


def told_by(person: Person, number: int, **changed: Any) -> dict[str, Any]:
    """What a follow-up of a person says of itself."""
    identity = {name: getattr(person.patient, name) for name in HASHES}
    own = {name: f"2.25.99{number}{place}" for place, name in enumerate(UIDS)}
    return facts(identity=identity, **own) | changed


def sent(kind: str, person: Person, number: int, known: dict[str, Any], code: str, **more: Any) -> Sent:
    """One candidate of an upload, as the reader left it."""
    volume = more.pop("volume", digest_of("follow-up", kind, number))
    candidate = CandidateFactory.create(
        upload=UploadFactory.create(team=person.patient.team),
        acquired_on=BASELINE_ON + timedelta(50 + number % 40),
        volume_digest=volume,
        facts={**known, "volume_digest": volume},
        outlines=more.pop("outlines", [outline(mask_digest=digest_of("mask", kind, number))]),
    )
    return Sent(kind, candidate, person.patient, code, more.pop("keeps_scan_out", True))


Planted = Callable[[Person, Person, int, random.Random], Sent]


def _identity(kind: str, names: tuple[str, ...], code: str) -> Planted:
    def plant(mine: Person, _other: Person, number: int, _rng: random.Random) -> Sent:
        identity = {name: getattr(mine.patient, name) for name in HASHES}
        identity |= {name: digest_of("somebody else's", name, number) for name in names}
        return sent(kind, mine, number, told_by(mine, number, identity=identity), code)

    return plant


def _body(kind: str, which: str, low: float, high: float) -> Planted:
    def plant(mine: Person, _other: Person, number: int, rng: random.Random) -> Sent:
        factor = rng.uniform(low, high)
        told = body_like(mine, **{which: factor if rng.random() < 0.5 else 1 / factor})
        return sent(kind, mine, number, told_by(mine, number, **told), "Q_BODY")

    return plant


def body_like(person: Person, size: float = 1.0, weight: float = 1.0, chest: float = 1.0) -> dict[str, Any]:
    """The body of a person's scan, changed by factors."""
    physique, profile = person.scan.facts["physique"], person.scan.facts["body"]
    told = {"size_m": physique["size_m"] * size, "weight_kg": physique["weight_kg"] * weight}
    return {"physique": told, "body": {name: [v * chest for v in values] for name, values in profile.items()}}


def _pixels(mine: Person, other: Person, number: int, _rng: random.Random) -> Sent:
    known = told_by(mine, number)
    return sent("identical images", mine, number, known, "Q_PIXELS_OTHER_PATIENT", volume=other.scan.volume_digest)


def _images(kind: str, code: str, *, is_own: bool) -> Planted:
    def plant(mine: Person, other: Person, number: int, _rng: random.Random) -> Sent:
        theirs = (mine if is_own else other).scan.facts
        known = {"sop_instance_uids": theirs["sop_instance_uids"][1:], "instances": theirs["instances"][1:]}
        if is_own:
            known["instances"] = [digest_of("another picture", number, place) for place in range(2)]
        return sent(kind, mine, number, told_by(mine, number, **known), code)

    return plant


def _uid(kind: str, name: str) -> Planted:
    def plant(mine: Person, other: Person, number: int, _rng: random.Random) -> Sent:
        known = told_by(mine, number, **{name: getattr(other.scan, name)})
        return sent(kind, mine, number, known, "Q_UID_OTHER_PATIENT")

    return plant


def _mask(kind: str, *, is_own: bool) -> Planted:
    def plant(mine: Person, other: Person, number: int, _rng: random.Random) -> Sent:
        mask = (mine if is_own else other).mask_digest
        outlines = [outline(mask_digest=mask)]
        known = told_by(mine, number)
        return sent(kind, mine, number, known, "Q_MASK_REUSED", outlines=outlines, keeps_scan_out=False)

    return plant


KINDS: tuple[Planted, ...] = (
    _identity("another patient ID", ("patient_id_hmac",), "Q_WRONG_PATIENT"),
    _identity("another birth date", ("birth_date_hmac",), "Q_DEMOGRAPHICS"),
    _identity("another sex", ("sex_hmac",), "Q_DEMOGRAPHICS"),
    _body("another height", "size", 1.09, 1.2),
    _body("another weight", "weight", 1.65, 2.2),
    _body("another chest", "chest", 1.75, 2.3),
    _pixels,
    _uid("a series of another patient", "series_instance_uid"),
    _uid("a study of another patient", "study_instance_uid"),
    _uid("a frame of reference of another patient", "frame_of_reference_uid"),
    _images("images of another patient", "Q_UID_OTHER_PATIENT", is_own=False),
    _images("other pictures under the numbers of filed images", "Q_IMAGE_NUMBER", is_own=True),
    _mask("a mask of another date", is_own=True),
    _mask("a mask of another patient", is_own=False),
)


def planted(people: list[Person], count: int, rng: random.Random) -> Iterator[Sent]:
    """Mix-ups, each kind in turn."""
    for number in range(count):
        mine, other = rng.sample(people, 2)
        yield KINDS[number % len(KINDS)](mine, other, number, rng)


def good(people: list[Person], count: int, rng: random.Random) -> Iterator[Sent]:
    """Follow-ups as they come: heights told a little differently, weights that moved, tags that are missing."""
    for number in range(count):
        mine = rng.choice(people)
        size, weight = rng.gauss(1.0, 0.008), rng.gauss(1.0, 0.06)
        told = told_by(mine, 10_000 + number, **body_like(mine, size, weight, rng.gauss(1.0, 0.05)))
        if rng.random() < 0.2:
            told["physique"] = {}
        if rng.random() < 0.2:
            told["identity"] = dict.fromkeys(HASHES, "")
        yield sent("good", mine, 10_000 + number, told, "")
