-- The progress read model: what counts, on both clocks, and the newest number of every node.
-- Decimals are exact: numeric where they are reckoned with, text in plain notation where they are shown as reported.
CREATE SCHEMA progress AUTHORIZATION okr_owner;
COMMENT ON SCHEMA progress IS 'Progress of objectives and key results, live, as of any day and as known at any event.';

CREATE TABLE progress.organisations (
  organisation text COLLATE "C" PRIMARY KEY,
  time_zone text NOT NULL,
  latest_on date NOT NULL,
  sequence bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE progress.organisations IS 'What a question of an organisation needs before anything else.';
COMMENT ON COLUMN progress.organisations.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.organisations.time_zone IS 'IANA name of the zone in which its days are counted.';
COMMENT ON COLUMN progress.organisations.latest_on IS
'The latest day that any of its events is about: asked for this day or a later one, and for what is known now, the live'
' numbers are the answer.';
COMMENT ON COLUMN progress.organisations.sequence IS 'The newest event that the live numbers know.';

CREATE TABLE progress.cycles (
  organisation text COLLATE "C" NOT NULL,
  cycle_id text COLLATE "C" NOT NULL,
  name text,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  parent_id text COLLATE "C",
  rule_version integer NOT NULL,
  thresholds jsonb NOT NULL,
  planned_on date NOT NULL,
  planned_sequence bigint NOT NULL,
  opened_on date,
  opened_sequence bigint,
  PRIMARY KEY (organisation, cycle_id)
);
COMMENT ON TABLE progress.cycles IS 'The cycles, with the rules that their figures keep for ever.';
COMMENT ON COLUMN progress.cycles.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.cycles.cycle_id IS 'The cycle.';
COMMENT ON COLUMN progress.cycles.name IS 'Its name; null where it has none or where it was erased.';
COMMENT ON COLUMN progress.cycles.starts_on IS 'Its first day.';
COMMENT ON COLUMN progress.cycles.ends_on IS 'Its last day, inclusive.';
COMMENT ON COLUMN progress.cycles.parent_id IS 'The cycle that contains it, if any.';
COMMENT ON COLUMN progress.cycles.rule_version IS 'The version of the formulas that its figures are made with.';
COMMENT ON COLUMN progress.cycles.thresholds IS 'The thresholds of its status words, as CyclePlanned recorded them.';
COMMENT ON COLUMN progress.cycles.planned_on IS 'The day on which it was planned.';
COMMENT ON COLUMN progress.cycles.planned_sequence IS 'The event that planned it.';
COMMENT ON COLUMN progress.cycles.opened_on IS 'The day from which it counts in other cycles; null while planned.';
COMMENT ON COLUMN progress.cycles.opened_sequence IS 'The event that opened it; null while planned.';

CREATE TABLE progress.objectives (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  cycle_id text COLLATE "C" NOT NULL,
  owner_kind text NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  ambition text NOT NULL,
  top_level boolean NOT NULL,
  created_on date NOT NULL,
  created_sequence bigint NOT NULL,
  roll_up text NOT NULL,
  roll_up_on date NOT NULL,
  override numeric,
  override_on date,
  ended text,
  ended_on date,
  progress numeric NOT NULL,
  measured numeric NOT NULL,
  computed numeric NOT NULL,
  no_inputs boolean NOT NULL,
  PRIMARY KEY (organisation, objective_id)
) WITH (fillfactor = 60);
CREATE INDEX objectives_by_cycle ON progress.objectives (organisation, cycle_id);
COMMENT ON TABLE progress.objectives IS 'Every objective with its newest numbers.';
COMMENT ON COLUMN progress.objectives.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.objectives.objective_id IS 'The objective.';
COMMENT ON COLUMN progress.objectives.cycle_id IS 'The cycle that it lives in.';
COMMENT ON COLUMN progress.objectives.owner_kind IS 'Who owns it: person or unit.';
COMMENT ON COLUMN progress.objectives.owner_id IS 'The person or unit that owns it.';
COMMENT ON COLUMN progress.objectives.ambition IS 'aspirational or committed: what its status words are judged by.';
COMMENT ON COLUMN progress.objectives.top_level IS 'Whether it was declared top-level, whoever owns it.';
COMMENT ON COLUMN progress.objectives.created_on IS 'The day of its creation.';
COMMENT ON COLUMN progress.objectives.created_sequence IS 'The event that created it.';
COMMENT ON COLUMN progress.objectives.roll_up IS 'What its progress is the mean of: key_results, children or both.';
COMMENT ON COLUMN progress.objectives.roll_up_on IS 'The day from which that roll-up is in force.';
COMMENT ON COLUMN progress.objectives.override IS 'The number that replaces the computed one; null for none.';
COMMENT ON COLUMN progress.objectives.override_on IS 'The day of the latest override or lifting; null for neither.';
COMMENT ON COLUMN progress.objectives.ended IS 'abandoned or carried_over; null while it counts.';
COMMENT ON COLUMN progress.objectives.ended_on IS 'The day of the latest word on that; null for none.';
COMMENT ON COLUMN progress.objectives.progress IS 'What is shown and counts above, from 0 to 1, 6 places.';
COMMENT ON COLUMN progress.objectives.measured IS 'How much of it rests on reported values, from 0 to 1, 6 places.';
COMMENT ON COLUMN progress.objectives.computed IS 'The weighted mean of its inputs, also under an override.';
COMMENT ON COLUMN progress.objectives.no_inputs IS 'Nothing counts here, so that it leaves the mean of its parents.';

CREATE TABLE progress.key_results (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  source text NOT NULL,
  added_weight numeric NOT NULL,
  weight numeric NOT NULL,
  weight_on date NOT NULL,
  dropped boolean NOT NULL DEFAULT false,
  dropped_on date,
  cadence_days integer NOT NULL,
  created_on date NOT NULL,
  created_sequence bigint NOT NULL,
  value text,
  value_on date,
  value_first_sequence bigint,
  value_sequence bigint,
  raw numeric,
  progress numeric NOT NULL,
  measured numeric NOT NULL,
  no_inputs boolean NOT NULL,
  PRIMARY KEY (organisation, key_result_id)
) WITH (fillfactor = 60);
CREATE INDEX key_results_by_objective ON progress.key_results (organisation, objective_id);
COMMENT ON TABLE progress.key_results IS 'Every key result with its newest numbers.';
COMMENT ON COLUMN progress.key_results.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.key_results.key_result_id IS 'The key result.';
COMMENT ON COLUMN progress.key_results.added_weight IS
'The weight that it was added with; later ones are decisions.';
COMMENT ON COLUMN progress.key_results.objective_id IS 'The objective that it belongs to.';
COMMENT ON COLUMN progress.key_results.source IS 'What its number comes from: check_ins or children.';
COMMENT ON COLUMN progress.key_results.weight IS 'How much it counts in its objective; 0 is shown and not counted.';
COMMENT ON COLUMN progress.key_results.weight_on IS 'The day from which that weight is in force.';
COMMENT ON COLUMN progress.key_results.dropped IS 'Whether it was given up, so that it counts nowhere.';
COMMENT ON COLUMN progress.key_results.dropped_on IS 'The day of the latest word on that; null for none.';
COMMENT ON COLUMN progress.key_results.cadence_days IS 'Days between two check-ins, as it was added.';
COMMENT ON COLUMN progress.key_results.created_on IS 'The day on which it was added.';
COMMENT ON COLUMN progress.key_results.created_sequence IS 'The event that added it.';
COMMENT ON COLUMN progress.key_results.value IS
'The value in force in its own unit, a decimal in plain notation, or true or false; null for none.';
COMMENT ON COLUMN progress.key_results.value_on IS 'The day that this value is about.';
COMMENT ON COLUMN progress.key_results.value_first_sequence IS 'The check-in, or the redefinition, that it comes from.';
COMMENT ON COLUMN progress.key_results.value_sequence IS 'The correction that it was taken from, else the check-in.';
COMMENT ON COLUMN progress.key_results.raw IS 'The way covered, not clamped, 6 places; null for no value or fed ones.';
COMMENT ON COLUMN progress.key_results.progress IS 'What is shown and counts above, from 0 to 1, 6 places.';
COMMENT ON COLUMN progress.key_results.measured IS '1 with a value in force, else 0; the mean of its inputs'' if fed.';
COMMENT ON COLUMN progress.key_results.no_inputs IS 'It is fed by objectives and none counts.';

CREATE TABLE progress.definitions (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  kind text NOT NULL,
  unit_kind text NOT NULL,
  unit_code text,
  baseline text,
  target text,
  floor text,
  ceiling text,
  low text,
  high text,
  restated_value text,
  reason text,
  PRIMARY KEY (organisation, key_result_id, effective_on, sequence)
);
COMMENT ON TABLE progress.definitions IS 'What each key result measures, on both clocks; its addition first.';
COMMENT ON COLUMN progress.definitions.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.definitions.key_result_id IS 'The key result.';
COMMENT ON COLUMN progress.definitions.effective_on IS 'The day from which it measures this.';
COMMENT ON COLUMN progress.definitions.sequence IS 'The event that added or redefined it.';
COMMENT ON COLUMN progress.definitions.kind IS 'increase, reduce, stay_above, stay_below, stay_within or achieve.';
COMMENT ON COLUMN progress.definitions.unit_kind IS 'number, percent (in points), money or custom.';
COMMENT ON COLUMN progress.definitions.unit_code IS 'ISO 4217 for money, the organisation''s own word for custom.';
COMMENT ON COLUMN progress.definitions.baseline IS 'Where it starts; a decimal in plain notation, in its own unit.';
COMMENT ON COLUMN progress.definitions.target IS 'Where it shall arrive; as the baseline.';
COMMENT ON COLUMN progress.definitions.floor IS 'Where a stay above or within is worth nothing; as the baseline.';
COMMENT ON COLUMN progress.definitions.ceiling IS 'Where a stay below or within is worth nothing; as the baseline.';
COMMENT ON COLUMN progress.definitions.low IS 'The lower end of a range; as the baseline.';
COMMENT ON COLUMN progress.definitions.high IS 'The upper end of a range; as the baseline.';
COMMENT ON COLUMN progress.definitions.restated_value IS 'The value said again under this definition, if any.';
COMMENT ON COLUMN progress.definitions.reason IS 'Why it was redefined; null for none or erased.';

CREATE TABLE progress.check_ins (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  first_sequence bigint NOT NULL,
  sequence bigint NOT NULL,
  superseded_at bigint,
  check_in_id text COLLATE "C" NOT NULL,
  value text,
  forecast text,
  confidence smallint,
  narrative text,
  withdrawn boolean NOT NULL,
  reason text,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (organisation, key_result_id, effective_on, first_sequence, sequence)
);
COMMENT ON TABLE progress.check_ins IS
'Every check-in as it stood after each of its events: recorded, corrected, withdrawn. Known at N, a check-in is the row'
' with sequence up to N that was not superseded up to N.';
COMMENT ON COLUMN progress.check_ins.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.check_ins.key_result_id IS 'The key result that it reports on.';
COMMENT ON COLUMN progress.check_ins.effective_on IS 'The day that it is about, after this event.';
COMMENT ON COLUMN progress.check_ins.first_sequence IS 'The event that recorded it; decides between two of one day.';
COMMENT ON COLUMN progress.check_ins.sequence IS 'The event that made this version.';
COMMENT ON COLUMN progress.check_ins.superseded_at IS 'The event that made the next version; null for the newest.';
COMMENT ON COLUMN progress.check_ins.check_in_id IS 'The check-in.';
COMMENT ON COLUMN progress.check_ins.value IS 'What was measured; a decimal in plain notation, or true or false.';
COMMENT ON COLUMN progress.check_ins.forecast IS 'The final value that its author expects; as the value.';
COMMENT ON COLUMN progress.check_ins.confidence IS 'How sure its author is of reaching the target, from 0 to 10.';
COMMENT ON COLUMN progress.check_ins.narrative IS 'What its author wrote; null for nothing or erased.';
COMMENT ON COLUMN progress.check_ins.withdrawn IS 'Whether this event took it back; such a row reports nothing.';
COMMENT ON COLUMN progress.check_ins.reason IS 'Why it was corrected or withdrawn; null for none or erased.';
COMMENT ON COLUMN progress.check_ins.actor_kind IS 'Who did this: person or service.';
COMMENT ON COLUMN progress.check_ins.actor_id IS 'The person or service.';
COMMENT ON COLUMN progress.check_ins.recorded_at IS 'When the ledger learned it.';

CREATE TABLE progress.links (
  organisation text COLLATE "C" NOT NULL,
  parent_kind text COLLATE "C" NOT NULL,
  parent_id text COLLATE "C" NOT NULL,
  child_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  effect text,
  origin text,
  weight numeric,
  share numeric,
  acceptance text,
  newest boolean NOT NULL,
  PRIMARY KEY (organisation, parent_kind, parent_id, child_id, effective_on, sequence)
);
CREATE INDEX links_by_child ON progress.links (organisation, child_id, parent_kind, parent_id, effective_on, sequence);
COMMENT ON TABLE progress.links IS
'The alignment of an objective with a parent, on both clocks; in force is the latest row by day and sequence.';
COMMENT ON COLUMN progress.links.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.links.parent_kind IS 'What it is aligned with: objective or key_result.';
COMMENT ON COLUMN progress.links.parent_id IS 'The objective or key result that it is aligned with.';
COMMENT ON COLUMN progress.links.child_id IS 'The objective that is aligned.';
COMMENT ON COLUMN progress.links.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.links.sequence IS 'The event that linked or unlinked them.';
COMMENT ON COLUMN progress.links.effect IS 'contributes or supports; null since they are unlinked.';
COMMENT ON COLUMN progress.links.origin IS 'cascaded, laddered or unstated; null since they are unlinked.';
COMMENT ON COLUMN progress.links.weight IS 'How much the child counts in its parent; null since they are unlinked.';
COMMENT ON COLUMN progress.links.share IS 'The part of the child that this parent claims, above 0, at most 1.';
COMMENT ON COLUMN progress.links.acceptance IS
'awaited, accepted or declined by the parent''s owner; null where nobody has to accept it. Accepted ones count.';
COMMENT ON COLUMN progress.links.newest IS 'Whether this is the latest row of the pair by day and sequence.';

CREATE TABLE progress.roll_ups (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  roll_up text NOT NULL,
  PRIMARY KEY (organisation, objective_id, effective_on, sequence)
);
COMMENT ON TABLE progress.roll_ups IS 'What each objective is the mean of, on both clocks.';
COMMENT ON COLUMN progress.roll_ups.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.roll_ups.objective_id IS 'The objective.';
COMMENT ON COLUMN progress.roll_ups.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.roll_ups.sequence IS 'The event that created the objective or set its roll-up.';
COMMENT ON COLUMN progress.roll_ups.roll_up IS 'key_results, children or both.';

CREATE TABLE progress.overrides (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  override numeric,
  reason text,
  PRIMARY KEY (organisation, objective_id, effective_on, sequence)
);
COMMENT ON TABLE progress.overrides IS 'The numbers that replaced computed ones, and their lifting, on both clocks.';
COMMENT ON COLUMN progress.overrides.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.overrides.objective_id IS 'The objective.';
COMMENT ON COLUMN progress.overrides.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.overrides.sequence IS 'The event that set or lifted it.';
COMMENT ON COLUMN progress.overrides.override IS 'The number, from 0 to 1; null since it was lifted.';
COMMENT ON COLUMN progress.overrides.reason IS 'Why; null for erased.';

CREATE TABLE progress.words (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  title text,
  description text,
  PRIMARY KEY (organisation, kind, id, effective_on, sequence)
);
COMMENT ON TABLE progress.words IS 'The words of objectives and key results, on both clocks; nothing counts by them.';
COMMENT ON COLUMN progress.words.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.words.kind IS 'objective or key_result.';
COMMENT ON COLUMN progress.words.id IS 'The objective or key result.';
COMMENT ON COLUMN progress.words.effective_on IS 'The day from which it is worded so.';
COMMENT ON COLUMN progress.words.sequence IS 'The event that worded it.';
COMMENT ON COLUMN progress.words.title IS 'Its title; null for erased.';
COMMENT ON COLUMN progress.words.description IS 'Its description; null for none or erased.';

CREATE TABLE progress.responsible (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation, key_result_id, effective_on, sequence)
);
COMMENT ON TABLE progress.responsible IS 'Who is responsible for each key result, on both clocks.';
COMMENT ON COLUMN progress.responsible.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.responsible.key_result_id IS 'The key result.';
COMMENT ON COLUMN progress.responsible.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.responsible.sequence IS 'The event that added the key result or assigned it.';
COMMENT ON COLUMN progress.responsible.person_id IS 'The one responsible person.';

