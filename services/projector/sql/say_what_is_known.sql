-- Says which event types this process can read. Processes that said nothing for a day are forgotten.
WITH forgotten AS (
  DELETE FROM projections.readers
  WHERE seen_at < clock_timestamp() - interval '1 day'
)

INSERT INTO projections.readers AS r (projection, instance, event_types, seen_at)
VALUES ($1, $2, $3, clock_timestamp())
ON CONFLICT (projection, instance) DO UPDATE SET event_types = excluded.event_types, seen_at = excluded.seen_at
