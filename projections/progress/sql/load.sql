-- Everything that a batch of events can change, over all its organisations, as arrays of one row.
-- Upwards from the nodes that the events name: everything that counts above them, with all its direct inputs.
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
  INNER JOIN progress.objectives AS child
    ON opened.organisation = child.organisation AND opened.cycle_id = child.cycle_id
  INNER JOIN progress.links AS link
    ON child.organisation = link.organisation AND child.objective_id = link.child_id AND link.newest
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

-- Materialised, or the planner would walk upwards again for each of the arrays below.
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
  INNER JOIN progress.links AS link
    ON
      places.organisation = link.organisation
      AND places.kind = link.parent_kind
      AND places.id = link.parent_id
      AND link.newest
)

SELECT
  (
    SELECT array_agg(row(cycle.organisation, cycle.cycle_id, cycle.opened_on IS NOT NULL))
    FROM progress.cycles AS cycle
    WHERE cycle.organisation = ANY($8::text [])
  ) AS cycles,
  (
    SELECT array_agg(row(
      objective.organisation, objective.objective_id, objective.cycle_id, objective.roll_up, objective.roll_up_on,
      objective.override, objective.override_on, objective.progress, objective.measured, objective.computed,
      objective.no_inputs
    ))
    FROM progress.objectives AS objective
    INNER JOIN (
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
    ) AS wanted (organisation, id)
      ON objective.organisation = wanted.organisation AND objective.objective_id = wanted.id
  ) AS objectives,
  (
    SELECT array_agg(row(
      key_result.organisation, key_result.key_result_id, key_result.objective_id, key_result.source, key_result.weight,
      key_result.value, key_result.value_on, key_result.value_first_sequence, key_result.value_sequence,
      key_result.raw, key_result.progress, key_result.measured, key_result.no_inputs
    ))
    FROM progress.key_results AS key_result
    INNER JOIN (
      SELECT
        organisation,
        id
      FROM places
      WHERE kind = 'key_result'
      UNION
      SELECT
        key_result.organisation,
        key_result.key_result_id
      FROM places
      INNER JOIN progress.key_results AS key_result
        ON places.organisation = key_result.organisation AND places.id = key_result.objective_id
      WHERE places.kind = 'objective'
    ) AS wanted (organisation, id)
      ON key_result.organisation = wanted.organisation AND key_result.key_result_id = wanted.id
  ) AS key_results,
  (
    SELECT array_agg(row(
      link.organisation, link.child_id, link.parent_kind, link.parent_id, link.effective_on, link.sequence,
      link.effect, link.origin, link.weight, link.share
    ))
    FROM inputs AS link
  ) AS links,
  (
    SELECT array_agg(row(
      definition.organisation, definition.key_result_id, definition.effective_on, definition.sequence,
      definition.kind, definition.unit_kind, definition.unit_code, definition.baseline, definition.target,
      definition.floor, definition.ceiling, definition.low, definition.high, definition.restated_value
    ))
    FROM named
    INNER JOIN progress.definitions AS definition
      ON named.organisation = definition.organisation AND named.id = definition.key_result_id
    WHERE named.kind = 'key_result'
  ) AS definitions,
  (
    SELECT array_agg(row(
      check_in.organisation, check_in.key_result_id, check_in.check_in_id, check_in.first_sequence, check_in.sequence,
      check_in.effective_on, check_in.value, check_in.withdrawn
    ))
    FROM unnest($6::text [], $7::text []) AS questioned (organisation, key_result_id)
    INNER JOIN progress.check_ins AS check_in
      ON
        questioned.organisation = check_in.organisation
        AND questioned.key_result_id = check_in.key_result_id
  ) AS check_ins;
