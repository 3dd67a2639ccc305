-- All versions, as known at an event ($3), of at most $6 check-ins of a key result ($2) of an organisation ($1) that
-- were recorded after event $5: those that are about a day up to $4, in the order in which they were recorded.
WITH page AS (
  SELECT check_in.first_sequence
  FROM progress.check_ins AS check_in
  WHERE
    check_in.organisation = $1
    AND check_in.key_result_id = $2
    AND check_in.sequence <= $3
    AND (check_in.superseded_at IS NULL OR check_in.superseded_at > $3)
    AND check_in.effective_on <= $4
    AND check_in.first_sequence > $5
  ORDER BY check_in.first_sequence
  LIMIT $6
)

SELECT
  check_in.first_sequence,
  check_in.sequence,
  check_in.check_in_id,
  check_in.effective_on,
  check_in.value,
  check_in.forecast,
  check_in.confidence,
  check_in.narrative,
  check_in.withdrawn,
  check_in.reason,
  check_in.actor_kind,
  check_in.actor_id,
  check_in.recorded_at
FROM page
INNER JOIN progress.check_ins AS check_in
  ON
    check_in.organisation = $1
    AND check_in.key_result_id = $2
    AND page.first_sequence = check_in.first_sequence
    AND check_in.sequence <= $3
ORDER BY check_in.first_sequence, check_in.sequence;
