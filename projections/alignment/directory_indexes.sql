-- Added to tables.sql later: who is in a unit, who reports to a manager and which units are below another are found
-- without reading the organisation.
CREATE INDEX members_of_a_unit ON alignment.memberships (organisation, unit_id, person_id)
INCLUDE (effective_on, sequence, has_left);
CREATE INDEX reports_of_a_manager ON alignment.managers (organisation, manager_id, person_id)
WHERE manager_id IS NOT NULL;
CREATE INDEX leavings ON alignment.memberships (organisation, person_id, unit_id) WHERE has_left;
CREATE INDEX units_moved_below_a_unit ON alignment.decisions (organisation, value)
WHERE kind = 'unit' AND what = 'parent';
CREATE INDEX units_below_a_unit ON alignment.units (organisation, parent_id);
