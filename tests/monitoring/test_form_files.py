"""A form with a file is cut off, and nothing of it is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_file_in_a_form_is_written_nowhere(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    large = SimpleUploadedFile("scan.dcm", b"0" * 4_000_000)
    answer = Client().post("/sign-in", {"login": "nobody", "scan": large})
    assert answer.status_code < 500
    assert not answer.wsgi_request.FILES
    assert list(tmp_path.iterdir()) == []
