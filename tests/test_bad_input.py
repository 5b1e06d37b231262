"""Bad input over the whole road, by a real worker: each with its own sentence, and nothing half-filed."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.html import escape as django_escape

from patients.files import Storage
from patients.models import Candidate, Lesion, Patient, Scan, Segmentation, Team, Timepoint, Upload
from patients.vocabulary import CandidateState, Role, UploadState
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.arrivals.hand_in import Answers, Outcome
from tests.bad_input import CASES, FILE_LIMIT, HOSTILE_NAME, SECRETS, good_scan
from tests.factories import TeamFactory, login
from tests.holding import REASON, release_all, steward
from tests.live_worker import running_worker
from tests.patients.writes.at_once import at_once

WHAT_TO_DO = re.compile(r"\b(Send|Export|Copy|Check|Pack|pack|Outline|Correct|Leave) ")
pytestmark = pytest.mark.django_db

GOOD = ("twice", "two tabs", "at once", "two patients", "mixed up")
ON_THE_WEB = (
    "truncated_dicom",
    "two_patients_in_one_series",
    "missing_slice",
    "text_renamed",
    "zip_slip",
    "symlink_in_zip",
    "mask_on_another_grid",
    "nan_voxels",
)


@dataclass
class Batch:
    """Everything that was sent and done with it: by the shell, by browser, and by two people at the same moment."""

    root: Path
    team: Team
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    answers: dict[str, list[HttpResponse]] = field(default_factory=dict)

    def browser(self, name: str = "coordinator") -> Client:
        """A browser signed in as one of the team's coordinators."""
        client = Client()
        client.force_login(self.team.memberships.get(user__username=name).user)
        return client

    def series(self, name: str) -> Candidate:
        """The one series that was found in an upload."""
        return self.uploads[name].candidates.get()

    def said(self, name: str) -> list[tuple[str, str]]:
        """Codes and sentences of what was not filed."""
        found = [(outcome.code, outcome.sentence) for outcome in self.outcomes[name] if outcome.code]
        return found + [
            (each["code"], each["sentence"]) for outcome in self.outcomes[name] for each in outcome.left_out
        ]


@pytest.fixture(scope="module")
def batch(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Batch]:
    """All uploads through one worker, committed; the tests of this file only look at what became of them."""
    root = tmp_path_factory.mktemp("bad")
    limited = override_settings(DATA_DIR=root / "data", UPLOAD_MAX_FILE_BYTES=FILE_LIMIT)
    log, limit = root / "worker.log", {"DELTARAD_UPLOAD_MAX_FILE_BYTES": str(FILE_LIMIT)}
    with django_db_blocker.unblock(), limited:
        try:
            batch = Batch(root, TeamFactory.create())
            for name in ("coordinator", "colleague"):
                login(batch.team, Role.COORDINATOR, username=name)
            with running_worker(log, **limit):
                send_everything(batch)
                file_everything(batch)
            yield batch
        finally:
            call_command("flush", verbosity=0, interactive=False)
            # The next test may count on what the migrations brought.
            Group.objects.bulk_create(Group(name=role.value) for role in Role)


def send_everything(batch: Batch) -> None:
    """Every case by the shell, some by browser, and good scans to be sent or filed more than once."""
    for name, (write, _) in CASES.items():
        write(batch.root / name)
        batch.uploads[name] = hand_in.hand_in([batch.root / name], batch.team)
    for name in ON_THE_WEB:
        CASES[name][0](batch.root / f"web {name}")
        batch.uploads[f"web {name}"] = sent(batch.browser(), batch.root / f"web {name}")
    for name in GOOD:
        good_scan(batch.root / name)
    batch.uploads |= {name: sent(batch.browser(), batch.root / name) for name in ("twice", "two tabs", "mixed up")}
    for name in ("at once", "two patients"):
        # The two uploads themselves overlap, file by file.
        mine = partial(sent, batch.browser(), batch.root / name)
        hers = partial(sent, batch.browser("colleague"), batch.root / name)
        batch.uploads[name], batch.uploads[f"{name}, again"] = at_once(mine, hers)
    for upload in batch.uploads.values():
        hand_in.wait_until_read(upload)