CREATE TABLE progress.partners (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  named boolean NOT NULL,
  PRIMARY KEY (organisation, key_result_id, person_id, effective_on, sequence)
);
COMMENT ON TABLE progress.partners IS 'The key partners of each key result, on both clocks.';
COMMENT ON COLUMN progress.partners.named IS 'Whether the person was named, or released.';
COMMENT ON COLUMN progress.partners.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.partners.key_result_id IS 'The key result.';
COMMENT ON COLUMN progress.partners.person_id IS 'The key partner.';
COMMENT ON COLUMN progress.partners.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.partners.sequence IS 'The event that named or released the partner.';

CREATE TABLE progress.decisions (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  value text,
  PRIMARY KEY (organisation, kind, id, what, effective_on, sequence)
);
COMMENT ON TABLE progress.decisions IS
'What was decided about a node or a cycle after it was made, by name, on both clocks; in force is the latest row of a'
' name by day and sequence. Where there is none, what it was made with is in force.';
COMMENT ON COLUMN progress.decisions.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.decisions.kind IS 'objective, key_result or cycle.';
COMMENT ON COLUMN progress.decisions.id IS 'The objective, key result or cycle.';
COMMENT ON COLUMN progress.decisions.what IS
'Of objectives ambition, labels, owner, readers (null: in the open), state, successor, top_level; of key results'
' cadence_days, phased_targets, state, weight; of cycles revision, state.';
COMMENT ON COLUMN progress.decisions.effective_on IS 'The day from which this is so.';
COMMENT ON COLUMN progress.decisions.sequence IS 'The event that decided it.';
COMMENT ON COLUMN progress.decisions.value IS 'The word, the decimal in plain notation, or JSON; null for erased.';

