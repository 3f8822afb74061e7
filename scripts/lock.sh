#!/bin/sh
# Writes requirements.txt (what runs) and requirements-dev.txt (that and the tools, demo and tests) from
# pyproject.toml: every package with its version and hashes, for every supported Python and platform.
# With arguments such as `--upgrade` or `--upgrade-package numpy`, newer versions are taken; else pins stay.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}
if ! command -v "$uv" >/dev/null; then
    echo "make lock needs uv (pip install uv); nothing else does." >&2
    exit 1
fi
lock() {
    title=$1 target=$2
    shift 2
    "$uv" pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
        --no-emit-index-url --no-emit-find-links --all-extras "$@" pyproject.toml --output-file "$target"
    { printf '# %s\n# Made by `make lock` from pyproject.toml; do not edit.\n' "$title"; cat "$target"; } >"$target.new"
    mv "$target.new" "$target"
}
lock "Everything that runs, pinned: pip install -r requirements.txt" requirements.txt "$@"
lock "The above and what checks it: the tools, the demo and the tests." requirements-dev.txt \
    --constraint requirements.txt --group dev "$@"
