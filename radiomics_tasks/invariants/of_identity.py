"""What always holds of whose scans are whose: I16 and I17."""

from collections.abc import Iterator

from radiomics_tasks.invariants.terms import Invariant, Terms, rows

# A row, and what it hangs on, of two patients.
_OF_TWO = """
SELECT 'scan', s.id, t.patient_id, s.patient_id FROM patients_scan s
    JOIN patients_timepoint t ON t.id = s.timepoint_id WHERE t.patient_id <> s.patient_id
UNION ALL SELECT 'outline', o.id, l.patient_id, s.patient_id FROM patients_segmentation o
    JOIN patients_scan s ON s.id = o.scan_id JOIN patients_lesion l ON l.id = o.lesion_id
    WHERE l.patient_id <> s.patient_id
UNION ALL SELECT 'reading', r.id, t.patient_id, r.patient_id FROM patients_reading r
    JOIN patients_timepoint t ON t.id = r.timepoint_id WHERE t.patient_id <> r.patient_id
UNION ALL SELECT 'reading', r.id, l.patient_id, r.patient_id FROM patients_reading r
    JOIN patients_lesionreading said ON said.reading_id = r.id
    JOIN patients_lesion l ON l.id IN (said.lesion_id, said.merged_into_id)
    WHERE l.patient_id <> r.patient_id AND r.state IN ('DRAFT', 'SIGNED', 'REOPENED')
UNION ALL SELECT 'event', e.id, l.patient_id, e.patient_id FROM patients_clinicalevent e
    JOIN patients_lesion l ON l.id = e.lesion_id WHERE l.patient_id <> e.patient_id AND e.superseded_at IS NULL
UNION ALL SELECT 'accepted pair', a.id, s.patient_id, a.patient_id FROM patients_pairacceptance a
    JOIN patients_scan s ON s.id IN (a.then_scan_id, a.now_scan_id)
    WHERE s.patient_id <> a.patient_id AND a.withdrawn_at IS NULL
UNION ALL SELECT 'withholding', w.id, s.patient_id, w.patient_id FROM patients_withholding w
    LEFT JOIN patients_segmentation o ON o.id = w.segmentation_id
    JOIN patients_scan s ON s.id = coalesce(w.scan_id, o.scan_id)
    WHERE s.patient_id <> w.patient_id AND w.lifted_at IS NULL
ORDER BY 1, 2
"""
# Put together with another, and still with something of its own that counts.
_NOT_EMPTY = """
SELECT p.id FROM patients_patient p WHERE p.merged_into_id IS NOT NULL AND (
    EXISTS (SELECT 1 FROM patients_scan s WHERE s.patient_id = p.id AND NOT s.is_withheld)
    OR EXISTS (SELECT 1 FROM patients_treatmentcourse c WHERE c.patient_id = p.id)
    OR EXISTS (SELECT 1 FROM patients_labresult l WHERE l.patient_id = p.id AND l.superseded_at IS NULL)
    OR EXISTS (SELECT 1 FROM patients_clinicalevent e WHERE e.patient_id = p.id AND e.superseded_at IS NULL)
    OR EXISTS (SELECT 1 FROM patients_reading r WHERE r.patient_id = p.id AND r.state IN ('SIGNED', 'REOPENED'))
    OR p.patient_id_hmac <> '') ORDER BY p.id
"""
_UNTOLD = """
SELECT m.id, p.id FROM patients_move m JOIN patients_patient p ON p.id IN (m.source_id, m.target_id)
WHERE m.state = 'DONE' AND NOT EXISTS (
    SELECT 1 FROM patients_auditevent e
    WHERE e.subject_kind = 'move' AND e.subject_code = m.code::text AND e.patient_code = p.code
) ORDER BY 1, 2
"""


def _one_patient(_terms: Terms) -> Iterator[str]:
    for kind, pk, one, other in rows(_OF_TWO):
        yield f"{kind} {pk} is of patient {other} and hangs on something of patient {one}"


def _moves(_terms: Terms) -> Iterator[str]:
    for (pk,) in rows(_NOT_EMPTY):
        yield f"patient {pk} was put together with another one and still has something of its own"
    for move, patient in rows(_UNTOLD):
        yield f"move {move} was done and the trail of patient {patient} does not tell of it"


OF_IDENTITY = (
    Invariant("I16", "A scan, its visit, outlines, lesions and what is said of them are of one patient.", _one_patient),
    Invariant("I17", "A patient put together with another one is empty, and both trails tell of every move.", _moves),
)
