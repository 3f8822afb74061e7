#!/bin/sh
# Prints the state of the system; exit code 0 when all is well, so that cron can alert:
#   0 * * * * cd /path/to/autoD && scripts/health_check.sh || mail -s "autoD health" you@example.com
cd "$(dirname "$0")/.." || exit 2
if [ -x .venv/bin/python ]; then exec .venv/bin/python -m autod health "$@"; fi
exec python3 -m autod health "$@"
