"""What can be measured here, and what is at odds: site-wide bands, own patients' pairs, and changes beside both."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import ChangeNoise, FeatureSet, NoiseTable, RetestPair, Segmentation, VolumeSlopeTable
from patients.reads.trusting.noise_beside import noise_of_feature
from patients.vocabulary import Modality, Reference, Role
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from patients.writes.trusting.noise import TableOfNoise, replace_pairs, replace_tables
from tests.factories import FEATURES, FeatureSetFactory, LesionFactory, PatientFactory, UserFactory
from tests.noisy import concluded_beside
from tests.patients.rows import followed, observed, scan_on

pytestmark = pytest.mark.django_db
MEAN = "original_firstorder_Mean"
AREA = "original_glszm_LargeAreaEmphasis"


def table(within_sd=(0.06, 0.02), source=NoiseSource.SITE_PAIRS, feature_set_pk=None, **more) -> TableOfNoise:
    count = len(within_sd)
    known = {
        "is_log": (True,) * count,
        "mdc": tuple(one and 2.77 * one for one in within_sd),
        "upper_mdc": tuple(one and 5.0 * one for one in within_sd),
        "degrees": (12,) * count,
        "lesions": (9,) * count,
        "patients": (7,) * count,
        "left_out": (0,) * count,
        "missing": (None,) * count,
    }
    return TableOfNoise(
        source, Modality.CT, feature_set_pk, SizeClass.FROM_10, within_sd=within_sd, **{**known, **more}
    )


def text(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_before_anything_is_measured_the_page_says_so(as_user, owner):
    shown = text(as_user(owner), "/noise/")
    assert "Nothing is known of this site’s noise yet." in shown
    assert "scanned twice on one day" in shown
    assert "No lesion is known to have left its noise band." in text(as_user(owner), "/discordance/")


def test_the_sites_own_pairs_stand_before_wider_bands_and_perturbation_is_a_lower_bound(as_user, owner):
    replace_tables([table(), table((0.5, 0.01), NoiseSource.PUBLISHED, citation="Somebody 2011")])
    shown = text(as_user(owner), "/noise/")
    assert "CT, lesions 10 to under 35 mm" in shown
    assert "−15 % / +18 %" in shown
    assert "same-day pairs of scans of this site" in shown
    assert "Somebody 2011" not in shown
    replace_tables([table((0.001, 0.001), NoiseSource.PERTURBATION), table((0.5, 0.5), NoiseSource.PUBLISHED)])
    assert "published repeatability" in text(as_user(owner), "/noise/")
    replace_tables([table(source=NoiseSource.PERTURBATION)])
    shown = text(as_user(owner), "/noise/")
    assert "perturbed outlines and images: a lower bound" in shown
    assert "real" not in shown.replace("really", "")


def test_a_feature_without_a_band_says_why(as_user, owner):
    names = FeatureSetFactory.create(names=list(FEATURES))
    replace_tables([table((None,) * 3, feature_set_pk=names.pk, missing=(NoBand.NO_SPREAD,) * 3)])
    shown = text(as_user(owner), "/noise/")
    assert NoBand.NO_SPREAD.label in shown
    assert "First order Mean" in shown
    assert "Shape MeshVolume" not in shown


def test_bands_of_made_up_patients_stand_apart_and_last(as_user, owner):
    replace_tables([table(), table((0.5, 0.5), is_synthetic=True)])
    shown = text(as_user(owner), "/noise/")
    real, made_up = shown.split("from made-up patients, for made-up patients only")
    assert real.count("CT, lesions 10 to under 35 mm") == 2
    assert "−15 % / +18 %" in real and "−15 % / +18 %" not in made_up
    replace_tables([table()])
    assert "made-up" not in text(as_user(owner), "/noise/")


def paired(**more) -> None:
    patient = PatientFactory.create(**more)
    lesion = LesionFactory.create(patient=patient, tracking_id=f"liver of {patient.pseudonym}")
    for _ in range(2):
        observed(lesion, scan_on(patient, date(2024, 1, 8)), 20.0)
    first, second = Segmentation.objects.filter(lesion=lesion).order_by("pk").values_list("pk", flat=True)
    rows = list(RetestPair.objects.values_list("first_id", "second_id", "why_not"))
    replace_pairs([*rows, (first, second, "Another contrast phase.")])


def test_pairs_are_those_of_own_teams_and_cost_as_much_for_many(as_user, owner, team):
    paired(team=team, pseudonym="P-mine")
    paired(team=team, pseudonym="P-made-up", is_synthetic=True)
    paired(pseudonym="P-other")
    client = as_user(owner)
    shown = text(client, "/noise/")
    assert "liver of P-mine" in shown
    assert "no: Another contrast phase." in shown
    assert "P-other" not in shown
    assert 'P-made-up <span class="tag">SYNTHETIC</span>' in shown and shown.count("SYNTHETIC") == 1
    with CaptureQueriesContext(connection) as few:
        client.get("/noise/")
    for _ in range(3):
        paired(team=team)
    with CaptureQueriesContext(connection) as many:
        client.get("/noise/")
    assert len(few) == len(many)


def test_who_sees_no_patients_sees_neither_page(as_user, team):
    auditor = UserFactory.create(roles=[Role.AUDITOR], teams=[team])
    for page in ("/noise/", "/discordance/"):
        assert as_user(auditor).get(page).status_code in (403, 404)


def test_a_change_stands_beside_its_noise_on_lesion_and_course_page(as_user, owner, team):
    patient = concluded_beside(followed([30.0, 31.0], team=team), 0.05)
    lesion = patient.lesions.get()
    beside = noise_of_feature(lesion.pk, MEAN)
    assert {reference for _, reference, _ in beside} == set(Reference)
    shown = text(as_user(owner), f"/lesions/{lesion.code}/?feature={MEAN}")
    assert "outside noise (MDC 0.139 HU)" in shown
    assert "same-day pairs, q " in shown
    assert "Doubling time" in shown
    course = text(as_user(owner), f"/patients/{patient.code}/")
    assert "smaller than what can be measured here (MDC 15 %)" in course
    assert "outside noise, about" in course
    assert "expected by chance" in course


def test_the_course_draws_the_band_with_its_source_at_one_query_for_many_lesions(as_user, owner, team):
    patient = concluded_beside(followed([30.0, 31.0], [20.0, 26.0], team=team), 5.0)
    client = as_user(owner)
    with CaptureQueriesContext(connection) as plain:
        client.get(f"/patients/{patient.code}/")
    with CaptureQueriesContext(connection) as many:
        shown = text(client, f"/patients/{patient.code}/?feature={MEAN}")
    assert "shaded: within the MDC of baseline (same-day pairs)" in shown
    assert "below each value: its change from baseline beside what can be measured" in shown
    assert shown.count('<td class="n greyed">') >= 2
    assert (
        sum("patients_changenoise" in one["sql"] for one in many)
        - sum("patients_changenoise" in one["sql"] for one in plain)
        == 1
    )


def test_a_short_axis_says_that_no_repeatability_is_published(as_user, owner, team):
    patient = followed([30.0, 31.0], team=team)
    patient.lesions.update(is_node=True)
    concluded_beside(patient, 0.05)
    said = "repeatability unknown: no published repeatability of short axes"
    client = as_user(owner)
    assert text(client, f"/patients/{patient.code}/").count(said) == 3
    outline = Segmentation.objects.filter(lesion__patient=patient).latest("pk")
    address = f"/outlines/{outline.code}/number?size=short_axis_mm&reference=BASELINE"
    assert f"<dt>Minimal detectable change</dt><dd>{said}</dd>" in text(client, address)
    replace_tables([table()])
    assert said in text(client, "/noise/")


def test_a_feature_that_follows_volume_says_how_closely(as_user, owner, team):
    patient = followed([20.0, 20.0], names=(AREA, MEAN), team=team)
    known = {"feature_set": FeatureSet.objects.get(), "slope": [0.3, None], "standard_error": [0.1, None]}
    row = VolumeSlopeTable.objects.create(
        follows_volume=[True, False], spearman=[0.834, 0.9], lesions=[41, 41], **known
    )
    page = f"/lesions/{patient.lesions.get().code}/?feature="
    assert "follows volume: ρ = 0.83 over 41 lesions" in text(as_user(owner), page + AREA)
    assert "follows volume" not in text(as_user(owner), page + MEAN)
    VolumeSlopeTable.objects.filter(pk=row.pk).update(spearman=[None, None], lesions=[2, 2])
    assert "moves with volume; too few lesions here to say how much" in text(as_user(owner), page + AREA)


def test_a_change_without_its_volume_says_so(as_user, owner, team):
    patient = concluded_beside(followed([20.0, 40.0], team=team), 0.05)
    page = f"/lesions/{patient.lesions.get().code}/?feature={MEAN}"
    assert "residualised for volume" not in text(as_user(owner), page)
    ChangeNoise.objects.filter(feature_set__isnull=False).update(is_without_volume=[True] * 3)
    assert "residualised for volume" in text(as_user(owner), page)


def test_without_bands_a_page_says_that_repeatability_is_unknown(as_user, owner, team):
    patient = concluded_beside(followed([9.0, 8.0], team=team), 0.05, source=NoiseSource.PERTURBATION)
    shown = text(as_user(owner), f"/lesions/{patient.lesions.get().code}/?feature={MEAN}")
    assert "exceeds the perturbation lower bound; scan–rescan variation unknown" in shown
    assert "outside noise" not in shown


def test_lesions_at_odds_are_listed_with_what_went_first(as_user, owner, team):
    patient = concluded_beside(followed([30.0, 31.0], team=team), 0.05)
    concluded_beside(followed([30.0, 31.0]), 0.05)
    shown = text(as_user(owner), "/discordance/")
    lesion = patient.lesions.get()
    assert f"/lesions/{lesion.code}/" in shown
    assert "the change of size is smaller than what can be measured" in shown
    assert "First order Mean left its noise band on" in shown
    assert shown.count("/lesions/") == 1
    assert NoiseTable.objects.count() == 0
