-- The alignment read model. Every row states what one event said, with its sequence and the day that it is about; no
-- row is ever changed. What holds on day E, known at N, is the newest by (effective_on, sequence) of those that are not
-- after either.
CREATE SCHEMA alignment AUTHORIZATION okr_owner;

CREATE TABLE alignment.units (
  organisation text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  parent_id text COLLATE "C",
  name text,
  PRIMARY KEY (organisation, unit_id)
);
COMMENT ON TABLE alignment.units IS 'The units of the organisation chart; the root unit has no parent.';

CREATE TABLE alignment.people (
  organisation text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  title text,
  placeholder boolean NOT NULL,
  PRIMARY KEY (organisation, person_id)
);
COMMENT ON TABLE alignment.people IS
'People and placeholders by their opaque ids. The title is that of a post; names are in the directory vault alone.';

CREATE TABLE alignment.managers (
  organisation text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  manager_id text COLLATE "C",
  PRIMARY KEY (organisation, person_id, sequence)
);
COMMENT ON TABLE alignment.managers IS 'Whom a person reports to from an event on; null for nobody.';

CREATE TABLE alignment.memberships (
  organisation text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  is_primary boolean NOT NULL,
  place integer NOT NULL,
  has_left boolean NOT NULL,
  PRIMARY KEY (organisation, person_id, sequence, unit_id)
);
COMMENT ON TABLE alignment.memberships IS
'The units that a person joined. The newest row that says so names the primary unit; place orders those of one event.';

CREATE TABLE alignment.cycles (
  organisation text COLLATE "C" NOT NULL,
  cycle_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  parent_id text COLLATE "C",
  PRIMARY KEY (organisation, cycle_id)
);
COMMENT ON TABLE alignment.cycles IS 'Cycles, and which one contains which.';

CREATE TABLE alignment.openings (
  organisation text COLLATE "C" NOT NULL,
  cycle_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  PRIMARY KEY (organisation, cycle_id, sequence)
);
COMMENT ON TABLE alignment.openings IS 'When cycles were opened: what lies in another cycle counts from then on.';

CREATE TABLE alignment.objectives (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  cycle_id text COLLATE "C" NOT NULL,
  owner_kind text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  declared_top_level boolean NOT NULL,
  PRIMARY KEY (organisation, objective_id)
);
COMMENT ON TABLE alignment.objectives IS 'Objectives: cycle, owner, and whether they were declared top-level.';

CREATE TABLE alignment.key_results (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  weight numeric NOT NULL,
  PRIMARY KEY (organisation, key_result_id)
);
CREATE INDEX key_results_of_an_objective ON alignment.key_results (organisation, objective_id);
COMMENT ON TABLE alignment.key_results IS
'Key results: their objective, what feeds them, and how much they weigh there.';

CREATE TABLE alignment.responsibles (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation, key_result_id, sequence)
);
COMMENT ON TABLE alignment.responsibles IS 'Who is responsible for a key result from an event on.';

CREATE TABLE alignment.titles (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  title text,
  PRIMARY KEY (organisation, kind, id, sequence)
);
COMMENT ON TABLE alignment.titles IS 'What objectives and key results were called from an event on; null where erased.';

CREATE TABLE alignment.roll_ups (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  roll_up text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation, objective_id, sequence)
);
COMMENT ON TABLE alignment.roll_ups IS 'What an objective takes the mean of from an event on.';

CREATE TABLE alignment.overrides (
  organisation text COLLATE "C" NOT NULL,
  objective_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  overridden boolean NOT NULL,
  PRIMARY KEY (organisation, objective_id, sequence)
);
COMMENT ON TABLE alignment.overrides IS
'Whether an objective''s number is an override from an event on: credit ends there.';

CREATE TABLE alignment.decisions (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  value text,
  PRIMARY KEY (organisation, kind, id, what, sequence)
);
COMMENT ON TABLE alignment.decisions IS
'What was decided about something after it was made, by name: of objectives owner, top_level, ended; of key results'
' ended, weight; of alignments acceptance; of units parent, name, lead, closed; of people state, title, placeholder; of'
' the organisation settings. Where there is no row, what it was made with holds.';

CREATE TABLE alignment.links (
  organisation text COLLATE "C" NOT NULL,
  child_id text COLLATE "C" NOT NULL,
  parent_kind text COLLATE "C" NOT NULL,
  parent_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  linked boolean NOT NULL,
  effect text COLLATE "C",
  origin text COLLATE "C",
  weight numeric,
  share numeric,
  awaits boolean NOT NULL,
  drawn_by text COLLATE "C",
  PRIMARY KEY (organisation, child_id, parent_kind, parent_id, sequence)
);
CREATE INDEX links_to_a_parent ON alignment.links (organisation, parent_kind, parent_id);
COMMENT ON TABLE alignment.links IS
'Alignments of an objective with a parent from an event on; linked is false, and what it says null, where one ended.
 drawn_by is the person who acted or on whose behalf it was done; null for a service of its own accord.';

-- Units move: where one hangs on a day, known at an event. Looked up for each unit on the way, of which there are few.
CREATE FUNCTION alignment.unit_parent(of_organisation text, of_unit text, on_day date, known_at bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (
      SELECT d.value FROM alignment.decisions AS d
       WHERE d.organisation = of_organisation AND d.kind = 'unit' AND d.id = of_unit AND d.what = 'parent'
         AND d.effective_on <= on_day AND d.sequence <= known_at
       ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
    ),
    (SELECT u.parent_id FROM alignment.units AS u WHERE u.organisation = of_organisation AND u.unit_id = of_unit)
  )
$$;

-- Whether the person left a unit after having joined it with that event, on a day, known at an event.
CREATE FUNCTION alignment.has_left_since(
  of_organisation text, of_person text, of_unit text, joined_on date, joined_with bigint, on_day date, known_at bigint
) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM alignment.memberships AS gone
     WHERE gone.organisation = of_organisation AND gone.person_id = of_person AND gone.unit_id = of_unit
       AND gone.has_left AND gone.effective_on <= on_day AND gone.sequence <= known_at
       AND (gone.effective_on, gone.sequence) > (joined_on, joined_with)
  )
$$;
ALTER FUNCTION alignment.unit_parent OWNER TO okr_owner;
ALTER FUNCTION alignment.has_left_since OWNER TO okr_owner;

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'alignment.units', 'alignment.people', 'alignment.managers', 'alignment.memberships', 'alignment.cycles',
    'alignment.openings', 'alignment.objectives', 'alignment.key_results', 'alignment.responsibles',
    'alignment.titles', 'alignment.roll_ups', 'alignment.overrides', 'alignment.decisions', 'alignment.links'
  ] LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO okr_owner', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_projector USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('CREATE POLICY functions_of_the_owner ON %s TO okr_owner USING (true) WITH CHECK (true)', guarded);
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO okr_projector', guarded);
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA alignment TO okr_projector, okr_query;
