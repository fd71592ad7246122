#!/usr/bin/env bash
# Names what the program is built from: another source has another hash.
set -euo pipefail

cd "$(dirname "$0")/.."
# GNU's, or what macOS has.
digest() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
hash=$(find shared probe cli Cargo.toml Cargo.lock rust-toolchain.toml -type f | LC_ALL=C sort | while IFS= read -r file; do digest "$file"; done | digest)
echo "hash=${hash%% *}" >>"${GITHUB_OUTPUT:?}"
