"""What of a statement can be looked up: its quotations, dates, numbers and names; and which of it no source has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rag.checking import names, negations, quotations
from rag.checking.days import Written, blotted, days, written
from rag.checking.folding import tidy
from rag.checking.names import Spellings, Word
from rag.checking.numbers import Amounts, Number, numbers
from rag.checking.silence import is_absence, says_nothing
from rag.checking.sources import Source
from rag.checking.statements import Statement
from rag.checking.support import Claimed, content


class Asked:
    """A question, for what of its own an answer only repeats."""

    def __init__(self, question: str) -> None:
        text = tidy(question)
        self.days = days(text, "", None)
        self.amounts = Amounts(numbers(blotted(text, [date.span for date in written(text)])))
        self.spellings = Spellings(text)


@dataclass(frozen=True)
class Setting:
    """What a statement is read in: every source of its answer, the words that are written small in it, and what was
    asked."""

    everywhere: Sequence[Spellings]
    lower: frozenset[str]
    asked: Asked


class Claim:
    """A statement beside ``sources``, the passages that it cites."""

    def __init__(self, statement: Statement, sources: Sequence[Source], setting: Setting) -> None:
        self.statement = statement
        self.sources = sources
        self._setting = setting
        self._asked = setting.asked
        self._text = tidy(statement.words)
        self._dates = written(self._text)
        undated = blotted(self._text, [date.span for date in self._dates])
        self._numbers = numbers(undated)
        self._nameable = blotted(undated, [number.span for number in self._numbers])

    def citing(self, other: Claim) -> Claim:
        """The same statement beside what another one cites."""
        return Claim(replace(self.statement, markers=other.statement.markers), other.sources, self._setting)

    @cached_property
    def states_nothing(self) -> bool:
        if self.statement.is_reference and self._is_in_headers():
            return True
        return says_nothing(self._text, has_fact=self._has_fact, is_heading=self.statement.is_heading)

    @property
    def leads_in(self) -> bool:
        """True where it ends in a colon."""
        return self._text.endswith(":")

    @property
    def is_absence(self) -> bool:
        """True where it says no more than that the passages do not tell something that was asked."""
        return not self._has_fact and is_absence(self._text)

    @cached_property
    def _has_fact(self) -> bool:
        """Whether it has something to look up that is not the question's own."""
        return (
            bool(self.statement.quoted)
            or not all(map(self._asked.days.have, self._dates))
            or not all(number.idiomatic or self._asked.amounts.have(number) for number in self._numbers)
            or not all(names.is_in(name, [self._asked.spellings]) for name in self._names)
        )

    def _is_in_headers(self) -> bool:
        """True where it only repeats what stands beside the passages."""
        if not self.sources:
            return not self._has_fact
        told = frozenset[str]().union(*(source.contents[0] for source in self.sources))
        return content(self._nameable) <= told and not any(self.absent())

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
        return names.named(self._nameable, self._setting.everywhere, self._setting.lower)

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
