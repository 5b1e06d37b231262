"""The demo cohort: made-up patients, their visits, and what must be concluded from them.

Every number a page shows of them has a true counterpart here.
"""

from radiomics_tasks.imaging.phantom.cohort.abdomen_patients import LATE_RESPONDER, MISSED_VISIT, PROGRESSOR
from radiomics_tasks.imaging.phantom.cohort.chest_patients import CHEST_AND_BRAIN, NODAL, RESPONDER
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient

DEMO_PATIENTS: tuple[DemoPatient, ...] = (
    RESPONDER,
    PROGRESSOR,
    LATE_RESPONDER,
    NODAL,
    MISSED_VISIT,
    CHEST_AND_BRAIN,
)
