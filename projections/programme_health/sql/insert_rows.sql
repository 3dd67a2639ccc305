-- Adds facts and check-ins in one statement: an array for each column.
WITH new_facts AS (
  INSERT INTO programme_health.facts (organisation, kind, id, what, effective_on, sequence, value)
  SELECT * FROM unnest(
    $1::text [], $2::text [], $3::text [], $4::text [], $5::date [], $6::bigint [], $7::text []
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
