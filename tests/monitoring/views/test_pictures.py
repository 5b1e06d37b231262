"""Slices as stored: the very bytes, only one's own, kept by the reader's browser alone."""

import json

import pytest

from tests.factories import CandidateFactory, SegmentationFactory, UploadFactory, facts, followed_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def outline(team, storage):
    return followed_patient(team, lesions=1, dates=1, storage=storage).lesions.get().segmentations.get()


def test_the_manifest_tells_geometry_window_and_contours(as_user, member, outline, storage):
    answer = as_user(member).get(f"/outlines/{outline.code}/slices.json")
    stored = json.loads(storage.read(outline.slices["manifest"]))
    assert answer.json() == stored | {"largest": 1}
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_slice_is_served_as_the_very_bytes_that_are_stored(as_user, member, outline, storage):
    digest = json.loads(storage.read(outline.slices["manifest"]))["slices"][1]["png"]
    answer = as_user(member).get(f"/outlines/{outline.code}/slices/{digest}.png")
    assert answer.content == storage.read(digest)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in answer["Cache-Control"]


def test_only_the_outlines_own_slices_are_served(as_user, owner, outline, storage):
    other = storage.keep_bytes(b"a file of somebody else")
    client = as_user(owner)
    for digest in (other, outline.slices["manifest"], "..%2F..%2Fsecret"):
        assert client.get(f"/outlines/{outline.code}/slices/{digest}.png").status_code == 404


def test_missing_bytes_are_not_found(as_user, owner, outline, storage):
    digest = json.loads(storage.read(outline.slices["manifest"]))["slices"][0]["png"]
    storage.path(digest).unlink()
    client = as_user(owner)
    assert client.get(f"/outlines/{outline.code}/slices/{digest}.png").status_code == 404
    storage.path(outline.slices["manifest"]).unlink()
    assert client.get(f"/outlines/{outline.code}/slices.json").status_code == 404


def test_an_outline_without_pictures_has_none(as_user, owner, outline):
    bare = SegmentationFactory.create(scan=outline.scan)
    assert as_user(owner).get(f"/outlines/{bare.code}/slices.json").status_code == 404


def test_the_thumbnail_of_a_series(as_user, owner, member, stranger, team, storage):
    upload = UploadFactory.create(team=team)
    shown = CandidateFactory.create(upload=upload, facts=facts(thumbnail=storage.keep_bytes(b"png")))
    bare = CandidateFactory.create(upload=upload)
    assert as_user(owner).get(f"/series/{shown.code}/picture.png").content == b"png"
    assert as_user(owner).get(f"/series/{bare.code}/picture.png").status_code == 404
    assert as_user(member).get(f"/series/{shown.code}/picture.png").status_code == 403
    assert as_user(stranger).get(f"/series/{shown.code}/picture.png").status_code == 404


def test_another_teams_slices_do_not_exist(as_user, stranger, outline, storage):
    digest = json.loads(storage.read(outline.slices["manifest"]))["slices"][0]["png"]
    assert as_user(stranger).get(f"/outlines/{outline.code}/slices.json").status_code == 404
    assert as_user(stranger).get(f"/outlines/{outline.code}/slices/{digest}.png").status_code == 404
