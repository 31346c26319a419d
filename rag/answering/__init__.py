"""The built-in answer, made of the sources' own sentences: what is asked for, and which words of a sentence are it."""

ABSTAIN_ABOVE = 0.65  # chance that nothing answers; there about one answerable question in twelve is declined
FAR_OFF = 0.9  # chance above which a language model need not be asked
