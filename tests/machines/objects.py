"""An S3-protocol server on this machine (moto, Apache-2.0): what a hospital's object store is to the project."""

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from functools import partial
from pathlib import Path

from monitoring.processes import die_with_parent
from tests.monitoring.backing_up.busy import free_port

BUCKET = "deltarad"
NEEDED = ("moto", "flask", "storages", "boto3")
START_SECONDS = 90


def is_installed() -> bool:
    """Whether requirements-machines.lock is."""
    return all(importlib.util.find_spec(name) for name in NEEDED)


class ObjectStore:
    """The server with one bucket; `settings` is what a site is told."""

    def __init__(self, log: Path) -> None:
        self.log, self.port = log, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = {
            "bucket_name": BUCKET,
            "location": "site",
            "endpoint_url": self.url,
            "access_key": "made-up",
            "secret_key": "made-up",
            "region_name": "us-east-1",
            "default_acl": "private",
        }
        self.settings = {
            "DELTARAD_FILE_STORAGE": "storages.backends.s3.S3Storage",
            "DELTARAD_FILE_STORAGE_OPTIONS": json.dumps(options),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and make the bucket."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, preexec_fn=partial(die_with_parent, os.getpid())
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.2)
        self._client().create_bucket(Bucket=BUCKET)

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/moto-api/", timeout=2):
            return True
        return False

    def _client(self):
        import boto3

        known = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.url, **known)

    def objects(self) -> dict[str, bytes]:
        """Every object by its name."""
        client, found = self._client(), {}
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for one in page.get("Contents", []):
                found[one["Key"]] = client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        return found

    def put(self, name: str, content: bytes) -> None:
        """Other bytes under a name."""
        self._client().put_object(Bucket=BUCKET, Key=name, Body=content)

    def stop(self) -> None:
        """End it; what it held was in its memory."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
