-- Gives leases back at a clean stop, so that the next holder need not wait for them to expire.
UPDATE ledger.publisher_leases AS l
SET expires_at = '-infinity'
FROM unnest($2::integer [], $3::bigint []) AS mine (partition, epoch)
WHERE l.topic = $1 AND l.partition = mine.partition AND l.epoch = mine.epoch AND l.holder = $4
