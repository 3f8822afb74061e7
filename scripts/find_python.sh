#!/bin/sh
# Prints a Python that Paper Autopilot runs on (3.11 to 3.14), or says how to get one.
# $PYTHON, when set, is the only candidate. A name may stand on PATH and still not run: so each is tried.
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Paper Autopilot needs Python 3.11, 3.12, 3.13 or 3.14; python3 is: $(python3 --version 2>&1 || true)." >&2
echo "  Debian, Ubuntu: sudo apt install python3 python3-venv" >&2
echo "  macOS:          brew install python@3.13" >&2
echo "  or name one:    make PYTHON=/path/to/python3.12" >&2
exit 1
