"""Room in staging: by login, by team and on the disk, each with its own sentence."""

import pytest

from patients.vocabulary import UploadState
from patients.writes.staging_room import RoomLimits, lacking_room
from tests.factories import UploadFactory

pytestmark = pytest.mark.django_db
MB = 2**20
ROOMY = RoomLimits(user_bytes=10 * MB, team_bytes=20 * MB, free_ratio=0.0)


def waiting(team, user, size: int, state=UploadState.READING):
    upload = UploadFactory.create(team=team, created_by=user, state=state)
    upload.files.create(name="a.dcm", sha256=f"{size:064d}", size=size)
    return upload


def test_what_fits_is_taken(storage, team, owner):
    upload = waiting(team, owner, 4 * MB)
    assert lacking_room(storage, upload, 6 * MB, ROOMY) is None


@pytest.mark.parametrize("state", [UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING])
def test_a_login_has_its_share(storage, team, owner, member, state):
    upload = waiting(team, owner, 4 * MB, state)
    lacking = lacking_room(storage, upload, 6 * MB + 1, ROOMY)
    assert lacking.code == "E_QUOTA"
    assert lacking.sentence == (
        "You have as much waiting to be read as is allowed, 10 MB. Send more when some of it is read."
    )
    assert lacking_room(storage, waiting(team, member, 1), 6 * MB + 1, ROOMY) is None


def test_a_team_has_its_share(storage, team, owner, member):
    waiting(team, owner, 9 * MB)
    upload = waiting(team, member, 9 * MB)
    lacking = lacking_room(storage, upload, 2 * MB + 1, RoomLimits(90 * MB, 20 * MB, 0.0))
    assert lacking.sentence.startswith("Your team has as much waiting")


def test_what_was_read_counts_no_more(storage, team, owner):
    waiting(team, owner, 10 * MB, UploadState.NEEDS_PERSON)
    upload = waiting(team, owner, 1)
    assert lacking_room(storage, upload, 9 * MB, ROOMY) is None


def test_a_part_of_the_disk_stays_free(storage, team, owner, monkeypatch):
    upload = waiting(team, owner, 1)
    disk = {"total": 1000 * MB, "used": 0, "free": 110 * MB}
    usage = type("usage", (), disk)
    monkeypatch.setattr("patients.writes.staging_room.shutil.disk_usage", lambda _place: usage)
    limits = RoomLimits(1000 * MB, 1000 * MB, free_ratio=0.1)
    assert lacking_room(storage, upload, 10 * MB, limits) is None
    lacking = lacking_room(storage, upload, 10 * MB + 1, limits)
    assert lacking.code == "E_DISK"
    assert "nearly full" in lacking.sentence
