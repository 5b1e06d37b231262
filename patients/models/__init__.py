"""The rows of the record, under one name each."""

from patients.models.features import FeatureSet, FeatureSnapshot
from patients.models.findings import FeatureDelta, ResponseAssessment, ResponseSummary
from patients.models.harmonisation import HarmonisationModel, HarmonisedValues
from patients.models.imaging import Candidate, Scan, Timepoint, Upload, UploadedFile
from patients.models.labs import ClinicalEvent, LabResult
from patients.models.lesions import Lesion, Measurement, Segmentation
from patients.models.noise import RepeatedExtraction
from patients.models.people import Membership, Patient, Team, TreatmentCourse
from patients.models.readings import Adjudication, ConfirmationAppointment, LesionReading, Reading
from patients.models.therapies import CourseHold, LesionTreatment

__all__ = [
    "Adjudication",
    "Candidate",
    "ClinicalEvent",
    "ConfirmationAppointment",
    "CourseHold",
    "FeatureDelta",
    "FeatureSet",
    "FeatureSnapshot",
    "HarmonisationModel",
    "HarmonisedValues",
    "LabResult",
    "Lesion",
    "LesionReading",
    "LesionTreatment",
    "Measurement",
    "Membership",
    "Patient",
    "Reading",
    "RepeatedExtraction",
    "ResponseAssessment",
    "ResponseSummary",
    "Scan",
    "Segmentation",
    "Team",
    "Timepoint",
    "TreatmentCourse",
    "Upload",
    "UploadedFile",
]
