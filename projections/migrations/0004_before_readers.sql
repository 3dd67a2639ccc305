-- Before deploy. Which event types the living projectors know: a ledger must not write one that a reader cannot read.
CREATE TABLE projections.readers (
  projection text COLLATE "C" NOT NULL,
  instance text COLLATE "C" NOT NULL,
  event_types text [] NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (projection, instance)
);
COMMENT ON TABLE projections.readers IS
'The processes that keep a read model, the event types and versions that each of them can read, and when it said so.';
ALTER TABLE projections.readers OWNER TO okr_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON projections.readers TO okr_projector;
