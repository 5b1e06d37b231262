"""One lesion: slices of all dates, every feature searchable, changes with reasons, and where numbers come from."""

import pytest
from django.utils import timezone

from monitoring.shown.numbers.feature_list import panel_first
from patients.models import FeatureDelta, FeatureSet
from patients.vocabulary import Absence, Modality, Step
from radiomics_tasks.models import ProcessingRun
from tests.factories import (
    FEATURES,
    FeatureDeltaFactory,
    FeatureSetFactory,
    FeatureSnapshotFactory,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    followed_patient,
)

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def lesion(team):
    return followed_patient(team).lesions.first()


def page(client, lesion, query="", **headers):
    return client.get(f"/lesions/{lesion.code}/{query}", headers=headers).content.decode()


def test_every_date_has_its_slices_and_the_last_is_current(as_user, member, lesion):
    shown = page(as_user(member), lesion)
    assert shown.count("data-manifest=") == 3
    assert shown.count('aria-current="true">\n  <canvas') == 1
    assert "29 Apr 2024" in shown


def test_every_feature_can_be_found(as_user, owner, lesion):
    client = as_user(owner)
    assert "3 features" in page(client, lesion)
    shown = page(client, lesion, "?search=firstorder", **FRAGMENT)
    assert shown.strip().startswith('<section class="panel features"')
    assert "1 feature match" in shown
    assert "No feature matches." in page(client, lesion, "?search=zzz")


def test_a_chosen_feature_has_its_chart_and_its_changes(as_user, owner, lesion):
    shown = page(as_user(owner), lesion, f"?feature={FEATURES[1]}")
    assert "First order Mean" in shown and "(HU)" in shown
    assert "figure-data" in shown
    assert shown.count("+0.5000") == 6
    assert "+50.0\u202f%" in shown


def test_a_change_that_is_not_defined_says_why(as_user, owner, lesion):
    delta = FeatureDelta.objects.filter(lesion=lesion).first()
    delta.absolute[1], delta.reasons["absolute"][1] = None, Absence.SMALL_DENOMINATOR.value
    delta.relative_ratio[1], delta.reasons["relative_ratio"][1] = None, Absence.SCALE.value
    delta.save()
    assert Absence.SMALL_DENOMINATOR.label in page(as_user(owner), lesion, f"?feature={FEATURES[1]}")


def test_many_features_come_in_pages(as_user, owner, team):
    lesion = followed_patient(team, lesions=1, features=40).lesions.get()
    client = as_user(owner)
    first, last = page(client, lesion), page(client, lesion, "?from=28")
    assert "1–14 of 40" in first and "Next" in first
    assert "29–40 of 40" in last and "Previous" in last
    assert "40–40 of 40" in page(client, lesion, "?from=99999")


def test_each_number_says_where_it_comes_from(as_user, owner, lesion):
    shown = page(as_user(owner), lesion)
    outline = lesion.segmentations.first()
    for words in (outline.mask_digest, outline.scan.volume_digest, "pyradiomics-bhklab 3.1.4", "Voxels after"):
        assert words in shown


def test_a_superseded_outline_is_kept_with_who_and_when(as_user, owner, lesion):
    newer = lesion.segmentations.last()
    SegmentationFactory.create(
        scan=newer.scan, lesion=lesion, created_by=owner, superseded_by=newer, superseded_at=timezone.now()
    )
    shown = page(as_user(owner), lesion)
    assert "1 earlier outline, superseded and kept" in shown
    assert "by owner, superseded" in shown


def test_a_lesion_without_outlines_has_an_honest_page(as_user, owner, team):
    lesion = LesionFactory.create(patient=PatientFactory.create(team=team))
    shown = page(as_user(owner), lesion)
    assert "No outline of this lesion is current." in shown
    assert "No features are extracted yet." in shown


def test_the_drawer_marks_the_clicked_date(as_user, member, lesion):
    outline = lesion.segmentations.first()
    answer = as_user(member).get(f"/lesions/{lesion.code}/drawer?outline={outline.code}").content.decode()
    marked = answer[: answer.index('aria-current="true"')]
    assert marked.count("data-manifest=") == 1
    assert f"/lesions/{lesion.code}/" in answer


def test_another_team_finds_nothing(as_user, stranger, lesion):
    for door in ("", "drawer"):
        assert as_user(stranger).get(f"/lesions/{lesion.code}/{door}").status_code == 404


