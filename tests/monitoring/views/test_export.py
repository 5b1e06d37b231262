"""CSV: tidy, bit-exact, never a formula, never another team's."""

import csv
import io
from datetime import date

import pytest

from patients.csv_cells import csv_cell
from patients.models import FeatureSnapshot
from tests.factories import FeatureSetFactory, FeatureSnapshotFactory, PatientFactory, followed_patient

pytestmark = pytest.mark.django_db


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_one_value_a_row_with_unit_profile_and_digests(as_user, member, team):
    patient = followed_patient(team, lesions=1, dates=1)
    answer = as_user(member).get(f"/patients/{patient.code}/export.csv")
    rows = rows_of(answer)
    assert answer["Content-Disposition"].startswith(f'attachment; filename="deltarad-{patient.pseudonym}-')
    assert [row["feature"] for row in rows[:3]] == ["longest_diameter_mm", "short_axis_mm", "volume_ml"]
    mean = next(row for row in rows if row["feature"] == "original_firstorder_Mean")
    assert (mean["value"], mean["unit"], mean["profile"]) == ("2.0", "HU", "ct")
    assert len(mean["mask_digest"]) == len(mean["volume_digest"]) == len(mean["profile_digest"]) == 64


def test_a_missing_value_is_empty_with_its_reason(as_user, owner, team):
    patient = followed_patient(team, lesions=1, dates=1)
    outline = patient.lesions.get().segmentations.get()
    FeatureSnapshot.objects.all().delete()
    feature_set = FeatureSetFactory.create()
    FeatureSnapshotFactory.create(
        segmentation=outline, feature_set=feature_set, values=[0.1, None, 3.0], reasons=[None, "SMALL_ROI", None]
    )
    rows = {row["feature"]: row for row in rows_of(as_user(owner).get(f"/patients/{patient.code}/export.csv"))}
    assert (rows["original_firstorder_Mean"]["value"], rows["original_firstorder_Mean"]["reason"]) == ("", "SMALL_ROI")
    assert rows["original_shape_MeshVolume"]["value"] == "0.1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_text_is_never_a_formula(start):
    assert csv_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-0.5, 1e-300, 0.1 + 0.2, -3.0])
def test_numbers_are_exact_and_never_quoted(value):
    assert float(csv_cell(value)) == value
    assert not csv_cell(value).startswith("'")


def test_a_lesion_named_like_a_formula_is_disarmed(as_user, owner, team):
    patient = followed_patient(team, lesions=1, dates=1)
    patient.lesions.update(tracking_id='=HYPERLINK("http://x")')
    row = rows_of(as_user(owner).get(f"/patients/{patient.code}/export.csv"))[0]
    assert row["lesion"] == '\'=HYPERLINK("http://x")'


def test_synthetic_data_say_so_in_the_first_column(as_user, owner, team):
    patient = followed_patient(team, lesions=1, dates=1)
    patient.scans.update(is_synthetic=True)
    rows = rows_of(as_user(owner).get(f"/patients/{patient.code}/export.csv"))
    assert {row["synthetic"] for row in rows} == {"SYNTHETIC"}


def test_all_patients_are_those_of_ones_own_teams(as_user, owner, stranger, team):
    followed_patient(team, lesions=1, dates=1)
    PatientFactory.create(team=team)
    assert len({row["patient"] for row in rows_of(as_user(owner).get("/patients/export.csv"))}) == 1
    assert rows_of(as_user(stranger).get("/patients/export.csv")) == []


def test_another_teams_patient_cannot_be_exported(as_user, stranger, team):
    patient = PatientFactory.create(team=team)
    assert as_user(stranger).get(f"/patients/{patient.code}/export.csv").status_code == 404


def test_dates_are_shifted_where_asked(as_user, member, team):
    patient = followed_patient(team, lesions=1, dates=2)
    address = f"/patients/{patient.code}/export.csv"
    plain, shifted = (rows_of(as_user(member).get(f"{address}{query}")) for query in ("", "?dates=shifted"))
    pairs = zip(plain, shifted, strict=True)
    moved = {date.fromisoformat(a["scan_date"]) - date.fromisoformat(b["scan_date_shifted"]) for a, b in pairs}
    assert len(moved) == 1 and moved.pop().days >= 30
    assert [row["value"] for row in plain] == [row["value"] for row in shifted]


def test_one_feature_of_all_patients(as_user, owner, stranger, team):
    patient = followed_patient(team, lesions=1, dates=2)
    client = as_user(owner)
    answer = client.get("/patients/export.csv?feature=original_glcm_Contrast")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert "original-glcm-Contrast" in answer["Content-Disposition"] or "original_glcm_Contrast" in str(answer.headers)
    assert [patient.pseudonym in line for line in lines] == [False, True, True]
    shifted = client.get("/patients/export.csv?feature=original_glcm_Contrast&dates=shifted")
    assert "scan_date_shifted" in next(iter(shifted.streaming_content)).decode()
    assert client.get("/patients/export.csv?feature=original_glcm_Contrast%00x").status_code == 404
    others = as_user(stranger).get("/patients/export.csv?feature=original_glcm_Contrast")
    assert len(b"".join(others.streaming_content).splitlines()) == 1