def file_everything(batch: Batch) -> None:
    """What is unambiguous by the shell, the good scans by browsers."""
    mine, hers = batch.browser(), batch.browser("colleague")
    batch.outcomes = {name: hand_in.confirm(batch.uploads[name], Answers(pseudonym=name)) for name in CASES}
    batch.answers["twice"] = [filed(mine, batch.series("twice"), "twice")]
    batch.uploads["twice, again"] = sent(hers, batch.root / "twice")
    batch.answers["at once"] = both_filed(batch, "at once", "at once", "at once")
    batch.answers["two patients"] = both_filed(batch, "two patients", "mine", "hers")
    tabs = batch.series("two tabs")
    clicks = [lambda: filed(mine, tabs, "two tabs"), lambda: filed(hers, tabs, "two tabs")]
    batch.answers["two tabs"] = [*at_once(*clicks), filed(hers, tabs, "somebody else")]
    hand_in.wait_until_read(batch.uploads["twice, again"])
    file_under_another(batch)
    hand_in.wait_until_concluded(list(Patient.objects.all()))


def file_under_another(batch: Batch) -> None:
    """A scan that one patient has already, filed under a second one by browser and under a third by the shell."""
    mine = batch.browser()
    batch.answers["mixed up"] = [filed(mine, batch.series("mixed up"), "mixed up")]
    for name in ("by browser", "by shell"):
        batch.uploads[name] = hand_in.wait_until_read(sent(mine, batch.root / "mixed up"))
    series, doubt = batch.series("by browser"), "Q_PIXELS_OTHER_PATIENT"
    assert series.state == CandidateState.DUPLICATE
    batch.answers["by browser"] = [filed(mine, series, "by browser")]
    batch.answers["by browser"] += [filed(mine, series, "by browser", confirmed=doubt)]
    release_all(batch.team)
    batch.answers["by browser"] += [filed(mine, series, "by browser") for _ in range(2)]
    second = Answers("by shell", despite=frozenset([doubt]), by=steward(batch.team), because=REASON)
    batch.outcomes["by shell"] = [
        *hand_in.confirm(batch.uploads["by shell"], Answers("by shell")),
        *hand_in.confirm(batch.uploads["by shell"], second),
    ]


def both_filed(batch: Batch, name: str, my_patient: str, her_patient: str) -> list[HttpResponse]:
    """Two uploads of one scan, confirmed at the same moment by two people."""
    mine, hers = batch.series(name), batch.series(f"{name}, again")
    mine_at, hers_at = batch.browser(), batch.browser("colleague")
    return [*at_once(lambda: filed(mine_at, mine, my_patient), lambda: filed(hers_at, hers, her_patient))]


def sent(browser: Client, folder: Path) -> Upload:
    """What the page's script does: open an upload, send each file, say that it is complete."""
    opened = browser.post(reverse("upload_open")).json()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        answer = browser.put(
            opened["files"],
            content,
            content_type="application/octet-stream",
            headers={"X-Content-SHA256": hashlib.sha256(content).hexdigest(), "X-File-Name": quote(path.name)},
        )
        assert answer.status_code == 201, answer.content
    assert browser.post(reverse("upload_complete", args=[opened["code"]])).status_code == 200
    return Upload.objects.get(code=opened["code"])


def filed(browser: Client, candidate: Candidate, pseudonym: str, **more: object) -> HttpResponse:
    """Press "File" in the triage table."""
    prefix = str(candidate.code)[:8]
    form = {f"{prefix}-pseudonym": pseudonym, f"{prefix}-is_new": "on", **{f"{prefix}-{k}": v for k, v in more.items()}}
    return browser.post(reverse("candidate_file", args=[candidate.code]), form)  # type: ignore[return-value]  # as sent


def page(batch: Batch, name: str) -> str:
    """The triage table of one upload."""
    response = batch.browser().get(reverse("upload", args=[batch.uploads[name].code]))
    assert response.status_code == 200
    return response.content.decode()


