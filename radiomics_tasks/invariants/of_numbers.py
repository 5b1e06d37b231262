"""What always holds of scans and their numbers: I3, I4, I5, I6 and I11."""

from collections.abc import Iterator

from radiomics_tasks.invariants.terms import Invariant, Terms, rows

# Measured, they say; but an outline of it has neither a snapshot nor a reason why not.
_UNMEASURED = """
SELECT s.id, s.scan_id FROM patients_segmentation s
JOIN radiomics_tasks_processingrun r
    ON r.step = 'extract_features' AND r.subject_pk = s.scan_id AND r.input_key = '' AND r.state = 'DONE'
WHERE s.superseded_at IS NULL AND s.failure = '{}'::jsonb
    AND NOT EXISTS (
        SELECT 1 FROM patients_featuresnapshot f JOIN patients_featureset n ON n.id = f.feature_set_id
        WHERE f.segmentation_id = s.id AND f.region = 'LESION' AND NOT n.is_extra
    )
    AND NOT EXISTS (
        SELECT 1 FROM patients_measurement m WHERE m.segmentation_id = s.id AND m.absence <> ''
    )
    AND s.created_at < r.started_at
ORDER BY s.id
"""
_TAKEN_TWICE = """
SELECT segmentation_id, region, count(*) FROM patients_featuresnapshot
GROUP BY segmentation_id, feature_set_id, region, build_digest HAVING count(*) > 1
"""
_UNFILED = """
SELECT c.id FROM patients_candidate c WHERE c.state = 'FILED' AND c.scan_id IS NULL
"""
_LENGTHS = """
SELECT f.id, cardinality(f."values"), cardinality(f.reasons), cardinality(n.names)
FROM patients_featuresnapshot f JOIN patients_featureset n ON n.id = f.feature_set_id
WHERE cardinality(f."values") <> cardinality(n.names) OR cardinality(f.reasons) <> cardinality(n.names)
    OR EXISTS (
        SELECT 1 FROM unnest(f."values", f.reasons) AS one(value, reason)
        WHERE (one.value IS NULL) <> (coalesce(one.reason, '') <> '')
    )
ORDER BY f.id
"""
_OTHER_NAMES = """
SELECT id FROM patients_featureset
WHERE encode(sha256(convert_to(array_to_string(names, E'\\n'), 'UTF8')), 'hex') <> names_digest
ORDER BY id
"""
# A run that never ended an attempt has published nothing.
_TOO_EARLY = """
SELECT DISTINCT f.id, s.scan_id FROM patients_featuresnapshot f
JOIN patients_segmentation s ON s.id = f.segmentation_id
WHERE NOT EXISTS (
    SELECT 1 FROM radiomics_tasks_processingrun r
    JOIN patients_statechange c ON c.subject = 'run' AND c.row_pk = r.id
    WHERE r.step = 'extract_features' AND r.subject_pk = s.scan_id
        AND (c.from_state = 'RUNNING' AND c.to_state <> 'RUNNING' OR c.reason_code = 'BEFORE_HISTORY')
)
ORDER BY f.id
"""
_NOT_FINITE = """
SELECT DISTINCT f.id FROM patients_featuresnapshot f, unnest(f."values") AS value
WHERE value = 'NaN' OR value = 'Infinity' OR value = '-Infinity' ORDER BY f.id
"""
_VOLUME_TWICE = """
SELECT patient_id, count(*) FROM patients_scan GROUP BY patient_id, volume_digest HAVING count(*) > 1
"""
# One image number with another file, in another volume: of one patient or two, unless a person looked and confirmed.
_IMAGE_NUMBER_TWICE = """
WITH image AS (
    SELECT s.id AS scan_id, s.volume_digest, uid.value AS uid, s.facts -> 'instances' ->> (uid.place - 1)::int AS file,
        coalesce(s.facts -> 'confirmed', '[]'::jsonb) <> '[]'::jsonb AS is_confirmed
    FROM patients_scan s, jsonb_array_elements_text(
        CASE jsonb_typeof(s.facts -> 'sop_instance_uids') WHEN 'array' THEN s.facts -> 'sop_instance_uids' END
    ) WITH ORDINALITY AS uid(value, place)
)
SELECT DISTINCT one.scan_id, other.scan_id FROM image one
JOIN image other ON other.uid = one.uid AND other.scan_id > one.scan_id
WHERE other.volume_digest <> one.volume_digest AND other.file <> one.file AND NOT other.is_confirmed
ORDER BY 1, 2
"""


def _complete(_terms: Terms) -> Iterator[str]:
    for pk, scan in rows(_UNMEASURED):
        yield f"outline {pk} of scan {scan} has neither features nor a reason, and its run is done"
    for outline, region, count in rows(_TAKEN_TWICE):
        yield f"outline {outline} has {count} snapshots of its {region} by one build"
    for (pk,) in rows(_UNFILED):
        yield f"series {pk} is filed and has no scan"


def _whole(_terms: Terms) -> Iterator[str]:
    for pk, values, reasons, names in rows(_LENGTHS):
        yield f"snapshot {pk} has {values} values and {reasons} reasons for {names} names, or a value without either"
    for (pk,) in rows(_OTHER_NAMES):
        yield f"the names of feature set {pk} are not those of its digest"


def _published(_terms: Terms) -> Iterator[str]:
    for pk, scan in rows(_TOO_EARLY):
        yield f"snapshot {pk} stands, and no run over scan {scan} ever ended"


def _finite(_terms: Terms) -> Iterator[str]:
    for (pk,) in rows(_NOT_FINITE):
        yield f"snapshot {pk} holds a value that is not a number"


def _once(_terms: Terms) -> Iterator[str]:
    for patient, count in rows(_VOLUME_TWICE):
        yield f"patient {patient} has {count} scans of the same images"
    for scan, other in rows(_IMAGE_NUMBER_TWICE):
        yield f"scans {scan} and {other} hold one image number with other images"


OF_NUMBERS = (
    Invariant("I3", "A scan that is measured has one snapshot of each outline, or the reason why not.", _complete),
    Invariant("I4", "A snapshot has a value or a reason for each name of its set, under the set's own names.", _whole),
    Invariant("I5", "No number is published before the work that made it has ended.", _published),
    Invariant("I6", "Every feature value is a finite number.", _finite),
    Invariant("I11", "A patient has the same images once, and one image number shows one image.", _once),
)
