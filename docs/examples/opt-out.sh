#!/usr/bin/env bash
# Opts an address out of all with curl, and shows what it gets from then on: `SAYSO_URL=… SAYSO_KEY=… opt-out.sh ADDRESS`.
# The key needs the scopes statuses.read and statuses.write.
set -euo pipefail

call() { curl --fail-with-body --silent --show-error --header "Authorization: Bearer $SAYSO_KEY" "$@"; }

# The address is a part of the path, so its special characters are written as %40 and the like.
address=$(printf '%s' "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')

# A repeat with the same key gets the first answer. A new one is made for each request.
call --request POST "$SAYSO_URL/api/v1/subscribers/$address/opt-outs" \
  --header 'Content-Type: application/json' --header "Idempotency-Key: opt-out-$(date +%s)-$$" \
  --data '{}' >/dev/null
call "$SAYSO_URL/api/v1/subscribers/$address"
