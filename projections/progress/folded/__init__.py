"""The folds of single events, one file per subject."""
