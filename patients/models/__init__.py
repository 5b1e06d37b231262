"""The rows of the record, under one name each."""

from patients.models.features import FeatureSet, FeatureSnapshot
from patients.models.findings import FeatureDelta, ResponseAssessment
from patients.models.imaging import Candidate, Scan, Timepoint, Upload, UploadedFile
from patients.models.lesions import Lesion, Measurement, Segmentation
from patients.models.people import Membership, Patient, Team, TreatmentCourse

__all__ = [
    "Candidate",
    "FeatureDelta",
    "FeatureSet",
    "FeatureSnapshot",
    "Lesion",
    "Measurement",
    "Membership",
    "Patient",
    "ResponseAssessment",
    "Scan",
    "Segmentation",
    "Team",
    "Timepoint",
    "TreatmentCourse",
    "Upload",
    "UploadedFile",
]
