-- Scans whose makers share what they saw, by what they have in common. No report is named here.
CREATE TABLE shared_scans (
    key TEXT PRIMARY KEY,             -- SHA-256 of domain, options and the site's settings
    scan TEXT NOT NULL,               -- the id of the scan's object
    started INTEGER NOT NULL          -- milliseconds since 1970
) STRICT;

CREATE INDEX shared_scans_by_age ON shared_scans (started);
