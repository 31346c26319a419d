"""Measure an archive: ask a question set, measure retrieval on a public one."""
