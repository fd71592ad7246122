-- What the domains of reports say at _mailsins, as it was last read, and when they are checked again.
CREATE TABLE domains (
    domain TEXT PRIMARY KEY,
    looked INTEGER NOT NULL,          -- when it was last read, or tried: milliseconds since 1970
    heard INTEGER NOT NULL,           -- when an answer last came: milliseconds since 1970
    opted_out INTEGER NOT NULL,       -- 1 with probe=none
    words TEXT NOT NULL,              -- what the record allows, with commas between
    due INTEGER                       -- when it is checked again, milliseconds since 1970; nothing without consent
) STRICT;

CREATE INDEX domains_by_looked ON domains (looked);
CREATE INDEX domains_by_due ON domains (due) WHERE due IS NOT NULL;

INSERT INTO domains (domain, looked, heard, opted_out, words) SELECT DISTINCT domain, 0, 0, 0, '' FROM reports;

-- Nobody chose anything when it was made: such reports are a domain's history.
ALTER TABLE reports ADD COLUMN plain INTEGER NOT NULL DEFAULT 1;

-- Its domain asked not to be probed, rather than its publisher to have it deleted.
ALTER TABLE deleted ADD COLUMN opted_out INTEGER NOT NULL DEFAULT 0;
