"""A table of what all processes count together: failed sign-ins, codes that were used."""

from django.db import migrations

MAKE = """
CREATE TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0028_score_given_back")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE IF EXISTS shared_cache")]
