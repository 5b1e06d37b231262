"""The card of a number: everything behind it, for those who may see the patient; asked for again, and its alarm."""

import pytest
from django.urls import reverse

from patients.models import LesionPair, Recomputation, Segmentation
from patients.vocabulary import Role, RunState, Step
from patients.words.recompute_words import Recomputed
from patients.writes.findings import replace_findings
from patients.writes.trusting.recomputations import answer
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.models import ProcessingRun
from tests.factories import FEATURES, followed_patient, login, signed_reading
from tests.standing import let_stand

pytestmark = pytest.mark.django_db

NAME = FEATURES[2]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def outline(team, storage) -> Segmentation:
    from patients.reads.timelines import patient_timeline

    patient = followed_patient(team, lesions=1, dates=2, storage=storage)
    replace_findings(conclude(patient_timeline(patient.pk)))
    return Segmentation.objects.select_related("scan__patient", "lesion").order_by("pk").last()


def card(client, outline, query: str = "") -> str:
    answer = client.get(f"{reverse('number', args=[outline.code])}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_value_tells_its_digests_engine_and_people(as_user, owner, outline):
    said = card(as_user(owner), outline, f"feature={NAME}")
    snapshot = outline.snapshots.get()
    for part in (
        outline.mask_digest,
        outline.mask_file,
        outline.scan.volume_digest,
        snapshot.feature_set.profile_digest,
        snapshot.build_digest,
        "numpy 2.4.6",
        repr(snapshot.values[2]),
        "no signed assessment of this outline that may be shown to you",
    ):
        assert part in said, part


def test_a_change_tells_both_values_its_noise_and_whether_the_scans_compare(as_user, owner, outline):
    said = card(as_user(owner), outline, f"feature={NAME}&reference=BASELINE")
    pair = LesionPair.objects.get(reference="BASELINE")
    assert "repeatability unknown: no repeated scans" in said
    assert pair.found["rules_digest"] in said
    assert "Value then" in said
    size = card(as_user(owner), outline, "size=longest_diameter_mm&reference=BASELINE")
    then, now = pair.longest_diameter_mm
    assert repr(now - then) in size
    assert "published repeatability" in size


def test_strangers_and_unknown_features_get_the_same_answer(as_user, owner, stranger, outline):
    address = reverse("number", args=[outline.code])
    assert as_user(stranger).get(address).status_code == 404
    assert as_user(stranger).post(f"{address}/recompute").status_code == 404
    assert as_user(owner).get(f"{address}?feature=original_glcm_Nothing").status_code == 404
    assert as_user(owner).get(f"{address}?size=nothing&reference=nothing").status_code == 200
    assert not Recomputation.objects.exists()


def test_asked_again_it_moves_until_the_worker_has_answered(as_user, owner, outline):
    client = as_user(owner)
    address = f"{reverse('number', args=[outline.code])}/recompute?feature={NAME}"
    assert client.post(address)["Location"].endswith(f"?feature={NAME}")
    assert "Being computed again" in client.post(address, headers={"HX-Request": "true"}).content.decode()
    asked = Recomputation.objects.get()
    assert ProcessingRun.objects.get(step=Step.RECOMPUTE).subject_pk == asked.pk
    let_stand(ProcessingRun.objects.all(), state=RunState.DONE)
    answer(asked.pk, Recomputed.SAME, "The same digits in all 3 values and the sizes.", [])
    said = client.get(reverse("number_again", args=[outline.code])).content.decode()
    assert "The same digits in all 3 values" in said
    assert "every 1s" not in said


def test_an_alarm_stands_on_card_lesion_and_patients_until_a_good_answer(as_user, owner, outline):
    client = as_user(owner)
    pages = [reverse("number", args=[outline.code]), reverse("lesion", args=[outline.lesion.code])]
    snapshot = outline.snapshots.get()
    asked = Recomputation.objects.create(snapshot=snapshot, asked_by=owner)
    said = f"feature {NAME}: stored 3.0, now 3.0000000000000004 (1 unit in the last place)."
    answer(asked.pk, Recomputed.DIGITS_DIFFER, said, [])
    assert all(said[1:] in client.get(page).content.decode() for page in pages)
    assert "number alarm" in client.get("/patients/").content.decode()
    again = Recomputation.objects.create(snapshot=snapshot, asked_by=owner)
    answer(again.pk, Recomputed.SAME, "The same digits.", [])
    assert not any(said[1:] in client.get(page).content.decode() for page in pages)
    assert "number alarm" not in client.get("/patients/").content.decode()


def test_the_lesion_page_leads_to_the_cards(as_user, owner, outline):
    said = as_user(owner).get(f"{reverse('lesion', args=[outline.lesion.code])}?feature={NAME}").content.decode()
    assert f"{reverse('number', args=[outline.code])}?feature={NAME}" in said
    assert f"{reverse('number', args=[outline.code])}?feature={NAME}&amp;reference=BASELINE" in said


def test_a_reader_who_has_not_signed_sees_no_signature_and_no_call(as_user, team, outline):
    first, second = login(team, Role.READER), login(team, Role.READER)
    signed_reading(outline.scan.timepoint, first)
    patient = outline.scan.patient
    address = reverse("visit_number", args=[patient.code, outline.scan.timepoint_id])
    assert "Target sum" in as_user(login(team, Role.BOARD)).get(address).content.decode()
    assert "Nothing of this visit may be shown" in as_user(second).get(address).content.decode()


def test_a_sum_tells_its_rule_protocol_and_parts(as_user, owner, outline):
    address = reverse("visit_number", args=[outline.scan.patient.code, outline.scan.timepoint_id])
    said = as_user(owner).get(address).content.decode()
    assert "27.0 mm" in said
    assert reverse("number", args=[outline.code]) in said
    assert "Protocol" in said
