"""No form of ours carries a file: one that comes all the same is not written anywhere."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class NoFormFiles(FileUploadHandler):
    """Ends the reading of a form at its first file, so that nobody fills the disk before a view says no.

    Uploads come one file a request, as the body itself (views/receiving.py).
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  # Django's signature
        """Stop; the rest of the body is left unread."""
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002  # Django's signature
        """Never reached: there is no file to add to."""
        return None

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002  # Django's signature
        """No file either."""
        return
