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
    organisation, person_id, sequence, unit_id, effective_on, is_primary, place, has_left
  )
  SELECT * FROM unnest(
    $18::text [], $19::text [], $20::bigint [], $21::text [], $22::date [], $23::boolean [], $24::integer [],
    $25::boolean []
  )
),

new_cycles AS (
  INSERT INTO alignment.cycles (
    organisation, cycle_id, sequence, effective_on, parent_id
  )
  SELECT * FROM unnest(
    $26::text [], $27::text [], $28::bigint [], $29::date [], $30::text []
  )
),

new_openings AS (
  INSERT INTO alignment.openings (
    organisation, cycle_id, sequence, effective_on
  )
  SELECT * FROM unnest(
    $31::text [], $32::text [], $33::bigint [], $34::date []
  )
),

new_objectives AS (
  INSERT INTO alignment.objectives (
    organisation, objective_id, sequence, effective_on, cycle_id, owner_kind, owner_id, declared_top_level
  )
  SELECT * FROM unnest(
    $35::text [], $36::text [], $37::bigint [], $38::date [], $39::text [], $40::text [], $41::text [],
    $42::boolean []
  )
),

new_key_results AS (
  INSERT INTO alignment.key_results (
    organisation, key_result_id, sequence, effective_on, objective_id, source, weight
  )
  SELECT * FROM unnest(
    $43::text [], $44::text [], $45::bigint [], $46::date [], $47::text [], $48::text [], $49::numeric []
  )
),

new_responsibles AS (
  INSERT INTO alignment.responsibles (
    organisation, key_result_id, sequence, effective_on, person_id
  )
  SELECT * FROM unnest(
    $50::text [], $51::text [], $52::bigint [], $53::date [], $54::text []
  )
),

new_titles AS (
  INSERT INTO alignment.titles (
    organisation, kind, id, sequence, effective_on, title
  )
  SELECT * FROM unnest(
    $55::text [], $56::text [], $57::text [], $58::bigint [], $59::date [], $60::text []
  )
),

new_roll_ups AS (
  INSERT INTO alignment.roll_ups (
    organisation, objective_id, sequence, effective_on, roll_up
  )
  SELECT * FROM unnest(
    $61::text [], $62::text [], $63::bigint [], $64::date [], $65::text []
  )
),

new_overrides AS (
  INSERT INTO alignment.overrides (
    organisation, objective_id, sequence, effective_on, overridden
  )
  SELECT * FROM unnest(
    $66::text [], $67::text [], $68::bigint [], $69::date [], $70::boolean []
  )
),

new_decisions AS (
  INSERT INTO alignment.decisions (
    organisation, kind, id, what, sequence, effective_on, value
  )
  SELECT * FROM unnest(
    $71::text [], $72::text [], $73::text [], $74::text [], $75::bigint [], $76::date [], $77::text []
  )
)

INSERT INTO alignment.links (
  organisation, child_id, parent_kind, parent_id, sequence, effective_on, linked, effect, origin, weight, share,
  awaits, drawn_by
)
SELECT * FROM unnest(
  $78::text [], $79::text [], $80::text [], $81::text [], $82::bigint [], $83::date [], $84::boolean [],
  $85::text [], $86::text [], $87::numeric [], $88::numeric [], $89::boolean [], $90::text []
)
