-- The index of reports. Their bodies are in R2 under the same id, written before the row and
-- deleted before it.
CREATE TABLE reports (
    id TEXT PRIMARY KEY,              -- 128 random bits
    domain TEXT NOT NULL,
    created INTEGER NOT NULL,         -- milliseconds since 1970
    expires INTEGER NOT NULL,         -- milliseconds since 1970
    grade TEXT,                       -- nothing where too little could be seen
    policy_version INTEGER NOT NULL,
    delete_hash TEXT NOT NULL,        -- SHA-256 of the delete key
    badge TEXT NOT NULL               -- 128 random bits
) STRICT;

CREATE INDEX reports_by_domain ON reports (domain, created);
CREATE UNIQUE INDEX reports_by_badge ON reports (badge);

-- What is left of a deleted report, so that its link can say so: nothing but the id.
CREATE TABLE deleted (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL               -- milliseconds since 1970
) STRICT;
