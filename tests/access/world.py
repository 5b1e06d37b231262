"""Two teams with one row of every kind each, and the addresses that name these rows."""

import json
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from monitoring.security.policy import routes
from patients.files import Storage
from patients.models import FeatureSnapshot, HostedModel, LesionReading, Patient, Team, Timepoint
from patients.vocabulary import Role
from patients.words.regions import Region
from patients.writes.trusting.trust import accept_pair
from radiomics_tasks.hosting import ensure_default_model
from tests.assessing import address, entered, visits
from tests.comparing import blocked_pair, sharpened_patient
from tests.factories import (
    CandidateFactory,
    ClinicalEventFactory,
    HoldFactory,
    LabResultFactory,
    MoveFactory,
    PatientFactory,
    SegmentationFactory,
    TeamFactory,
    UserFactory,
    facts,
    followed_patient,
    login,
    signed_reading,
    stored_pictures,
)


@dataclass
class Holding:
    """What one team has: by each kind of row its code, and what addresses name within one."""

    team: Team
    patient: Patient
    visit: Timepoint
    unread: Patient
    reader: User
    codes: dict[str, Any]
    inner: dict[str, Any]
    by_address: dict[str, dict[str, Any]] = field(default_factory=dict)

    def named(self, name: str, row: str) -> dict[str, Any]:
        """What to fill into one address."""
        inner = {**self.inner, **self.by_address.get(name, {})}
        return {"code": self.codes[row], **inner} if row else inner


def holding(storage: Storage) -> Holding:
    """A team whose patient has everything that an address can name."""
    team = TeamFactory.create()
    patient = sharpened_patient(team, lesions=2, dates=2, storage=storage)
    first, last = visits(patient)
    reader, lesion = login(team, Role.READER), patient.lesions.order_by("pk")[0]
    outline = lesion.segmentations.order_by("pk")[0]
    said = drawn_by(reader, first, outline)
    signed_reading(last, login(team, Role.READER), {lesion: 21.0})
    signed_reading(last, login(team, Role.READER), {lesion: 29.5}, new_disease="YES")
    pair = blocked_pair(patient)
    word = accept_pair(pair, reader, "Looked at together.")
    picture = stored_pictures(storage)
    candidate = CandidateFactory.create(upload__team=team, facts=facts(thumbnail=storage.keep_bytes(b"a picture")))
    result, event = LabResultFactory.create(patient=patient), ClinicalEventFactory.create(patient=patient)
    waiting = SegmentationFactory.create(scan=outline.scan, lesion=None, slices=picture)
    hold = HoldFactory.create(candidate=candidate, team=team, patient=patient)
    move = MoveFactory.create(source=patient, target=PatientFactory.create(team=team), asked_by=reader)
    codes = {
        "hold": hold.code,
        "move": move.code,
        "patient": patient.code,
        "upload": candidate.upload.code,
        "candidate": candidate.code,
        "scan": outline.scan.code,
        "outline": outline.code,
        "lesion": pair.lesion.code,
        "course": patient.courses.get().code,
    }
    inner: dict[str, Any] = {
        "timepoint": last.pk,
        "said": said.pk,
        "then": pair.then_scan_id,
        "now": pair.now_scan_id,
        "word": word.pk,
    }
    inner |= {"kind": "ring", "pk": ring_of(outline).pk}
    by_address: dict[str, dict[str, Any]] = {
        "result_correct": {"row": result.code},
        "event_correct": {"row": event.code},
        "slice_picture": {"digest": one_slice(storage, outline)},
        "drawn_drawer": {"code": lesion.code},
        "hold_picture": {"side": "own"},
        **{name: {"code": waiting.code} for name in ("outline", "outline_link", "outline_open")},
    }
    unread = followed_patient(team, lesions=1, dates=2)
    for number, one in enumerate((patient, unread)):
        # A name that no other word of a page can be, and that a search finds.
        one.pseudonym = f"QX{team.pk:06d}{number}"
        one.save(update_fields=["pseudonym"])
    return Holding(team, patient, last, unread, reader, codes, inner, by_address)


