#!/bin/sh
# Prints a Python that Paper Autopilot runs on (3.11 to 3.14), or says how to get one.
# $PYTHON, when set, is the only candidate. A name may stand on PATH and still not run, or lack a part that its
# builder left out: so each is tried.
trial='
import sys
if not (3, 11) <= sys.version_info < (3, 15):
    sys.exit("it is Python %d.%d" % sys.version_info[:2])
import ensurepip, sqlite3, ssl, venv
asked = sqlite3.connect(":memory:")
try:
    asked.execute("CREATE VIRTUAL TABLE f USING fts5(a)")
    asked.execute("WITH found AS MATERIALIZED (SELECT 1) SELECT * FROM found")
except sqlite3.Error as error:
    sys.exit("its SQLite %s is too old or lacks FTS5: %s" % (sqlite3.sqlite_version, error))
'
why=
if [ -n "${PYTHON-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.13 python3.12 python3.11 python3.14 python3
fi
for candidate in "$@"; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if said=$("$candidate" -c "$trial" 2>&1); then
        command -v "$candidate"
        exit 0
    fi
    why="$why  $candidate does not do: $(printf '%s\n' "$said" | tail -n 1)
"
done
echo "Paper Autopilot needs Python 3.11, 3.12, 3.13 or 3.14 with venv, ssl and SQLite 3.35 or later." >&2
printf '%s' "$why" >&2
echo "  Debian, Ubuntu: sudo apt install python3 python3-venv" >&2
echo "  macOS:          brew install python@3.13" >&2
echo "  or name one:    make PYTHON=/path/to/python3.12" >&2
exit 1
