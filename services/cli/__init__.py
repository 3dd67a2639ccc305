"""The program `okr`: one file per group of commands."""