def ring_of(outline: Any) -> FeatureSnapshot:
    """The features of a ring around an outline, as those of the outline itself."""
    ring = outline.snapshots.get()
    ring.pk, ring._state.adding = None, True
    ring.region, ring.provenance = Region.RING_0_5, {"ring": {"context": "c" * 64}}
    ring.save()
    return cast(FeatureSnapshot, ring)


def one_slice(storage: Storage, outline: Any) -> str:
    """The digest of one of its pictures."""
    manifest = json.loads(storage.read(outline.slices["manifest"]))
    return str(manifest["slices"][0]["png"])


def drawn_by(reader: User, visit: Timepoint, outline: Any) -> LesionReading:
    """A diameter that the reader drew and signed, over the page itself."""
    line = {"is_own": "on", "diameter_mm": "7.5", "diameter_from": "DRAWN", "diameter_why": "leaks"}
    line["line"] = f"{outline.code} 1 104.00 123.00 114.00 123.00"
    client = Client()
    client.force_login(reader)
    said = {f"lesion-{outline.lesion_id}-{name}": value for name, value in line.items()}
    answer = client.post(address(visit), entered(visit, **said))
    assert answer.status_code == 302, answer.content.decode()
    return LesionReading.objects.get(lesion=outline.lesion, diameter_from="DRAWN")


@dataclass
class World:
    """Two teams, and what belongs to neither."""

    ours: Holding
    theirs: Holding
    model: HostedModel
    keeper: User
    empty_team: Team
    clinical: tuple[Role, ...] = (Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, Role.STEWARD)

    def address(self, name: str, row: str, of: Holding, *, is_missing: bool = False) -> str:
        """One address, filled with what the team has, or with a code that nothing has."""
        if name.startswith("admin:"):
            return self.administration(name)
        named = of.named(name, row)
        if name in ("model", "model_approve", "model_retire"):
            named["digest"] = self.model.digest
        if name.startswith("openid_connect"):
            named["provider_id"] = "hospital"
        if is_missing:
            named["code"] = uuid4()
        return reverse(name, kwargs={key: named[key] for key in named if key in wanted(name)})

    def administration(self, name: str) -> str:
        """One of Django's own pages, with a row where it names one."""
        rows = {"user": self.keeper.pk, "group": Group.objects.order_by("pk")[0].pk, "team": self.empty_team.pk}
        if name == "admin:":
            return "/admin/nothing/"
        if name == "admin:app_list":
            return "/admin/auth/"
        if name == "admin:view_on_site":
            kind = ContentType.objects.get_for_model(Team)
            return reverse(name, args=[kind.pk, self.empty_team.pk])
        kind_of_row = next((kind for kind in rows if f"_{kind}_" in name), "")
        takes_row = name.rpartition("_")[2] in ("change", "delete", "history") and kind_of_row
        return reverse(name, args=[rows[kind_of_row]] if takes_row else [])

    def data(self, name: str, of: Holding) -> dict[str, Any]:
        """What is sent where an empty form names nothing."""
        if name == "harmonisation_fit":
            return {"team": of.team.pk, "profile": "ct"}
        if name == "profile_ask":
            return {"profile": "ct-full"}
        if name == "admin:autocomplete":
            return {"app_label": "patients", "model_name": "membership", "field_name": "user"}
        return {}


def wanted(name: str) -> frozenset[str]:
    """The names in one address that must be filled in."""
    route = next(one.route for one in routes() if one.name == name)
    return frozenset(part.partition(">")[0].rpartition(":")[2] for part in route.split("<")[1:])


def world(storage: Storage) -> World:
    """Both teams, a model, and a login and a team for the administration's pages."""
    model = HostedModel.objects.first() or ensure_default_model()
    keeper = UserFactory.create()
    return World(holding(storage), holding(storage), model, keeper, TeamFactory.create())
