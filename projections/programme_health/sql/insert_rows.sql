-- Adds facts and check-ins: an array for each column. Views that are older than the organisation keeps them go at the
-- same time: $19 are the organisations, $20 when the ledger learned the newest event of each.
WITH new_facts AS (
  INSERT INTO programme_health.facts (organisation, kind, id, what, effective_on, sequence, value)
  SELECT * FROM unnest(
    $1::text [], $2::text [], $3::text [], $4::text [], $5::date [], $6::bigint [], $7::text []
  )
),

expired AS (
  DELETE FROM programme_health.views AS v
  USING unnest($19::text [], $20::timestamptz []) AS newest (organisation, recorded_at)
  WHERE v.organisation = newest.organisation
    AND v.seen_at < newest.recorded_at - make_interval(
      days => programme_health.setting(newest.organisation, 'infinity', 9223372036854775807, 'views_kept_days', 90)
    )
)

INSERT INTO programme_health.check_ins (
  organisation, key_result_id, check_in_id, sequence, effective_on, recorded_at, corrects, withdrawn, imported,
  actor_id, value
)
SELECT * FROM unnest(
  $8::text [], $9::text [], $10::text [], $11::bigint [], $12::date [], $13::timestamptz [], $14::boolean [],
  $15::boolean [], $16::boolean [], $17::text [], $18::numeric []
)
