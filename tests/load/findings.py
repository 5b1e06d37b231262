"""What people and workers say of a made-up patient: signed readings of every visit, and the conclusions."""

from django.contrib.auth.models import User
from django.utils import timezone

from patients.models import LesionReading, Patient, Reading, Timepoint
from patients.outlined import outlined_visits
from patients.reads.timelines import patient_timeline
from patients.words.reading_words import ClinicalStatus, NewDisease, NonTarget, ReadingState, SizeState
from patients.writes.findings import note_standing, replace_findings
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.footing import standing_grounds
from radiomics_tasks.in_force import site_protocol


def sign_visits(patient: Patient, signer: User) -> None:
    """Every visit signed with the sizes of its outlines; drafts first, as a signed reading takes no more words."""
    outlined = outlined_visits(patient.pk)
    visits = Timepoint.objects.filter(patient=patient, pk__in=outlined)
    readings = Reading.objects.bulk_create(
        Reading(
            patient=patient,
            timepoint=visit,
            reader=signer,
            non_target=NonTarget.NCNP,
            new_disease=NewDisease.NO,
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=0.0,
            inputs_digest=outlined[visit.pk].digest,
        )
        for visit in visits
    )
    LesionReading.objects.bulk_create(
        LesionReading(
            reading=reading,
            lesion_id=lesion,
            state=SizeState.MEASURED,
            outline_id=seen.segmentation_pk,
            outline_mm=seen.size_mm,
        )
        for reading in readings
        for lesion, seen in outlined[reading.timepoint_id].by_lesion.items()
    )
    own = Reading.objects.filter(pk__in=[reading.pk for reading in readings])
    own.update(state=ReadingState.SIGNED, signed_at=timezone.now())


def conclude_patient(patient: Patient) -> None:
    """The patient's findings as a worker stores them."""
    timeline = patient_timeline(patient.pk, with_facts=True)
    protocol, grounds = site_protocol(), standing_grounds(patient.pk)
    replace_findings(conclude(timeline, protocol, grounds))
    note_standing(patient.pk, grounds.rules.digest, protocol.digest)
