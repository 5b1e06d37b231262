"""What leaves the house carries the head of the chain: whoever keeps it can tell that the trail was rewritten."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from monitoring.backing_up.manifest import read_manifest
from patients.models import AuditEvent, AuditLink
from patients.trail import digests
from patients.trail.carried import Carried, NothingCarried, carried_by
from patients.trail.heads import ANCHORS, NEWEST
from patients.vocabulary import Role
from tests.factories import followed_patient, login
from tests.patients.trail.tampering import as_superuser, filled

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("cohort_csv", "patient_csv", "measurements_csv", "labs_csv", "events_csv", "responses_csv")


@pytest.fixture
def patient(team, storage):
    return followed_patient(team=team, lesions=1, dates=2, features=3)


def rewritten() -> None:
    """As somebody with database, key and folder of heads would: an event less, and all that follows linked anew."""
    with as_superuser() as cursor:
        gone = AuditLink.objects.order_by("number")[0]
        cursor.execute("DELETE FROM patients_auditlink")
        cursor.execute(f"DELETE FROM patients_auditevent WHERE id = {gone.event_id}")
        digest = digests.FIRST
        for number, event in enumerate(AuditEvent.objects.order_by("pk"), start=1):
            digest = digests.link(settings.AUDIT_KEY, digest, number, event.seal)
            cursor.execute(
                "INSERT INTO patients_auditlink (number, event_id, digest) VALUES (%s, %s, %s)",
                [number, event.pk, digest],
            )
    for name in (NEWEST, ANCHORS):
        (settings.AUDIT_DIR / name).unlink()
    filled(7)


def test_every_exported_table_carries_the_newest_head(patient, owner, as_user, tmp_path):
    client = as_user(owner)
    for name in PAGES:
        answer = client.get(reverse(name, args=[] if name == "cohort_csv" else [patient.code]))
        text = answer.getvalue().decode()
        assert text.splitlines()[0].endswith(",audit_head"), name
        last = AuditLink.objects.order_by("-number").values_list("number", "digest")[0]
        cells = {line.rpartition(",")[2] for line in text.splitlines()[1:]}
        # The export's own event is in it. A table without rows has nothing that could carry a head.
        assert cells <= {f"{last[0]}:{last[1]}"}, name
        assert cells or name in ("measurements_csv", "labs_csv", "events_csv", "responses_csv")


def test_commands_record_what_they_export_and_carry_the_head(patient, tmp_path):
    target = tmp_path / "features.csv"
    call_command("export_features", patient.pseudonym, output=str(target), stderr=io.StringIO())
    event = AuditEvent.objects.get(deed="EXPORTED")
    assert (event.origin, event.patient_code) == ("COMMAND", patient.code)
    link = AuditLink.objects.order_by("-number")[0]
    assert carried_by(target) == [Carried(link.number, link.digest, "features.csv")]
    call_command("export_labs", stdout=io.StringIO())
    assert AuditEvent.objects.filter(deed="EXPORTED").latest("pk").team_pks == [patient.team_id]


def test_an_exported_file_tells_of_a_chain_that_was_rewritten_with_the_key(patient, tmp_path, capsys):
    filled(20)
    target = tmp_path / "features.csv"
    call_command("export_features", output=str(target), stderr=io.StringIO())
    call_command("audit_verify", carried=[target])
    assert "and 1 in exported files" in capsys.readouterr().out
    rewritten()
    # Whoever has database, key and heads has rewritten it without a trace that the site itself could see.
    call_command("audit_verify")
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_verify", carried=[target])
    assert "when features.csv was exported" in capsys.readouterr().out


def test_an_exported_trail_is_a_witness_of_each_event(patient, team, as_user, tmp_path, capsys):
    filled(30)
    text = as_user(login(team, Role.AUDITOR, username="auditor")).get(reverse("audit_csv")).getvalue()
    target = tmp_path / "audit.csv"
    target.write_bytes(text)
    assert len(carried_by(target)) == AuditLink.objects.count()
    call_command("audit_verify", carried=[target])
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM patients_auditlink WHERE number > 9")
        cursor.execute("DELETE FROM patients_auditevent WHERE id > (SELECT max(event_id) FROM patients_auditlink)")
    for name in (NEWEST, ANCHORS):
        (settings.AUDIT_DIR / name).unlink()
    filled(1)
    capsys.readouterr()
    with pytest.raises(CommandError):
        call_command("audit_verify", carried=[target])
    assert "The chain ends at event 10" in capsys.readouterr().out


def test_a_backup_names_the_head_that_its_chain_ends_with(transactional_db, storage, tmp_path):
    filled(5)
    call_command("backup", str(tmp_path / "backup"))
    manifest = read_manifest(tmp_path / "backup")
    assert AuditLink.objects.get(number=manifest.head_number).digest == manifest.head


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"audit_head\n7:no\n"])
def test_a_file_that_carries_no_head_is_told(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(NothingCarried):
        carried_by(path)
