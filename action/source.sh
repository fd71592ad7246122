#!/usr/bin/env bash
# Names what the program is built from: another source has another hash.
set -euo pipefail

cd "$(dirname "$0")/.."
hash=$(find shared probe cli Cargo.toml Cargo.lock rust-toolchain.toml -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
echo "hash=${hash%% *}" >>"${GITHUB_OUTPUT:?}"
