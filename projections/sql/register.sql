-- The first generation of a read model, whose tables were just made; read_model stands for its name.
INSERT INTO projections.generations (generation, projection, number, state, code)
VALUES ('read_model', 'read_model', 1, 'live', '')
ON CONFLICT (generation) DO NOTHING
