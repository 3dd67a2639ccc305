-- The roles that were assigned to person $1 in the organisation of the session.
SELECT a.role FROM ledger.assigned_roles($1) AS a
