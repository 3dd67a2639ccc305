-- The same as behind.sql, of the heads alone that changed after what an earlier look saw ($2).
SELECT
  now.seen,
  behind.organisation,
  behind.after,
  behind.head
FROM (SELECT pg_current_snapshot()::text AS seen) AS now
LEFT JOIN (
  SELECT
    h.organisation,
    h.sequence AS head,
    CASE
      WHEN p.epoch IS NULL THEN 0
      WHEN p.epoch = h.epoch THEN p.sequence
      ELSE least(
        p.sequence,
        (
          SELECT min(e.sequence) - 1 FROM ledger.events AS e
          WHERE e.organisation = h.organisation AND e.epoch = h.epoch
        )
      )
    END AS after
  FROM ledger.heads_changed_since($2::text::pg_snapshot) AS h
  LEFT JOIN ledger.published AS p ON p.topic = $1 AND p.organisation = h.organisation
  WHERE h.sequence > 0 AND (p.epoch IS NULL OR h.epoch > p.epoch OR h.sequence > p.sequence)
) AS behind ON TRUE
ORDER BY behind.organisation
