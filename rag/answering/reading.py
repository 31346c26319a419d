"""Read sentences for a question: how near each word of the question comes to some word of the sentence.

Words are compared by the vectors that the embedder gives them in their sentence, turned by a small matrix that was
learnt so that what answers comes near what asks ("late interaction": Khattab and Zaharia, SIGIR 2020). Knows texts
and vectors. Does not know which sentence answers: these are features among others.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy
from numpy.typing import NDArray

from corpus.document import Span
from rag.answering.trained import Attention
from vectorstore.base import TokenEmbedder, Tokens
from vectorstore.lexical import terms

Numbers = NDArray[numpy.float32]

_REMEMBERED = 5_000  # sentences: about 80 MB, as a conversation comes back to the same ones


@dataclass(frozen=True)
class Read:
    """What one sentence has for a question.

    ``nearest`` is, for each word of the question that tells something, the cosine of the word most like it, shape
    (words,); ``similarity`` the cosine of both as wholes; ``attended`` the share, in [-1, 1], of what is asked that
    the learnt comparison finds.
    """

    nearest: Numbers
    similarity: float
    attended: float


@dataclass(frozen=True)
class Seen:
    """A text's tokens, the same turned, shape (tokens, smaller dimension), and their mean, shape (dimension,)."""

    tokens: Tokens
    turned: Numbers
    whole: Numbers


class Reader:
    """Reads with one model; remembers the sentences it read last. Safe to use from several threads."""

    def __init__(self, model: TokenEmbedder, attention: Attention) -> None:
        self._model = model
        self._attention = attention
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._guard = Lock()

    def read(
        self, question: str, words: Sequence[Span], rarity: Mapping[str, float], texts: Sequence[str]
    ) -> list[Read]:
        """Each text in the light of ``question``, whose telling words stand at ``words``.

        ``rarity`` gives the inverse document frequency of terms of the question.
        """
        asked, *found = self.seen([question, *texts])
        weights = self._attention.weights(asked.tokens.vectors, rarities(question, asked.tokens.spans, rarity))
        of_words = _of_words(asked.tokens, words)
        reads = []
        for each in found:
            if not len(each.turned) or not len(asked.turned):
                reads.append(Read(numpy.zeros(len(words), dtype=numpy.float32), 0.0, 0.0))
                continue
            nearest = (of_words @ each.tokens.vectors.T).max(axis=1)
            attended = (asked.turned @ each.turned.T).max(axis=1)
            reads.append(Read(nearest, float(asked.whole @ each.whole), float(weights @ attended)))
        return reads

    def seen(self, texts: Sequence[str]) -> list[Seen]:
        """Each text as the model sees it."""
        with self._guard:
            known = {text: self._seen[text] for text in texts if text in self._seen}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            for text, tokens in zip(missing, self._model.embed_tokens(missing), strict=True):
                known[text] = Seen(tokens, self._attention.turned(tokens.vectors), _mean(tokens.vectors))
        with self._guard:
            for text, seen in known.items():
                self._seen[text] = seen
                self._seen.move_to_end(text)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return [known[text] for text in texts]


def _of_words(tokens: Tokens, words: Sequence[Span]) -> Numbers:
    """Unit vectors of words, of all their pieces, shape (words, dimension)."""
    rows = [
        tokens.vectors[[at for at, span in enumerate(tokens.spans) if span.overlaps(word)]].sum(axis=0)
        for word in words
    ]
    if not rows:
        return numpy.zeros((0, tokens.vectors.shape[1]), dtype=numpy.float32)
    return unit(numpy.stack(rows))


def rarities(text: str, spans: Sequence[Span], rarity: Mapping[str, float]) -> Numbers:
    """Of each token, the rarity of the word that it is of; 0 for what tells nothing."""
    return numpy.array(
        [max((rarity.get(term, 0.0) for term in terms(_word_around(text, span))), default=0.0) for span in spans],
        dtype=numpy.float32,
    )


def _word_around(text: str, span: Span) -> str:
    start, end = span.start, span.end
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]


def _mean(vectors: Numbers) -> Numbers:
    mean: Numbers = unit(vectors.sum(axis=0, keepdims=True))[0]
    return mean


def unit(rows: Numbers) -> Numbers:
    """The rows at unit length; a row of zeros stays one."""
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    return numpy.asarray(rows / numpy.where(lengths > 0, lengths, 1.0), dtype=numpy.float32)
