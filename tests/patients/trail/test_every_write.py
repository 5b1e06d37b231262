"""Every public write records what it did, or says here why it need not."""

import ast
from collections.abc import Iterator
from pathlib import Path

WRITES = Path(__file__).resolve().parents[3] / "patients" / "writes"

# Asked and checked, or a part of a write that records; nothing here changes a record by itself.
PARTS = {
    "check_content",
    "check_late_target",
    "check_lesion",
    "check_name",
    "check_targets",
    "content_problems",
    "trend_problems",
    "new_lesion_problems",
    "unsaid_sightings",
    "placed_lines",
    "says_the_same",
    "own_draft",
    "refused",
    "bytes_of",
    "too_big",
    "full",
    "free_name",
    "lesions_named",
    "place_taken",
    "proposed_role",
    "opens_lesions",
    "new_uid",
    "patient_locked",
    "lock_volume",
    "lock_known",
    "plain",
    "digest_of",
    "inputs_digest",
    "rows_of",
    "trust_rows",
    "grouped",
    "is_score_in_use",
    "settle_names",
    "forget_opened",
    "said_by",
    "digest_of_said",
    "copy_rows",
    "compared",
    "released_for",
    "senders",
    "lacking_room",
    "disk_has_room",
    "waiting_bytes",
    "doubles",
    "replace_rows",
    "replace_long_rows",
    "wanted_of",
    "back",
    "first_free",
    "lesion_of_event",
}
# Recorded by what they call, or by the only write that calls them.
BY_ANOTHER = {
    "receive_file": "_received records each file",
    "file_candidate": "_file records the scan",
    "store_outlines": "filing records the scan with its outlines",
    "visit_of_new_scan": "filing records the scan; re-opened readings record themselves",
    "draft_of_version": "start_reading records the draft",
    "reopen_readings_of": "_reopen records each reading",
    "reopen_visits": "_reopen records each reading",
    "forget_findings": "withhold records it, and the patient is concluded anew",
    "hold_course": "replace_holds records it",
    "store_ring": "_stored records the snapshot",
    "store_snapshot": "_stored records the snapshot",
    "file_results": "_note_table records each patient's rows",
    "file_events": "_note_table records each patient's rows",
    "settle": "the state of an upload follows from its candidates, each of which is recorded",
    "settle_upload": "register_model records the model",
    "replace_trust": "replace_findings records that the patient was concluded",
    "replace_scores": "replace_findings records that the patient was concluded",
    "replace_outputs": "replace_findings of the same run records that the patient was concluded",
    "replace_harmonised": "derived from recorded snapshots under a recorded harmonisation",
    "replace_pairs": "derived over the whole site; the run is recorded where it was asked for",
    "replace_tables": "derived over the whole site; the run is recorded where it was asked for",
    "replace_volume_tables": "derived over the whole site; the run is recorded where it was asked for",
    "replace_scoreboards": "derived over a team; the run is recorded where it was asked for",
    "store_repeats": "derived from a recorded snapshot; the run is recorded where it was asked for",
    "feature_set": "a list of names, of no patient",
    "unlink_outline": "_take records it",
    "set_aside": "_take records it",
    "keep_doubts": "note_doubt records each doubt, hold_series the hold",
    "overtake": "filing or declining, which overtakes what waits, is recorded",
    "spread": "withholding and lifting, which call it, are recorded",
    "enrol_files": "when a file was checked is no part of the record",
    "forget_files": "when a file was checked is no part of the record",
    "note_checked": "when a file was checked is no part of the record",
    "answered_before": "the door records that a form was sent",
    "keep_answer": "the door records that a form was sent",
    "forget_answer": "the door records that a form was sent",
    "note_used": "the door records each use of a token",
    "forget_old_answers": "kept answers are no part of the record",
    "note_standing": "replace_findings of the same run records that the patient was concluded",
    "forget_harmonised_of_others": "derived, and removed with what it was derived under",
    "turn_waiting": "derived from recorded snapshots, to the bit",
    "rebuild_columns": "derived from recorded snapshots, to the bit",
    "store_extra": "_stored records the snapshot",
    "put_under": "_tell records it in both trails",
    "decide_move": "_tell records it in both trails",
    "carry": "put_under, which calls it, is recorded",
    "carry_lesions": "put_under, which calls it, is recorded",
    "carry_rest": "put_under, which calls it, is recorded",
    "learn_anew": "put_under, which calls it, is recorded",
    "regroup_visits": "put_under, which calls it, is recorded",
    "offer_again": "put_under, which calls it, is recorded",
    "give_up_idle": "abandon_upload records each upload",
    "begin_reading": "the upload is recorded when it was read",
}


def public_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(WRITES.rglob("*.py")):
        if "trail" in path.parts:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield path.name, node


def records(function: ast.FunctionDef) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(call, ast.Name) and call.id == "record" for call in calls)


def test_every_write_records_what_it_did():
    silent = [
        f"{file}: {function.name}"
        for file, function in public_functions()
        if not records(function) and function.name not in PARTS | BY_ANOTHER.keys()
    ]
    assert silent == [], "call record(...) in the transaction of the write, or say here who does"


def test_what_is_excused_is_still_there():
    names = {function.name for _, function in public_functions()}
    assert PARTS | BY_ANOTHER.keys() <= names
