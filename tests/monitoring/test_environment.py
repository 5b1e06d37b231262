"""Each reader takes what is right and stops the start in words at what is wrong."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import environment

NAME = "DELTARAD_TRIED"


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag(monkeypatch, value, expected):
    monkeypatch.setenv(NAME, value)
    assert environment.flag(NAME, default=not expected) is expected


def test_an_unset_name_has_its_default(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    assert environment.flag(NAME, default=True) is True
    assert environment.whole(NAME, 14) == 14
    assert environment.words(NAME, "a, b,") == ["a", "b"]


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda: environment.flag(NAME, default=True), "maybe", "must be 1 or 0, not 'maybe'"),
        (lambda: environment.whole(NAME, 1), "2.5", "must be a whole number"),
        (lambda: environment.whole(NAME, 1), "0", "must be at least 1, not 0"),
        (lambda: environment.folder(NAME, None), "data", "must be an absolute path"),
        (lambda: environment.secret(NAME, None, is_required=False), "short", "must have at least 32 characters"),
        (lambda: environment.database(NAME, ""), "mysql://host/name", "must begin with postgresql://"),
        (lambda: environment.database(NAME, ""), "postgresql://host/", "must end with the name of a database"),
        (lambda: environment.database(NAME, ""), "postgresql://host:many/name", "has a port that is no number"),
        (lambda: environment.redis(NAME, ""), "amqp://host", "must begin with redis://, rediss:// or unix://"),
    ],
)
def test_a_wrong_value_stops_the_start_in_words(monkeypatch, read, value, words):
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} {words}"):
        read()


def test_an_address_of_postgresql_over_the_network(monkeypatch):
    monkeypatch.setenv(NAME, "postgres://deltarad:p%40ss@db.example:5433/records?sslmode=verify-full")
    entry = environment.database(NAME, "")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", "5433", "records")
    assert (entry["USER"], entry["PASSWORD"]) == ("deltarad", "p@ss")
    assert entry["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.parametrize(
    "address", ["postgresql:///records?host=/run/pg&user=me", "postgresql://me@%2Frun%2Fpg/records"]
)
def test_an_address_of_postgresql_over_a_socket(monkeypatch, address):
    monkeypatch.setenv(NAME, address)
    entry = environment.database(NAME, "")
    assert (entry["HOST"], entry["USER"], entry["NAME"], entry["OPTIONS"]) == ("/run/pg", "me", "records", {})


def test_the_broker_has_its_own_spelling_of_a_socket():
    assert environment.broker("unix:///run/r.sock?db=2") == "redis+socket:///run/r.sock?virtual_host=2"
    assert environment.broker("unix:///run/r.sock") == "redis+socket:///run/r.sock?virtual_host=0"
    assert environment.broker("rediss://host/1") == "rediss://host/1"


def test_a_secret_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.delenv(NAME, raising=False)
    made = environment.secret(NAME, tmp_path / "home", is_required=False)
    assert len(made) >= 32
    assert environment.secret(NAME, tmp_path / "home", is_required=False) == made
    kept = list((tmp_path / "home").iterdir())
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600]


def test_a_secret_that_must_be_set_is_never_made_up(monkeypatch, tmp_path):
    monkeypatch.delenv(NAME, raising=False)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} must be set where DATABASE_URL names your own server"):
        environment.secret(NAME, tmp_path, is_required=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_others_may_enter_is_refused(tmp_path):
    assert environment.private_folder(NAME, tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700
    tmp_path.chmod(0o755)
    with pytest.raises(ImproperlyConfigured, match="others may look into"):
        environment.private_folder(NAME, tmp_path)


def test_a_record_is_a_json_object(monkeypatch):
    monkeypatch.delenv("DELTARAD_RULES", raising=False)
    assert environment.record("DELTARAD_RULES") == {}
    monkeypatch.setenv("DELTARAD_RULES", '{"min_sd_days": 56}')
    assert environment.record("DELTARAD_RULES") == {"min_sd_days": 56}
    for wrong in ("[1]", "min_sd_days=56", '"strict"'):
        monkeypatch.setenv("DELTARAD_RULES", wrong)
        with pytest.raises(ImproperlyConfigured, match="must be a JSON object"):
            environment.record("DELTARAD_RULES")
