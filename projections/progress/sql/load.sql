-- What a batch of events can change and memory does not have, over all its organisations, as arrays of one row.
-- Upwards from the nodes that the events name ($1 to $3) and the cycles that they open ($4, $5): everything that counts
-- above them, with all its direct inputs; all check-ins of key results ($6, $7), all cycles of organisations ($8).
WITH RECURSIVE named (organisation, kind, id) AS (
  SELECT
    organisation,
    kind,
    id
  FROM unnest($1::text [], $2::text [], $3::text []) AS node (organisation, kind, id)
  UNION
  -- A cycle that opens counts from now on wherever its objectives are aligned.
  SELECT
    link.organisation,
    link.parent_kind,
    link.parent_id
  FROM unnest($4::text [], $5::text []) AS opened (organisation, cycle_id)
  CROSS JOIN LATERAL (
    SELECT
      word.organisation,
      word.parent_kind,
      word.parent_id
    FROM progress.objectives AS child
    INNER JOIN progress.links AS word
      ON child.organisation = word.organisation AND child.objective_id = word.child_id AND word.newest
    WHERE child.organisation = opened.organisation AND child.cycle_id = opened.cycle_id
    ORDER BY word.parent_kind, word.parent_id
  ) AS link
),

above (organisation, kind, id) AS (
  SELECT
    organisation,
    kind,
    id
  FROM named
  UNION
  SELECT
    below.organisation,
    edge.kind,
    edge.id
  FROM above AS below
  CROSS JOIN LATERAL (
    SELECT
      'objective' AS kind,
      key_result.objective_id AS id
    FROM progress.key_results AS key_result
    WHERE
      below.kind = 'key_result'
      AND key_result.organisation = below.organisation
      AND key_result.key_result_id = below.id
    UNION ALL
    SELECT
      link.parent_kind,
      link.parent_id
    FROM progress.links AS link
    WHERE
      below.kind = 'objective'
      AND link.organisation = below.organisation
      AND link.child_id = below.id
      AND link.newest
      AND link.effect = 'contributes'
  ) AS edge
),

-- Materialised, or it would be walked upwards again for each of the arrays below. Each lookup has an ORDER BY of its
-- own, so that it stays one: the planner cannot know how few nodes there are, and would join with whole tables.
places (organisation, kind, id) AS MATERIALIZED (
  SELECT
    organisation,
    kind,
    id
  FROM above
),

inputs AS MATERIALIZED (
  SELECT link.*
  FROM places
  CROSS JOIN LATERAL (
    SELECT *
    FROM progress.links AS edge
    WHERE
      edge.organisation = places.organisation
      AND edge.parent_kind = places.kind
      AND edge.parent_id = places.id
      AND edge.newest
    ORDER BY edge.child_id
  ) AS link
),

wanted_objectives (organisation, id) AS MATERIALIZED (
  SELECT
    organisation,
    id
  FROM places
  WHERE kind = 'objective'
  UNION
  SELECT
    organisation,
    child_id
  FROM inputs
),

wanted_key_results (organisation, id) AS MATERIALIZED (
  SELECT
    organisation,
    id
  FROM places
  WHERE kind = 'key_result'
  UNION
  SELECT
    places.organisation,
    own.key_result_id
  FROM places
  CROSS JOIN LATERAL (
    SELECT added.key_result_id
    FROM progress.key_results AS added
    WHERE added.organisation = places.organisation AND added.objective_id = places.id
    ORDER BY added.key_result_id
  ) AS own
  WHERE places.kind = 'objective'
)

SELECT
  (SELECT array_agg(row(places.organisation, places.kind, places.id)) FROM places) AS places,
  (
    SELECT array_agg(row(cycle.organisation, cycle.cycle_id, cycle.opened_on IS NOT NULL))
    FROM unnest($8::text []) AS batch (organisation)
    CROSS JOIN LATERAL (
      SELECT *
      FROM progress.cycles AS planned
      WHERE planned.organisation = batch.organisation
      ORDER BY planned.cycle_id
    ) AS cycle
  ) AS cycles,
  (
    SELECT array_agg(row(
      objective.organisation, objective.objective_id, objective.cycle_id, objective.roll_up, objective.roll_up_on,
      objective.override, objective.override_on, objective.ended, objective.ended_on, objective.progress,
      objective.measured, objective.computed, objective.no_inputs
    ))
    FROM wanted_objectives AS wanted
    CROSS JOIN LATERAL (
      SELECT *
      FROM progress.objectives AS created
      WHERE created.organisation = wanted.organisation AND created.objective_id = wanted.id
      ORDER BY created.objective_id
    ) AS objective
  ) AS objectives,
  (
    SELECT array_agg(row(
      key_result.organisation, key_result.key_result_id, key_result.objective_id, key_result.source, key_result.weight,
      key_result.weight_on, key_result.dropped, key_result.dropped_on,
      key_result.value, key_result.value_on, key_result.value_first_sequence, key_result.value_sequence,
      key_result.raw, key_result.progress, key_result.measured, key_result.no_inputs
    ))
    FROM wanted_key_results AS wanted
    CROSS JOIN LATERAL (
      SELECT *
      FROM progress.key_results AS added
      WHERE added.organisation = wanted.organisation AND added.key_result_id = wanted.id
      ORDER BY added.key_result_id
    ) AS key_result
  ) AS key_results,
  (
    SELECT array_agg(row(
      link.organisation, link.child_id, link.parent_kind, link.parent_id, link.effective_on, link.sequence,
      link.effect, link.origin, link.weight, link.share, link.acceptance
    ))
    FROM inputs AS link
  ) AS links,
  (
    SELECT array_agg(row(
      definition.organisation, definition.key_result_id, definition.effective_on, definition.sequence,
      definition.kind, definition.unit_kind, definition.unit_code, definition.baseline, definition.target,
      definition.floor, definition.ceiling, definition.low, definition.high, definition.restated_value
    ))
    FROM places
    CROSS JOIN LATERAL (
      SELECT *
      FROM progress.definitions AS defined
      WHERE defined.organisation = places.organisation AND defined.key_result_id = places.id
      ORDER BY defined.effective_on, defined.sequence
    ) AS definition
    WHERE places.kind = 'key_result'
  ) AS definitions,
  (
    SELECT array_agg(row(
      check_in.organisation, check_in.key_result_id, check_in.check_in_id, check_in.first_sequence, check_in.sequence,
      check_in.effective_on, check_in.value, check_in.withdrawn
    ))
    FROM unnest($6::text [], $7::text []) AS questioned (organisation, key_result_id)
    CROSS JOIN LATERAL (
      SELECT *
      FROM progress.check_ins AS reported
      WHERE reported.organisation = questioned.organisation AND reported.key_result_id = questioned.key_result_id
      ORDER BY reported.first_sequence, reported.sequence
    ) AS check_in
  ) AS check_ins;
