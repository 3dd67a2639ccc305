-- The programme health read model. Every row states what one event said, with its sequence and the day that it is
-- about; no row is ever changed, so that any day can be asked for, as known at any event. Views alone are different:
-- who saw what is kept for a while, and the counts for ever.
CREATE SCHEMA programme_health AUTHORIZATION okr_owner;

CREATE TABLE programme_health.facts (
  organisation text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  effective_on date NOT NULL,
  sequence bigint NOT NULL,
  value text COLLATE "C",
  PRIMARY KEY (organisation, kind, id, what, effective_on, sequence)
);
COMMENT ON TABLE programme_health.facts IS
'What holds of something from an event on: an attribute, or its bond with one other thing, whose name is then in what.
 The newest by (effective_on, sequence) of those not after a moment is what held then; a value of null is none.';

CREATE TABLE programme_health.check_ins (
  organisation text COLLATE "C" NOT NULL,
  key_result_id text COLLATE "C" NOT NULL,
  check_in_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  recorded_at timestamptz NOT NULL,
  corrects boolean NOT NULL,
  withdrawn boolean NOT NULL,
  imported boolean NOT NULL,
  actor_id text COLLATE "C",
  value numeric,
  PRIMARY KEY (organisation, key_result_id, check_in_id, sequence)
);
COMMENT ON TABLE programme_health.check_ins IS
'Check-ins, their corrections and withdrawals. value is 1 or 0 for true or false; null where none was reported.
 actor_id is the person who acted, or for whom it was done.';

CREATE TABLE programme_health.views (
  organisation text COLLATE "C" NOT NULL,
  announcement_id text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (organisation, announcement_id, person_id)
);
CREATE INDEX views_by_age ON programme_health.views (organisation, seen_at);
COMMENT ON TABLE programme_health.views IS
'Who saw which announcement first, and when. Personal: removed after as many days as the organisation keeps them.';

CREATE TABLE programme_health.view_counts (
  organisation text COLLATE "C" NOT NULL,
  announcement_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  effective_on date NOT NULL,
  seen integer NOT NULL,
  people integer NOT NULL,
  PRIMARY KEY (organisation, announcement_id, sequence)
);
COMMENT ON TABLE programme_health.view_counts IS
'How many views an event recorded, and how many people had not been known to have seen the announcement before.';

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'programme_health.facts', 'programme_health.check_ins', 'programme_health.views', 'programme_health.view_counts'
  ] LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO okr_owner', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_projector USING (true) WITH CHECK (true)', guarded);
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO okr_projector', guarded);
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA programme_health TO okr_projector, okr_query;