def test_a_pet_of_the_same_visit_lends_no_number_to_the_ct(as_user, owner, lesion):
    last = lesion.segmentations.order_by("pk").last()
    pet = ScanFactory.create(timepoint=last.scan.timepoint, acquired_on=last.scan.acquired_on, modality=Modality.PT)
    seen = SegmentationFactory.create(scan=pet, lesion=lesion)
    MeasurementFactory.create(segmentation=seen)
    names = FeatureSetFactory.create(names=list(FEATURES), profile_digest="b" * 64)
    snapshot = FeatureSnapshotFactory.create(segmentation=seen, feature_set=names)
    FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot, absolute=[7.0, 7.0, 7.0])
    shown = page(as_user(owner), lesion, f"?feature={FEATURES[1]}")
    assert "+7.000" not in shown
    assert shown.count("+0.5000") == 6


def pet_of(visit_outline, values, change=None, reference=None):
    """The lesion of an outline on a PET of the same visit, extracted under its own profile."""
    scan = visit_outline.scan
    pet = ScanFactory.create(timepoint=scan.timepoint, acquired_on=scan.acquired_on, modality=Modality.PT, unit="SUVbw")
    seen = SegmentationFactory.create(scan=pet, lesion=visit_outline.lesion)
    MeasurementFactory.create(segmentation=seen)
    names = FeatureSet.objects.filter(profile_digest="b" * 64).first()
    names = names or FeatureSetFactory.create(names=list(FEATURES), profile_digest="b" * 64)
    snapshot = FeatureSnapshotFactory.create(segmentation=seen, feature_set=names, values=values)
    if reference:
        FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=reference, absolute=change)
    return snapshot


def test_features_of_every_kind_of_scan_are_reached_with_their_own_changes(as_user, owner, lesion):
    first, last = lesion.segmentations.order_by("pk")[:2]
    before = pet_of(first, [4.25] * 3)
    pet_of(last, [11.25] * 3, [7.0] * 3, before)
    client = as_user(owner)
    usual, pet = (page(client, lesion, f"?feature={FEATURES[1]}{kind}") for kind in ("", "&kind=PT"))
    assert "on CT</span>" in usual and "+7.000" not in usual
    assert "on PET</span>" in pet and "+7.000" in pet and "+0.5000" not in pet
    assert "11.25" in pet and "(SUVbw)" in pet
    assert Absence.PROFILE_DIFFERS.label in pet
    assert pet.count("kind=PT") > 4 and "kind=PT" in usual


def test_one_kind_of_scan_asks_for_no_choice(as_user, owner, lesion):
    shown = page(as_user(owner), lesion, "?kind=PT")
    assert "Kind of scan" not in shown and "kind=" not in shown
    assert shown.count("+0.5000") == 6


def test_slices_of_several_kinds_say_which(as_user, owner, lesion):
    assert "<strong>CT · " not in page(as_user(owner), lesion)
    pet_of(lesion.segmentations.order_by("pk").last(), [4.25] * 3)
    shown = page(as_user(owner), lesion)
    assert (shown.count("<strong>CT · "), shown.count("<strong>PET · ")) == (3, 1)


SAID = {"tracking_id": "node 9", "organ": "LYMPH_NODE", "is_node": "yes", "role": "NON_TARGET"}


def test_the_default_panel_comes_first():
    names = ["original_shape_Elongation", "original_firstorder_Mean", "original_firstorder_Entropy"]
    assert panel_first(names) == [names[2], names[1], names[0]]


def test_what_is_said_of_a_lesion_is_corrected_and_concluded_again(as_user, owner, lesion):
    ProcessingRun.objects.all().delete()
    client = as_user(owner)
    assert "Correct name, organ or role" in page(client, lesion)
    assert client.post(f"/lesions/{lesion.code}/revise", SAID).status_code == 302
    lesion.refresh_from_db()
    assert (lesion.tracking_id, lesion.organ, lesion.is_node, lesion.role) == (
        "node 9",
        "LYMPH_NODE",
        True,
        "NON_TARGET",
    )
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=lesion.patient_id).count() == 1


def test_a_correction_that_cannot_be_says_why(as_user, owner, lesion):
    LesionFactory.create(patient=lesion.patient, tracking_id="node 9")
    answer = as_user(owner).post(f"/lesions/{lesion.code}/revise", SAID)
    assert answer.status_code == 422
    assert "Another lesion of this patient has that name." in answer.content.decode()


def test_only_those_who_link_may_correct(as_user, member, stranger, lesion):
    assert "Correct name" not in page(as_user(member), lesion)
    assert as_user(member).post(f"/lesions/{lesion.code}/revise", SAID).status_code == 403
    assert as_user(stranger).post(f"/lesions/{lesion.code}/revise", SAID).status_code == 404
