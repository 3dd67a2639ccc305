-- Renews the leases that are still held under the epochs given; the others were lost to somebody else.
UPDATE ledger.publisher_leases AS l
SET expires_at = now() + $5::interval
FROM unnest($2::integer [], $3::bigint []) AS mine (partition, epoch)
WHERE l.topic = $1 AND l.partition = mine.partition AND l.epoch = mine.epoch AND l.holder = $4
RETURNING l.partition, l.epoch
