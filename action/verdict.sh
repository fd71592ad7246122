#!/usr/bin/env bash
# Fails the job, or not.
set -euo pipefail

case "${CODE:?}:${FOUND:?}:${UNSEEN:?}" in
0:*) echo "Nothing to complain about." ;;
1:* | 3:true:pass) echo "::error::There are findings that fail this job." && exit 1 ;;
3:false:pass) echo "::warning::Of some domains too little could be seen for a grade." ;;
*) echo "::error::Some domains could not be checked, or too little of them could be seen for a grade." && exit 1 ;;
esac
