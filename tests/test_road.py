"""Real scans over the whole road: handed in, confirmed, measured, extracted and concluded by a real worker."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from patients.models import FeatureDelta, Lesion, Patient, Scan, Segmentation, Team
from patients.vocabulary import Role
from radiomics_tasks.arrivals import hand_in
from tests.factories import login
from tests.holding import steward
from tests.live_worker import running_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(transactional_db, tmp_path):
    with running_worker(tmp_path / "worker.log") as process:
        yield process


def import_scan(*words: object) -> tuple[int, dict[str, Any]]:
    """Exit status and printed JSON of the command."""
    out = io.StringIO()
    try:
        call_command("import_scan", *map(str, words), "--json", stdout=out, stderr=io.StringIO())
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue())


def codes(printed: dict[str, Any]) -> list[str]:
    return [series["code"] for series in printed["series"]]


def test_the_ibsi_phantom_waits_for_a_date_and_is_filed_with_it(worker, data_dir: Path):
    folder = data_dir / "ibsi1_ct_phantom" / "dicom"
    status, printed = import_scan(folder, "--patient", "IBSI")
    assert (status, codes(printed)) == (1, ["Q_DATE"])
    assert not Patient.objects.exists()
    status, printed = import_scan(folder, "--patient", "IBSI", "--date", "2005-03-01")
    assert status == 0
    outline = printed["patients"][0]["outlines"][0]
    assert outline["voxels"] == 125_256
    assert (outline["snapshots"][0]["features"], outline["snapshots"][0]["undefined"]) == (107, 0)


def demo_liver(folder: Path, kind: str) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.name == "CT" or (path.is_file() and kind in path.name)]


def sums(printed: dict[str, Any]) -> list[float]:
    return [float(response["sum_mm"]) for response in printed["patients"][0]["responses"]]


def calls(printed: dict[str, Any]) -> list[str]:
    return [response["target_response"] for response in printed["patients"][0]["responses"]]


EXPECTED_SUMS_MM = [59.84, 74.04, 49.62, 34.60]
EXPECTED_CALLS = ["BASELINE", "PD", "SD", "PR"]


def test_four_dates_come_out_the_same_from_seg_and_from_rtstruct(worker, data_dir: Path):
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01"
    status, seg = import_scan(*demo_liver(folder, "SEG"), "--patient", "LIVER-SEG")
    assert status == 0, seg["series"]
    assert sums(seg) == pytest.approx(EXPECTED_SUMS_MM, abs=0.02)
    assert calls(seg) == EXPECTED_CALLS
    assert all(row["why"].startswith("Same tracking UID") for row in seg["patients"][0]["outlines"][2:])

    second = [*demo_liver(folder, "RTSTRUCT"), "--patient", "LIVER-RT"]
    status, refused = import_scan(*second)
    assert status == 1
    assert set(codes(refused)) <= {"Q_WRONG_PATIENT", "Q_PIXELS_OTHER_PATIENT"}
    doubts = ("Q_WRONG_PATIENT", "Q_PIXELS_OTHER_PATIENT", "Q_UID_OTHER_PATIENT", "Q_MASK_REUSED")
    despite = [word for doubt in doubts for word in ("--despite", doubt)]
    assert import_scan(*second, *despite)[0] == 1
    named = ("--by", steward(Team.objects.get()).username, "--because", "The same person in two formats, on purpose.")
    status, rt = import_scan(*second, *despite, *named)
    assert status == 0, rt["series"]
    assert sums(rt) == pytest.approx(EXPECTED_SUMS_MM, abs=0.02)
    assert calls(rt) == EXPECTED_CALLS
    assert all("as before" in row["why"] for row in rt["patients"][0]["outlines"][2:])
    voxels = [[row["voxels"] for row in printed["patients"][0]["outlines"]] for printed in (seg, rt)]
    assert max(abs(a - b) for a, b in zip(sorted(voxels[0]), sorted(voxels[1]), strict=True)) <= 2


def linked_by_form(outline: Segmentation, lesion: Lesion) -> HttpResponse:
    """A reader opens the waiting outline and chooses a lesion."""
    browser = Client()
    browser.force_login(login(outline.scan.patient.team, Role.READER, username="reader"))
    assert lesion.tracking_id in browser.get(reverse("outline", args=[outline.code])).content.decode()
    answer = browser.post(reverse("outline_link", args=[outline.code]), {"lesion": str(lesion.code)})
    assert answer.status_code == 302
    return answer  # type: ignore[return-value]  # as the view sent it


def test_three_modalities_are_two_visits_of_one_linked_lesion(worker, data_dir: Path):
    folder = data_dir / "sts_ct_pet_mr" / "STS_002" / "dicom"
    status, printed = import_scan(folder, "--patient", "STS-002")
    assert (status, printed["patients"][0]["waiting_outlines"]) == (1, 2)
    lesion = Lesion.objects.get()
    # Sent again, by a person who says which lesion the outline on the CT shows; the other one by the page's form.
    status, printed = import_scan(folder, "--patient", "STS-002", "--link", f"GTV_Mass_CT={lesion.tracking_id}")
    assert (status, printed["patients"][0]["waiting_outlines"]) == (1, 1)
    answer = linked_by_form(Segmentation.objects.get(lesion=None), lesion)
    assert answer["Location"] == reverse("patient", args=[lesion.patient.code])
    hand_in.wait_until_concluded([lesion.patient])
    rows = list(lesion.segmentations.select_related("scan", "created_by"))
    assert {row.roi_name for row in rows} == {"GTV_Mass_CT", "GTV_Mass_PET", "GTV_Mass_MR_T1"}
    assert all(row.linked_why for row in rows if row.scan.modality != "MR")
    scans = {scan.modality: scan for scan in Scan.objects.all()}
    assert str(scans["MR"].acquired_on) == "2006-01-03"
    assert str(scans["CT"].acquired_on) == str(scans["PT"].acquired_on) == "2006-01-28"
    assert scans["CT"].timepoint_id == scans["PT"].timepoint_id != scans["MR"].timepoint_id
    profiles = {row.scan.modality: row.snapshots.get().feature_set.profile for row in Segmentation.objects.all()}
    assert profiles == {"MR": "mr", "CT": "ct", "PT": "pet"}
    assert scans["PT"].unit == "SUVbw"
    # One date for each modality: of none is there an earlier one to compare with, so nothing is.
    changes = [(row.absolute, row.relative_ratio, row.log_ratio) for row in FeatureDelta.objects.all()]
    assert {value for forms in changes for form in forms for value in form} <= {None}


def test_the_same_scan_twice_is_one_scan(worker, data_dir: Path):
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / "T0_20210301"
    first, _ = import_scan(*demo_liver(folder, "SEG"), "--patient", "LIVER")
    second, printed = import_scan(*demo_liver(folder, "SEG"))
    assert (first, second) == (0, 0)
    assert printed["series"][0]["is_filed"]
    assert (Scan.objects.count(), Segmentation.objects.count()) == (1, 2)
