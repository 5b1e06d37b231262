"""A model's file, read and its reference pairs replayed, to a registered draft or to the sentence that mends it."""

from patients.model_text import ModelRefused
from patients.models import ModelUpload
from patients.words.act_words import Act
from patients.writes.trusting.registry import register_model as keep_model
from patients.writes.trusting.registry import settle_upload
from radiomics_tasks import runs
from radiomics_tasks.askers import check_asker
from radiomics_tasks.errors import Refusal
from radiomics_tasks.hosting import ensure_default_model, read_any


def register_model(run_pk: int) -> None:
    """Read what was sent in; a refusal is a result and is kept with the file.

    A second delivery finds the run claimed, or registers the same model again, which changes nothing.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        upload = ModelUpload.objects.select_related("created_by").get(pk=claim.subject_pk)
        try:
            check_asker(upload.created_by_id, Act.SEND_MODELS)
            read = read_any(upload.text)
        except Refusal as refusal:
            with runs.finishing(claim):
                settle_upload(upload, None, refusal.as_dict())
            return
        with runs.finishing(claim):
            ensure_default_model()
            try:
                settle_upload(upload, keep_model(upload.text, read, upload.created_by))
            except ModelRefused as refused:
                settle_upload(upload, None, {"code": refused.code, "sentence": refused.sentence})