# ---- from the shell
@pytest.mark.parametrize("name", CASES)
def test_each_is_answered_with_its_code_and_sentence(batch: Batch, name: str):
    expected = CASES[name][1]
    if not expected.code:
        assert batch.said(name) == []
        return
    found = [sentence for code, sentence in batch.said(name) if code == expected.code]
    assert len(found) == 1, batch.said(name)
    assert expected.words in found[0]


@pytest.mark.parametrize("name", CASES)
def test_each_sentence_says_what_to_do_and_gives_nothing_away(batch: Batch, name: str):
    for code, sentence in batch.said(name):
        assert WHAT_TO_DO.search(sentence), (code, sentence)
        assert sentence.endswith("."), sentence
        assert [word for word in (*SECRETS, str(batch.root)) if word in sentence] == []


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_whole_is_filed(batch: Batch, name: str):
    expected = CASES[name][1]
    assert Patient.objects.filter(pseudonym=name).exists() == bool(expected.scans)
    assert Scan.objects.filter(patient__pseudonym=name).count() == expected.scans
    outlines = Segmentation.objects.filter(scan__patient__pseudonym=name)
    assert (outlines.count(), outlines.exclude(lesion=None).count()) == (expected.outlines, expected.outlines)


def test_one_voxel_is_sized_and_its_texture_withheld(batch: Batch):
    outline = Segmentation.objects.get(scan__patient__pseudonym="one_voxel_mask")
    assert (outline.voxels, outline.failure) == (1, {})
    assert outline.measurement.volume_ml == pytest.approx(0.0025)
    assert outline.measurement.longest_diameter_mm > 0
    snapshot = outline.snapshots.get()
    assert len(snapshot.values) == len(snapshot.reasons) == 107
    texture = [
        (value, reason)
        for name, value, reason in zip(snapshot.feature_set.names, snapshot.values, snapshot.reasons, strict=True)
        if "_shape_" not in name
    ]
    assert set(texture) == {(None, "SMALL_ROI")}


def test_nothing_leaves_its_archive(batch: Batch):
    assert [path for path in batch.root.parent.rglob("*scaped*")] == []
    assert not any(path.is_symlink() for path in (batch.root / "data").rglob("*"))


# ---- in the browser
@pytest.mark.parametrize("name", ON_THE_WEB)
def test_the_triage_page_says_what_is_wrong_and_what_to_do(batch: Batch, name: str):
    found, shown = batch.series(f"web {name}"), page(batch, f"web {name}")
    known = [*found.problems, *(each for outline in found.outlines for each in outline["problems"])]
    sentences = [each["sentence"] for each in known if each["code"] == CASES[name][1].code]
    assert len(sentences) == 1
    assert WHAT_TO_DO.search(sentences[0])
    assert django_escape(sentences[0]) in shown
    has_button = f'action="{reverse("candidate_file", args=[found.code])}"' in shown
    assert has_button == bool(CASES[name][1].scans)


@pytest.mark.parametrize("name", [name for name in ON_THE_WEB if not CASES[name][1].scans])
def test_what_is_refused_cannot_be_filed_by_force(batch: Batch, name: str):
    found = batch.series(f"web {name}")
    response = filed(batch.browser(), found, "forced", confirmed=[each["code"] for each in found.problems])
    assert response.status_code == 422
    assert not Patient.objects.filter(pseudonym="forced").exists()


def test_the_inbox_gives_the_reason_of_what_was_refused(batch: Batch):
    inbox = batch.browser().get(reverse("inbox")).content.decode()
    refused = [upload for name in ON_THE_WEB if (upload := batch.uploads[f"web {name}"]).state == UploadState.REFUSED]
    assert len(refused) == 6
    assert [upload.reason for upload in refused if django_escape(upload.reason) not in inbox] == []


def test_a_hostile_file_name_is_only_text(batch: Batch):
    shown = page(batch, "web text_renamed")
    assert HOSTILE_NAME not in shown
    assert "onerror" not in shown


# ---- the same more than once
def counts(pseudonym: str) -> tuple[int, int, int]:
    """Scans, outlines and lesions of one patient."""
    scans = Scan.objects.filter(patient__pseudonym=pseudonym)
    outlines = Segmentation.objects.filter(scan__in=scans)
    return scans.count(), outlines.count(), Lesion.objects.filter(segmentations__in=outlines).distinct().count()


