"""Book the scan that is to confirm a progression; every booking is kept, the newest counts."""

from datetime import date

from django.contrib.auth.models import User

from patients.models import ConfirmationAppointment, Patient
from patients.words.audit_words import Deed
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record


class BookingRefused(Exception):
    """A confirmation cannot be booked like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def book_confirmation(
    patient: Patient, opened_on: date, booked_for: date | None, user: User
) -> ConfirmationAppointment | None:
    """Enter for when the confirming scan of a progression is booked; None takes the booking back.

    Entering the same again changes nothing. Raises BookingRefused: E_DATE for a day that is not after the
    progression.
    """
    if booked_for is not None and booked_for <= opened_on:
        raise BookingRefused("E_DATE", "The confirming scan comes after the scan that it is to confirm.")
    with patient_locked(patient.pk):
        newest = ConfirmationAppointment.objects.filter(patient=patient, opened_on=opened_on).last()
        if (newest.booked_for if newest else None) == booked_for:
            return newest
        booking = ConfirmationAppointment.objects.create(
            patient=patient, opened_on=opened_on, booked_for=booked_for, booked_by=user
        )
        record(Deed.CONFIRMATION_BOOKED, patient=patient, subject=booking, user=user)
        return booking
