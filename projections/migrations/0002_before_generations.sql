-- Before deploy. A read model may be built anew beside the one that answers: each build is a generation, with a schema
-- and positions of its own. The first generation of a read model has the name of the read model.
CREATE TABLE projections.generations (
  generation text COLLATE "C" PRIMARY KEY,
  projection text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  state text NOT NULL CHECK (state IN ('building', 'returning', 'live', 'kept', 'dropped')),
  code text NOT NULL,
  began_at timestamptz NOT NULL DEFAULT now(),
  switched_at timestamptz,
  left_in xid8,
  UNIQUE (projection, number)
);
CREATE UNIQUE INDEX one_live_generation ON projections.generations (projection) WHERE state = 'live';
CREATE UNIQUE INDEX one_generation_under_way ON projections.generations (projection)
WHERE state IN ('building', 'returning');
COMMENT ON TABLE projections.generations IS
'The builds of each read model: the live one answers, one may be under way, and those that were live before are kept.';
COMMENT ON COLUMN projections.generations.generation IS 'The name of its schema, and its key in projections.positions.';
COMMENT ON COLUMN projections.generations.state IS
'building; live; kept as it was when another one became live; returning, from kept to live; dropped.';
COMMENT ON COLUMN projections.generations.code IS 'What it is built by: a build of another release is begun anew.';
COMMENT ON COLUMN projections.generations.switched_at IS 'When it became the live one, the last time.';
COMMENT ON COLUMN projections.generations.left_in IS
'The transaction in which it ceased to be live: who reads a snapshot from before still reads this generation.';
COMMENT ON COLUMN projections.positions.projection IS 'The generation of a read model, by the name of its schema.';
ALTER TABLE projections.generations OWNER TO okr_owner;
GRANT SELECT, UPDATE ON projections.generations TO okr_projector;

INSERT INTO projections.generations (generation, projection, number, state, code)
SELECT DISTINCT p.projection AS generation, p.projection, 1, 'live', ''
FROM projections.positions AS p;

CREATE VIEW projections.live_generations AS
SELECT g.projection, g.generation
FROM projections.generations AS g
WHERE g.state = 'live';
COMMENT ON VIEW projections.live_generations IS
'Which schema each read model is read from; read in the snapshot in which its rows are.';
ALTER VIEW projections.live_generations OWNER TO okr_owner;
GRANT SELECT ON projections.live_generations TO okr_projector, okr_query;

-- With the rights of whoever asks, so that the policies of the positions hold.
CREATE VIEW projections.live_positions WITH (security_invoker = true) AS
SELECT g.projection, p.organisation, p.epoch, p.sequence, p.recorded_at
FROM projections.live_generations AS g
JOIN projections.positions AS p ON p.projection = g.generation;
COMMENT ON VIEW projections.live_positions IS 'How far the live generation of each read model has come.';
ALTER VIEW projections.live_positions OWNER TO okr_owner;
GRANT SELECT ON projections.live_positions TO okr_projector, okr_query;
