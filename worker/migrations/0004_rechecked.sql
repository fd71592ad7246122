-- The last report of the domain that was made without anybody asking: the next one is compared with it.
ALTER TABLE domains ADD COLUMN rechecked TEXT;

-- Old reports are deleted. In the table `deleted`, opted_out is 2 from here on where that is why.
CREATE INDEX reports_by_expiry ON reports (expires);
