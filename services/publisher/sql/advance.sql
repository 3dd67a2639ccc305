-- Moves what was published in a partition, forwards only, and only while its lease is held under the epoch given.
-- Answers whether it is.
WITH held AS (
  SELECT l.partition FROM ledger.publisher_leases AS l
  WHERE l.topic = $1 AND l.partition = $2 AND l.epoch = $3 AND l.holder = $4
  FOR SHARE
),

moved AS (
  INSERT INTO ledger.published AS p (topic, organisation, epoch, sequence)
  SELECT $1, reached.organisation, reached.epoch, reached.sequence
  FROM unnest($5::text [], $6::integer [], $7::bigint []) AS reached (organisation, epoch, sequence)
  CROSS JOIN held
  ORDER BY reached.organisation COLLATE "C"
  ON CONFLICT (topic, organisation) DO UPDATE
    SET epoch = excluded.epoch, sequence = excluded.sequence
    WHERE (p.epoch, p.sequence) < (excluded.epoch, excluded.sequence)
)

SELECT exists(SELECT 1 FROM held)
