-- Takes the leases that are free, expired, or an earlier life of this very holder; each under the next epoch.
INSERT INTO ledger.publisher_leases AS l (topic, partition, holder, epoch, expires_at)
SELECT $1, wanted.partition, $3, 1, now() + $4::interval
FROM unnest($2::integer []) AS wanted (partition)
ORDER BY wanted.partition
ON CONFLICT (topic, partition) DO UPDATE
  SET holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
  WHERE l.expires_at < now() OR l.holder = excluded.holder
RETURNING l.partition, l.epoch
