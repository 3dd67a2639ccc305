-- Every service asks before it begins whether the migrations that it needs were applied.
GRANT USAGE ON SCHEMA okr_migrations TO okr_ledger, okr_publisher, okr_projector, okr_query;
GRANT SELECT ON okr_migrations.applied TO okr_ledger, okr_publisher, okr_projector, okr_query;
