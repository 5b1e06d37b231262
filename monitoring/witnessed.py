"""What a look at each address is called in the audit trail; an address that is not named here is "saw".

A test holds this table against the addresses there are, so that none can tell of patients unrecorded.
"""

from datetime import timedelta

from patients.words.audit_words import Deed

# Addresses that tell of no patient: nothing is recorded of a look at them.
TELL_OF_NO_PATIENT = frozenset(
    {"account_change_password", "own_tokens", "models", "model", "acquisition_rules", "status"}
)

LISTS = frozenset(
    {
        "audit",
        "cohort",
        "discordance",
        "due",
        "harmonisation",
        "inbox",
        "noise",
        "patient_options",
        "pseudoprogression",
    }
)
EXPORTS = frozenset(
    {
        "audit_csv",
        "cohort_csv",
        "events_csv",
        "labs_csv",
        "measurements_csv",
        "patient_csv",
        "patient_trail_csv",
        "responses_csv",
    }
)

# A page that asks again by itself, and the pictures of one series, are recorded once in a while: by whom, of what.
AGAIN_WITHIN = {
    "inbox": timedelta(minutes=1),
    "lesion_pairs": timedelta(minutes=1),
    "number_again": timedelta(minutes=1),
    "upload": timedelta(minutes=1),
    "profiles": timedelta(minutes=1),
    "slice_picture": timedelta(minutes=15),
    "candidate_picture": timedelta(minutes=15),
}
# What is sent here is recorded by the write itself, file by file.
RECORDED_BELOW = frozenset({"upload_files"})
# An event of these doors stands for the pictures that follow.
COVERED_BY = {"slice_picture": ("slice_picture", "slice_manifest")}


def look_at(name: str) -> Deed | None:
    """What a look at this address is; None where there is nothing to record."""
    if name in TELL_OF_NO_PATIENT:
        return None
    if name in EXPORTS:
        return Deed.EXPORTED
    return Deed.LISTED if name in LISTS else Deed.SAW
