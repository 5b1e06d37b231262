#!/usr/bin/env python3
"""Django's own."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")
    from django.core.management import execute_from_command_line

    from monitoring.command_servers import servers_for

    with servers_for(sys.argv[1] if len(sys.argv) > 1 else "help"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
