"""Learn what makes a sentence an answer, and when there is none, from questions of our own with known evidence."""
