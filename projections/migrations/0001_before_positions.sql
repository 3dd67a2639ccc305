-- Before deploy. How far each read model has come, and what could not be applied or read.
CREATE SCHEMA projections AUTHORIZATION okr_owner;

CREATE TABLE projections.positions (
  projection text COLLATE "C" NOT NULL,
  organisation text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  sequence bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (projection, organisation)
) WITH (fillfactor = 50);
COMMENT ON TABLE projections.positions IS
'The newest event that each read model has applied, moved by compare-and-set in the transaction that writes its rows.';

CREATE TABLE projections.partition_offsets (
  projection text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  topic_id text NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (projection, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE projections.partition_offsets IS
'Where to start reading on assignment: a hint; another topic id means start over, which the positions make harmless.';

CREATE TABLE projections.parked (
  projection text COLLATE "C" NOT NULL,
  organisation text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  sequence bigint NOT NULL,
  event_type text NOT NULL,
  error text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, organisation)
);
COMMENT ON TABLE projections.parked IS
'Organisations that a read model stopped at: the first event that it could not apply, and why.';

CREATE TABLE projections.set_aside (
  projection text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  reason text NOT NULL,
  record_key bytea,
  record_value bytea,
  set_aside_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, topic, partition, record_offset)
);
COMMENT ON TABLE projections.set_aside IS
'Records of the topic that could not be read as events; kept to be looked at.';

ALTER TABLE projections.positions OWNER TO okr_owner;
ALTER TABLE projections.partition_offsets OWNER TO okr_owner;
ALTER TABLE projections.parked OWNER TO okr_owner;
ALTER TABLE projections.set_aside OWNER TO okr_owner;

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['projections.positions', 'projections.parked'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_projector USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('CREATE POLICY functions_of_the_owner ON %s TO okr_owner USING (true) WITH CHECK (true)', guarded);
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA projections TO okr_projector, okr_query, okr_ledger;
GRANT SELECT, INSERT, UPDATE, DELETE ON
projections.positions, projections.partition_offsets, projections.parked, projections.set_aside TO okr_projector;
