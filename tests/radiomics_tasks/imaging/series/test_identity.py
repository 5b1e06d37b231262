"""A person is kept as keyed hashes only, and text is made safe."""

from radiomics_tasks.imaging.series.identity import clean_text, hashed_identity, keyed_uid, without_names

KEY = b"key"


def test_identity_is_three_hashes_under_the_key():
    identity = hashed_identity("P-1 ", "19600101", "f", KEY)
    assert identity == hashed_identity("P-1", "19600101", "F", KEY)
    assert all(len(value) == 64 for value in identity.values())
    assert len(set(identity.values())) == 3
    assert set(identity.values()).isdisjoint(hashed_identity("P-1", "19600101", "F", b"other").values())
    assert hashed_identity("", "", "", KEY) == {"patient_id_hmac": "", "birth_date_hmac": "", "sex_hmac": ""}


def test_the_same_digits_as_id_and_as_date_differ():
    identity = hashed_identity("19600101", "19600101", "", KEY)
    assert identity["patient_id_hmac"] != identity["birth_date_hmac"]


def test_keyed_uids_are_uids():
    uid = keyed_uid("1.2.3", KEY)
    assert uid.startswith("2.25.") and uid[5:].isdigit() and len(uid) <= 64
    assert keyed_uid("", KEY) == ""


def test_text_is_one_safe_line():
    assert clean_text("a\r\nb\tc\x00\x1b[31m\u202e") == "a b c[31m"
    assert clean_text("e\u0301") == "é"
    assert len(clean_text("x" * 70_000)) == 256
    assert clean_text(None) == ""


def test_a_description_that_names_the_patient_is_dropped():
    assert without_names("CHEST 5.0 B31f", "Doe^Jane", "P1234") == "CHEST 5.0 B31f"
    assert without_names("chest of jane", "Doe^Jane", "P1234") == ""
    assert without_names("CT P1234", "Doe^Jane", "P1234") == ""
    assert without_names("CT of Al", "Al^B", "") == "CT of Al"
