#!/bin/sh
# Compile the pinned requirements with hashes from the ranges of pyproject.toml. Needs `uv`.
# Pins that are already there are kept; `tools/lock.sh --upgrade` moves them.
set -eu
compile() {
    out=$1; shift
    uv pip compile pyproject.toml --quiet --no-header --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --output-file "$out" "$@"
}
compile requirements.txt "$@"
compile requirements-speech.txt --extra speech "$@"
compile requirements-dev.txt --extra speech --extra dev "$@"
