-- Adds rows to every table in one statement: for each column of each table an array, empty where there is nothing to
-- add; those of one table are all of one length.
WITH new_units AS (
  INSERT INTO alignment.units (
    organisation, unit_id, sequence, effective_on, parent_id, name
  )
  SELECT * FROM unnest(
    $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text [], $6::text []
  )
),

new_people AS (
  INSERT INTO alignment.people (
    organisation, person_id, sequence, effective_on, title, placeholder
  )
  SELECT * FROM unnest(
    $7::text [], $8::text [], $9::bigint [], $10::date [], $11::text [], $12::boolean []
  )
),

new_managers AS (
  INSERT INTO alignment.managers (
    organisation, person_id, sequence, effective_on, manager_id
  )
  SELECT * FROM unnest(
    $13::text [], $14::text [], $15::bigint [], $16::date [], $17::text []
  )
),

new_memberships AS (
  INSERT INTO alignment.memberships (
    organisation, person_id, sequence, unit_id, effective_on, is_primary, place
  )
  SELECT * FROM unnest(
    $18::text [], $19::text [], $20::bigint [], $21::text [], $22::date [], $23::boolean [], $24::integer []
  )
),

new_cycles AS (
  INSERT INTO alignment.cycles (
    organisation, cycle_id, sequence, effective_on, parent_id
  )
  SELECT * FROM unnest(
    $25::text [], $26::text [], $27::bigint [], $28::date [], $29::text []
  )
),

new_openings AS (
  INSERT INTO alignment.openings (
    organisation, cycle_id, sequence, effective_on
  )
  SELECT * FROM unnest(
    $30::text [], $31::text [], $32::bigint [], $33::date []
  )
),

new_objectives AS (
  INSERT INTO alignment.objectives (
    organisation, objective_id, sequence, effective_on, cycle_id, owner_kind, owner_id, declared_top_level
  )
  SELECT * FROM unnest(
    $34::text [], $35::text [], $36::bigint [], $37::date [], $38::text [], $39::text [], $40::text [],
    $41::boolean []
  )
),

new_key_results AS (
  INSERT INTO alignment.key_results (
    organisation, key_result_id, sequence, effective_on, objective_id, source, weight
  )
  SELECT * FROM unnest(
    $42::text [], $43::text [], $44::bigint [], $45::date [], $46::text [], $47::text [], $48::numeric []
  )
),

new_responsibles AS (
  INSERT INTO alignment.responsibles (
    organisation, key_result_id, sequence, effective_on, person_id
  )
  SELECT * FROM unnest(
    $49::text [], $50::text [], $51::bigint [], $52::date [], $53::text []
  )
),

new_titles AS (
  INSERT INTO alignment.titles (
    organisation, kind, id, sequence, effective_on, title
  )
  SELECT * FROM unnest(
    $54::text [], $55::text [], $56::text [], $57::bigint [], $58::date [], $59::text []
  )
),

new_roll_ups AS (
  INSERT INTO alignment.roll_ups (
    organisation, objective_id, sequence, effective_on, roll_up
  )
  SELECT * FROM unnest(
    $60::text [], $61::text [], $62::bigint [], $63::date [], $64::text []
  )
),

new_overrides AS (
  INSERT INTO alignment.overrides (
    organisation, objective_id, sequence, effective_on, overridden
  )
  SELECT * FROM unnest(
    $65::text [], $66::text [], $67::bigint [], $68::date [], $69::boolean []
  )
)

INSERT INTO alignment.links (
  organisation, child_id, parent_kind, parent_id, sequence, effective_on, linked, effect, origin, weight, share,
  drawn_by
)
SELECT * FROM unnest(
  $70::text [], $71::text [], $72::text [], $73::text [], $74::bigint [], $75::date [], $76::boolean [],
  $77::text [], $78::text [], $79::numeric [], $80::numeric [], $81::text []
)
