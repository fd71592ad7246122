//! The API by hand: commands to paste, for docs/api.md and the page /api. A test runs them.

/// A heading, and a script that wants the site in `SITE`, curl from version 7.82 and jq.
pub const COMMANDS: [(&str, &str); 4] = [
    (
        "Check a domain and publish its report",
        r#"SCAN=$(curl -sS "$SITE/api/v1/scans" --json '{"domain": "example.org", "drive": "server"}' | jq -r .id)
curl -sSN "$SITE/api/v1/scans/$SCAN/events"    # ends with the event `done`, which holds the grade
curl -sS -X POST "$SITE/api/v1/scans/$SCAN/report" | jq .
"#,
    ),
    (
        "Check many domains, and poll one address",
        r#"BATCH=$(curl -sS "$SITE/api/v1/batches" --json '{"domains": ["example.org", "example.net"]}' | jq -r .id)
until curl -sS "$SITE/api/v1/batches/$BATCH" | jq -e .complete > /dev/null; do sleep 15; done
curl -sS "$SITE/api/v1/batches/$BATCH" | jq -r '.scans[] | "\(.domain) \(.summary.grade) \(.url)"'
"#,
    ),
    (
        "Try again without doing it twice",
        r#"KEY=$(cat /proc/sys/kernel/random/uuid)
for try in 1 2; do
  curl -sS --retry 3 "$SITE/api/v1/scans" -H "Idempotency-Key: $KEY" --json '{"domain": "example.org"}' | jq -r .id
done
"#,
    ),
    (
        "Take what was seen in the last ten minutes, if somebody shared it",
        r#"curl -sS "$SITE/api/v1/scans" --json '{"domain": "example.org", "drive": "server", "max_age": 600}' | jq .complete
"#,
    ),
];
