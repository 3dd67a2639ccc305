-- Moves what was published, forwards only, and only in partitions whose lease is still held under the epoch given.
-- Answers the partitions that are held.
WITH held AS (
  SELECT l.partition
  FROM unnest($2::integer [], $3::bigint []) AS mine (partition, epoch)
  JOIN ledger.publisher_leases AS l
    ON l.topic = $1 AND l.partition = mine.partition AND l.epoch = mine.epoch AND l.holder = $4
  FOR SHARE OF l
),

moved AS (
  INSERT INTO ledger.published AS p (topic, organisation, epoch, sequence)
  SELECT $1, reached.organisation, reached.epoch, reached.sequence
  FROM unnest($5::text [], $6::integer [], $7::integer [], $8::bigint [])
    AS reached (organisation, partition, epoch, sequence)
  JOIN held ON held.partition = reached.partition
  ORDER BY reached.organisation COLLATE "C"
  ON CONFLICT (topic, organisation) DO UPDATE
    SET epoch = excluded.epoch, sequence = excluded.sequence
    WHERE (p.epoch, p.sequence) < (excluded.epoch, excluded.sequence)
)

SELECT held.partition FROM held
