"""The demo cohort: made-up patients, their visits, and what must be concluded from them.

Every number a page shows of them has a true counterpart here.
"""

from radiomics_tasks.imaging.phantom.cohort.abdomen_patients import LATE_RESPONDER, MISSED_VISIT, PROGRESSOR
from radiomics_tasks.imaging.phantom.cohort.chest_patients import CHEST_AND_BRAIN, NODAL, RESPONDER
from radiomics_tasks.imaging.phantom.cohort.lung_patients import NEAR_THRESHOLD, UNANSWERED
from radiomics_tasks.imaging.phantom.cohort.new_lesion_patients import NEW_LESION, SARCOID_LIKE, WITHOUT_TARGETS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.cohort.questioned_patients import (
    ACQUIRED_RESISTANCE,
    DETERIORATING,
    DISSOCIATED,
    SCORED_LOW,
)
from radiomics_tasks.imaging.phantom.cohort.unchanged_patients import OTHER_PHASE, OTHER_SCANNER, TWICE_A_DAY

DEMO_PATIENTS: tuple[DemoPatient, ...] = (
    RESPONDER,
    PROGRESSOR,
    LATE_RESPONDER,
    UNANSWERED,
    DISSOCIATED,
    NEW_LESION,
    NODAL,
    MISSED_VISIT,
    OTHER_SCANNER,
    OTHER_PHASE,
    ACQUIRED_RESISTANCE,
    TWICE_A_DAY,
    NEAR_THRESHOLD,
    WITHOUT_TARGETS,
    SARCOID_LIKE,
    CHEST_AND_BRAIN,
    DETERIORATING,
    SCORED_LOW,
)
