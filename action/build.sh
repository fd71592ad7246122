#!/usr/bin/env bash
# Names the program to use: the one that is given, or one that is built from the source beside this folder.
set -euo pipefail

program=${PROGRAM:-}
if [ -z "$program" ]; then
    target=${RUNNER_TEMP:?}/mailsins-build
    program=$target/release/mailsins
    if [ ! -x "$program" ]; then
        cd "$(dirname "$0")/.."
        cargo build --release --locked --package mailsins-cli --target-dir "$target"
    fi
fi
"$program" --version
echo "program=$program" >>"${GITHUB_OUTPUT:?}"
