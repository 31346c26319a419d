"""Who speaks in a text: direct quotations with their speakers, and stretches in which another has the word.

``quotations`` and ``voices`` are what there is to ask for; marks, verbs, names and speakers are what they tell it by.
"""
