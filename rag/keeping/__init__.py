"""Documents taken in, kept in step with their files, shown, and given out again."""