def statuses(batch: Batch, name: str) -> list[int]:
    return [answer.status_code for answer in batch.answers[name]]


def test_the_same_upload_twice_is_one_scan(batch: Batch):
    again = batch.uploads["twice, again"]
    assert (again.state, again.candidates.get().state) == (UploadState.FILED, CandidateState.DUPLICATE)
    assert "Already filed as the CT of 2 Mar 2026." in page(batch, "twice, again")
    assert counts("twice") == (1, 1, 1)


def test_two_uploads_of_one_scan_filed_at_once_are_one_scan(batch: Batch):
    assert statuses(batch, "at once") == [302, 302]
    assert counts("at once") == (1, 1, 1)
    assert batch.series("at once").scan == batch.series("at once, again").scan


def test_one_scan_filed_at_once_under_two_patients_is_filed_once(batch: Batch):
    assert sorted(statuses(batch, "two patients")) == [302, 422]
    refused = next(answer for answer in batch.answers["two patients"] if answer.status_code == 422)
    assert "Identical images are filed under another patient. Find out whose they are." in refused.content.decode()
    assert sorted([counts("mine"), counts("hers")]) == [(0, 0, 0), (1, 1, 1)]


def test_a_scan_of_one_patient_goes_under_another_only_by_a_deliberate_act(batch: Batch):
    assert statuses(batch, "mixed up") == [302]
    assert statuses(batch, "by browser") == [422, 422, 302, 302]
    words = "Identical images are filed under another patient. Find out whose they are. It is held for a steward"
    asked = batch.answers["by browser"][0].content.decode()
    assert words in asked
    assert 'value="Q_PIXELS_OTHER_PATIENT"' not in asked
    refused, done = batch.outcomes["by shell"]
    assert (refused.scan, refused.code, done.is_whole) == (None, "Q_PIXELS_OTHER_PATIENT", True)
    assert words in refused.sentence


def test_browser_and_shell_file_it_alike(batch: Batch):
    assert [counts(name) for name in ("mixed up", "by browser", "by shell")] == [(1, 1, 1)] * 3
    scans = [Scan.objects.get(patient__pseudonym=name) for name in ("mixed up", "by browser", "by shell")]
    assert len({scan.volume_digest for scan in scans}) == 1
    confirmed = [[known["code"] for known in scan.facts["confirmed"]] for scan in scans]
    assert confirmed == [[], ["Q_PIXELS_OTHER_PATIENT"], ["Q_PIXELS_OTHER_PATIENT"]]
    # Filed in spite of a doubt, it teaches nothing about whose scans these are.
    assert [bool(scan.patient.patient_id_hmac) for scan in scans] == [True, False, False]
    sizes = {scan.segmentations.get().measurement.longest_diameter_mm for scan in scans}
    assert len(sizes) == 1


def test_a_double_click_files_once_and_a_late_tab_changes_nothing(batch: Batch):
    assert statuses(batch, "two tabs") == [302, 302, 422]
    assert counts("two tabs") == (1, 1, 1)
    late = batch.answers["two tabs"][-1].content.decode()
    assert "This series was settled meanwhile. Reload the page." in late
    assert not Patient.objects.filter(pseudonym="somebody else").exists()


# ---- in the end
def test_nothing_is_half_filed(batch: Batch):
    storage = Storage(batch.root / "data")
    assert not Patient.objects.filter(scans=None).exists()
    assert not Timepoint.objects.filter(scans=None).exists()
    assert not Candidate.objects.filter(state=CandidateState.FILED, scan=None).exists()
    assert not Lesion.objects.filter(segmentations=None).exists()
    assert not Segmentation.objects.filter(measurement=None).exists()
    named = [name for scan in Scan.objects.all() for name in (scan.volume_file, *scan.instances)]
    named += [outline.mask_file for outline in Segmentation.objects.all()]
    assert [name for name in named if not storage.holds(name)] == []
    assert list((batch.root / "data" / "staging").iterdir()) == []
