#!/usr/bin/env bash
# Checks the domains, and keeps the exit code for later: what was found is to be shown first.
set -euo pipefail

arguments=(check --format sarif --output "${SARIF:?}" --fail-on "${FAIL_ON:?}")
[ -z "${FROM:-}" ] || arguments+=(--from "$FROM")
while IFS= read -r line; do
    [ -z "$line" ] || arguments+=(--baseline "$line")
done <<<"${BASELINE:-}"
while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$line")
done <<<"${ARGUMENTS:-}"
arguments+=(--)
# Words, but no patterns of file names.
set -f
for domain in ${DOMAINS:-}; do
    arguments+=("$domain")
done

code=0
table=$("${PROGRAM:?}" "${arguments[@]}" 2>&1 >/dev/null) || code=$?
printf '%s\n' "$table"
if [ "$code" = 2 ]; then
    echo "::error::The inputs make no sense, and nothing was checked."
    exit 1
fi
{
    echo "### mailsins"
    echo
    # No line of it begins with a fence: it is indented.
    printf '%s\n' "$table" | sed 's/^/    /'
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
# A domain of which too little was seen must not hide what was found of another.
found=false
! grep -Eq '"counts": ?true' "$SARIF" || found=true
{
    echo "sarif=$SARIF"
    echo "found=$found"
    echo "code=$code"
} >>"${GITHUB_OUTPUT:?}"
