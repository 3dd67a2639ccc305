-- Moves positions by compare-and-set, in the transaction that writes the rows; answers the organisations that moved.
-- An organisation is left where it is if its position is not the one that the rows were folded on, or if the ledger
-- does not reach so far: the caller then rolls back. After a restore Kafka may still hold events that the ledger lost;
-- where the head is of a later epoch, an event of an earlier one counts only if the ledger has that very event.
WITH wanted AS (
  SELECT w.organisation, w.from_epoch, w.from_sequence, w.epoch, w.sequence, w.recorded_at
  FROM unnest($2::text [], $3::integer [], $4::bigint [], $5::integer [], $6::bigint [], $7::timestamptz [])
    AS w (organisation, from_epoch, from_sequence, epoch, sequence, recorded_at)
  JOIN ledger.heads AS h ON h.organisation = w.organisation AND w.sequence <= h.sequence
  WHERE
    w.epoch = h.epoch
    OR EXISTS (
      SELECT FROM ledger.events AS e
      WHERE e.organisation = w.organisation AND e.sequence = w.sequence AND e.epoch = w.epoch
    )
),

moved AS (
  UPDATE projections.positions AS p
  SET epoch = w.epoch, sequence = w.sequence, recorded_at = w.recorded_at
  FROM wanted AS w
  WHERE
    p.projection = $1 AND p.organisation = w.organisation
    AND p.epoch = w.from_epoch AND p.sequence = w.from_sequence
  RETURNING p.organisation
),

begun AS (
  INSERT INTO projections.positions (projection, organisation, epoch, sequence, recorded_at)
  SELECT $1, w.organisation, w.epoch, w.sequence, w.recorded_at
  FROM wanted AS w
  WHERE w.from_sequence = 0
  ORDER BY w.organisation
  ON CONFLICT (projection, organisation) DO NOTHING
  RETURNING organisation
)

SELECT moved.organisation FROM moved
UNION ALL
SELECT begun.organisation FROM begun
