"""What of a statement can be looked up: its quotations, dates, numbers and names; and which of it no source has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from rag.checking import names, negations, quotations
from rag.checking.days import Written, blotted, written
from rag.checking.folding import tidy
from rag.checking.names import Spellings, Word
from rag.checking.numbers import Number, numbers
from rag.checking.sources import Source
from rag.checking.statements import Statement, says_nothing
from rag.checking.support import Claimed


class Claim:
    """A statement beside ``sources``, the passages that it cites, and ``everywhere``, all that the answer cites."""

    def __init__(
        self, statement: Statement, sources: Sequence[Source], everywhere: Sequence[Spellings], lower: set[str]
    ) -> None:
        self.statement = statement
        self.sources = sources
        self._text = tidy(statement.words)
        self._dates = written(self._text)
        undated = blotted(self._text, [date.span for date in self._dates])
        self._numbers = numbers(undated)
        self._nameable = blotted(undated, [number.span for number in self._numbers])
        self._everywhere = everywhere
        self._lower = lower

    @cached_property
    def states_nothing(self) -> bool:
        counted = any(not number.idiomatic for number in self._numbers)
        has_fact = bool(self.statement.quoted or self._dates or counted or self._names)
        return says_nothing(self._text, has_fact=has_fact, is_heading=self.statement.is_heading)

    def weighed(self) -> Claimed:
        counted = [number for number in self._numbers if not number.idiomatic]
        counts = len(counted) + len(self._dates)
        return Claimed(self.statement.words, self._nameable, counts, counts - len(self._lacking), self.sources)

    def absent(self) -> Iterator[str]:
        """What none of the sources has, as written; of a quotation its first words."""
        for quoted in self.statement.quoted:
            wanted = quotations.stretches(quoted)
            if wanted and not any(quotations.has(source.tokens, wanted) for source in self.sources):
                yield quotations.shown(quoted)
        yield from self._lacking
        spellings = [source.spellings for source in self.sources]
        for name in self._names:
            if not names.is_in(name, spellings):
                yield names.as_written(self._nameable, name)
        negation = None if self.statement.quoted else negations.added(self._nameable, self.sources)
        if negation:
            yield f"“{negation}”"

    @cached_property
    def _lacking(self) -> list[str]:
        """The dates and numbers, as written, that no source has."""
        dates = [date.text for date in self._dates if not self._has_date(date)]
        return dates + [number.text for number in self._numbers if not number.idiomatic and not self._has(number)]

    @cached_property
    def _names(self) -> list[list[Word]]:
        return names.named(self._nameable, self._everywhere, self._lower)

    def _has_date(self, date: Written) -> bool:
        return any(source.days.have(date) for source in self.sources)

    def _has(self, number: Number) -> bool:
        if any(source.amounts.have(number) for source in self.sources):
            return True
        if number.unit:
            return False
        # A year stands by itself, and so does a day: "in 2024", "the 6th".
        whole = [int(value) for value in number.values if not isinstance(value, str) and value == int(value)]
        return any(
            (len(number.text) == 4 and source.days.have_year(value))
            or (number.is_ordinal and source.days.have_day(value))
            for source in self.sources
            for value in whole
        )
