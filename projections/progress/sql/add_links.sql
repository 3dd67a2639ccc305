-- Adds what events say of an objective and one parent.
INSERT INTO progress.links (
  organisation,
  parent_kind,
  parent_id,
  child_id,
  effective_on,
  sequence,
  effect,
  origin,
  weight,
  share,
  acceptance,
  newest
)
SELECT
  organisation,
  parent_kind,
  parent_id,
  child_id,
  effective_on,
  sequence,
  effect,
  origin,
  weight::numeric,
  share::numeric,
  acceptance,
  newest
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::text [],
  $5::date [],
  $6::bigint [],
  $7::text [],
  $8::text [],
  $9::text [],
  $10::text [],
  $11::text [],
  $12::boolean []
) AS made (
  organisation,
  parent_kind,
  parent_id,
  child_id,
  effective_on,
  sequence,
  effect,
  origin,
  weight,
  share,
  acceptance,
  newest
);
