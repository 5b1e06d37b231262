"""Between tests every table is emptied, which the audit trail refuses: here it is allowed, and forbidden again."""

from django.db import connection

TRIGGERS = {"patients_auditevent": "auditevent_is_not_emptied", "patients_auditlink": "auditlink_is_not_emptied"}


def let_trail_be_emptied() -> None:
    _all("DISABLE")


def keep_trail() -> None:
    _all("ENABLE")


def _all(word: str) -> None:
    with connection.cursor() as cursor:
        for table, trigger in TRIGGERS.items():
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER {trigger}")
