"""The rows of the record, under one name each."""

from patients.models.answers import AnsweredForm
from patients.models.audit import AuditEvent, AuditLink
from patients.models.columns import ColumnBlock, ColumnValues, UnturnedSnapshot
from patients.models.features import FeatureSet, FeatureSnapshot
from patients.models.findings import FeatureDelta, ResponseAssessment, ResponseSummary
from patients.models.harmonisation import HarmonisationModel, HarmonisedValues
from patients.models.identity import Hold, Withholding
from patients.models.imaging import Candidate, Scan, Timepoint, Upload, UploadedFile
from patients.models.integrity import FileCheck, IntegrityFault
from patients.models.labs import ClinicalEvent, LabResult
from patients.models.lesions import Lesion, Measurement, Segmentation
from patients.models.moves import Move
from patients.models.noise import NoiseTable, RepeatedExtraction, RetestPair, VolumeSlopeTable
from patients.models.people import Membership, Patient, Team, TreatmentCourse
from patients.models.readings import Adjudication, ConfirmationAppointment, LesionReading, Reading
from patients.models.recomputations import Recomputation
from patients.models.registry import HostedModel, ModelOutput, ModelUpload
from patients.models.therapies import CourseHold, LesionTreatment
from patients.models.tokens import AccessToken
from patients.models.transitions import AllowedTransition, StateChange
from patients.models.trust import (
    ChangeNoise,
    LesionDiscordance,
    LesionPair,
    LesionTrajectory,
    PairAcceptance,
    PatientDelta,
    PseudoprogressionScore,
    ScoreboardKept,
    VisitConclusion,
)

__all__ = [
    "AccessToken",
    "Adjudication",
    "AllowedTransition",
    "AnsweredForm",
    "AuditEvent",
    "AuditLink",
    "Candidate",
    "ChangeNoise",
    "ClinicalEvent",
    "ColumnBlock",
    "ColumnValues",
    "ConfirmationAppointment",
    "CourseHold",
    "FeatureDelta",
    "FeatureSet",
    "FeatureSnapshot",
    "FileCheck",
    "HarmonisationModel",
    "HarmonisedValues",
    "Hold",
    "HostedModel",
    "IntegrityFault",
    "LabResult",
    "Lesion",
    "LesionDiscordance",
    "LesionPair",
    "LesionReading",
    "LesionTrajectory",
    "LesionTreatment",
    "Measurement",
    "Membership",
    "ModelOutput",
    "ModelUpload",
    "Move",
    "NoiseTable",
    "PairAcceptance",
    "Patient",
    "PatientDelta",
    "PseudoprogressionScore",
    "Reading",
    "Recomputation",
    "RepeatedExtraction",
    "ResponseAssessment",
    "ResponseSummary",
    "RetestPair",
    "Scan",
    "ScoreboardKept",
    "Segmentation",
    "StateChange",
    "Team",
    "Timepoint",
    "TreatmentCourse",
    "UnturnedSnapshot",
    "Upload",
    "UploadedFile",
    "VisitConclusion",
    "VolumeSlopeTable",
    "Withholding",
]
