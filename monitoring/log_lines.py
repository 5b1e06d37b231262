"""Log records as one JSON object a line, for machines to read."""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Moment, level, logger and message, with the trace of an exception; never the request's own data."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
