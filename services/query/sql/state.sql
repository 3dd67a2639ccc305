-- What organisation $1 has reached: its head, the position of read model $2 (null: the ledger itself), and the first
-- event, which has the time zone.
SELECT h.sequence AS head, h.recorded_at AS head_recorded_at,
       CASE WHEN $2::text IS NULL THEN h.sequence ELSE coalesce(p.sequence, 0) END AS position,
       CASE WHEN $2::text IS NULL THEN h.recorded_at ELSE p.recorded_at END AS recorded_at,
       first.data AS first_data
  FROM ledger.heads AS h
  JOIN ledger.events AS first ON first.organisation = h.organisation AND first.sequence = 1
  LEFT JOIN projections.positions AS p
    ON p.organisation = h.organisation AND p.projection = $2
   -- After a restore, what was applied of an earlier epoch still counts where the ledger has that very event.
   AND (p.epoch = h.epoch OR EXISTS (
     SELECT FROM ledger.events AS e
      WHERE e.organisation = p.organisation AND e.sequence = p.sequence AND e.epoch = p.epoch
   ))
 WHERE h.organisation = $1 AND h.sequence > 0
