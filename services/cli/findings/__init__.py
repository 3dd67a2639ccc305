"""What `okr doctor` looks at, one file for each place; none of it changes anything."""