-- Who may read what is asked with every question; few objectives are restricted.
CREATE INDEX restrictions ON progress.decisions (organisation, id) WHERE kind = 'objective' AND what = 'readers';

CREATE TABLE progress.grades (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  grade numeric NOT NULL,
  proposed numeric,
  reflection text,
  reason text,
  corrected boolean NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (organisation, kind, id, effective_on, sequence)
);
COMMENT ON TABLE progress.grades IS 'The grades of objectives and key results, and their corrections, on both clocks.';
COMMENT ON COLUMN progress.grades.organisation IS 'The organisation.';
COMMENT ON COLUMN progress.grades.kind IS 'objective or key_result.';
COMMENT ON COLUMN progress.grades.id IS 'The objective or key result.';
COMMENT ON COLUMN progress.grades.effective_on IS 'The day from which it has this grade.';
COMMENT ON COLUMN progress.grades.sequence IS 'The event that graded it or corrected the grade.';
COMMENT ON COLUMN progress.grades.grade IS 'From 0 to 1.';
COMMENT ON COLUMN progress.grades.proposed IS 'What was proposed to whoever graded; null where nobody said so.';
COMMENT ON COLUMN progress.grades.reflection IS 'What was learnt; null for nothing or erased.';
COMMENT ON COLUMN progress.grades.reason IS 'Why it differs from what was proposed, or was corrected; null for none.';
COMMENT ON COLUMN progress.grades.corrected IS 'Whether it corrects an earlier grade.';
COMMENT ON COLUMN progress.grades.actor_kind IS 'Who graded: person or service.';
COMMENT ON COLUMN progress.grades.actor_id IS 'The person or service.';
COMMENT ON COLUMN progress.grades.recorded_at IS 'When the ledger learned it.';

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'progress.organisations', 'progress.cycles', 'progress.objectives', 'progress.key_results', 'progress.definitions',
    'progress.check_ins', 'progress.links', 'progress.roll_ups', 'progress.overrides',
    'progress.words', 'progress.responsible', 'progress.partners', 'progress.decisions', 'progress.grades'
  ] LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO okr_owner', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_projector USING (true) WITH CHECK (true)', guarded);
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %s TO okr_projector', guarded);
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA progress TO okr_projector, okr_query;
