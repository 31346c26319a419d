"""Fit the weights: what is read, how words are compared, how sentences are ranked, and when there is no answer.

Knows examples and torch. What it learns it gives as the dictionaries and arrays that rag/answering/trained.py reads.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from sklearn.linear_model import LogisticRegression

from benchmarks.answering.examples import Example
from rag.answering import absence
from rag.answering.features import BY_WORDS, Matrix, by_reading
from rag.answering.highlights import highlight
from rag.answering.ranking import FEATURES, READ, Ranked, to_read, weighed
from rag.answering.reading import Reader, rarities
from rag.answering.trained import Attention, Linear, Trained
from vectorstore.base import TokenEmbedder

_DIMENSIONS = 64
_ROUNDS = 6
_BATCH = 8  # questions
_RATE = 4e-3
_SEED = 7


@dataclass(frozen=True)
class Learnt:
    first: Linear
    then: Linear
    attention: Attention

    def with_absence(self, by: Linear) -> Trained:
        return Trained(self.first, self.then, by, self.attention)


def learn(examples: Sequence[Example], model: TokenEmbedder) -> Learnt:
    """Everything but absence."""
    first = _pairwise(examples)
    begin = _plain(examples, model)
    reader = Reader(model, begin)
    prepared = [_prepared(one, first, reader) for one in examples if one.found and one.made == "asked"]
    return _late_interaction(prepared, first, begin)


def _pairwise(examples: Sequence[Example]) -> Linear:
    """Weights by which what answers comes before what does not (RankNet with a linear model: Burges et al., 2005)."""
    rows, weights = [], []
    for one in examples:
        for at in numpy.flatnonzero(one.answering) if one.made == "asked" else ():
            apart = one.of_words[at] - one.of_words[one.answers == 0]
            rows.append(apart)
            weights.append(numpy.full(len(apart), 1.0 / max(1, len(apart))))
    differences, weight = numpy.vstack(rows), numpy.concatenate(weights)
    spread = differences.std(axis=0) + 1e-9
    fitted = LogisticRegression(fit_intercept=False, max_iter=3_000).fit(
        numpy.vstack([differences, -differences]) / spread,
        numpy.r_[numpy.ones(len(differences)), numpy.zeros(len(differences))],
        sample_weight=numpy.r_[weight, weight],
    )
    return Linear(BY_WORDS, fitted.coef_[0] / spread)


def _plain(examples: Sequence[Example], model: TokenEmbedder) -> Attention:
    """Where learning begins: the directions in which words differ most, each word weighted by its rarity."""
    some = [each.text for one in examples[::4] for each in one.found[:6]]
    vectors = numpy.concatenate([tokens.vectors for tokens in model.embed_tokens(some)])
    torch.manual_seed(_SEED)
    _, _, directions = torch.pca_lowrank(torch.tensor(vectors), q=_DIMENSIONS, center=False)
    importance = numpy.zeros(vectors.shape[1], dtype=numpy.float32)
    return Attention(directions.numpy(), importance, of_rarity=0.5, bias=-1.5)


@dataclass
class _Prepared:
    asked: torch.Tensor  # (words, dimension)
    rarity: torch.Tensor  # (words,)
    sentences: torch.Tensor  # (sentences, longest, dimension)
    there: torch.Tensor  # (sentences, longest), False for padding
    features: torch.Tensor  # (sentences, features), the learnt one of reading as 0
    answering: torch.Tensor  # (sentences,)
    is_answered: bool | None


def _prepared(one: Example, first: Linear, reader: Reader) -> _Prepared:
    order = numpy.argsort(-first.of(one.of_words), kind="stable")[: 2 * READ]
    found = [one.found[at] for at in order]
    texts = [each.text for each in found]
    asked, *tokens = (seen.tokens for seen in reader.seen([one.wanted.text, *texts]))
    reads = reader.read(one.wanted.text, one.wanted.words, one.wanted.rarity, texts)
    spans = [highlight(one.wanted.asked, one.wanted.meant, c.text, c.document.published) for c in found]
    features = numpy.hstack([one.of_words[order], by_reading(one.wanted, found, reads, spans)])
    features[:, FEATURES.index("attended")] = 0.0
    longest = max(len(each.vectors) for each in tokens)
    sentences = torch.zeros(len(found), longest, asked.vectors.shape[1])
    there = torch.zeros(len(found), longest, dtype=torch.bool)
    for row, each in enumerate(tokens):
        sentences[row, : len(each.vectors)] = torch.tensor(each.vectors)
        there[row, : len(each.vectors)] = True
    return _Prepared(
        torch.tensor(asked.vectors), torch.tensor(rarities(one.wanted.text, asked.spans, one.wanted.rarity)),
        sentences, there, torch.tensor(features, dtype=torch.float32), torch.tensor(one.answering[order]),
        one.is_answered,
    )  # fmt: skip


class _Net(torch.nn.Module):
    """Features and late interaction summed to one score a sentence; ``none`` is the score of there being no answer."""

    def __init__(self, begin: Attention, mean: torch.Tensor, spread: torch.Tensor) -> None:
        super().__init__()
        self.begin = torch.tensor(begin.projection)
        self.projection = torch.nn.Parameter(self.begin.clone())
        self.importance = torch.nn.Parameter(torch.tensor(begin.importance))
        self.of_rarity = torch.nn.Parameter(torch.tensor(begin.of_rarity))
        self.bias = torch.nn.Parameter(torch.tensor(begin.bias))
        self.weights = torch.nn.Parameter(torch.zeros(len(mean)))
        self.of_attended = torch.nn.Parameter(torch.tensor(12.0))
        self.none = torch.nn.Parameter(torch.tensor(0.0))
        self.mean, self.spread = mean, spread

    def forward(self, one: _Prepared) -> torch.Tensor:
        unit = torch.nn.functional.normalize
        asked = unit(one.asked @ self.projection, dim=-1)
        told = unit(one.sentences @ self.projection, dim=-1)
        near = torch.einsum("wd,sld->swl", asked, told).masked_fill(~one.there[:, None, :], -1.0).amax(-1)
        heard = torch.sigmoid(5 * (one.asked @ self.importance) + self.of_rarity * one.rarity + self.bias)
        attended = (near * heard).sum(-1) / (heard.sum() + 0.3)
        return ((one.features - self.mean) / self.spread) @ self.weights + self.of_attended * attended

    def penalty(self) -> torch.Tensor:
        moved = ((self.projection - self.begin) ** 2).sum()
        return 1e-5 * moved + 1e-3 * (self.weights**2).sum() + 1e-3 * (self.importance**2).sum()


def _late_interaction(prepared: Sequence[_Prepared], first: Linear, begin: Attention) -> Learnt:
    """Softmax over the sentences of a question and "none", towards those that answer."""
    torch.manual_seed(_SEED)
    order = random.Random(_SEED)
    every = torch.cat([one.features for one in prepared])
    net = _Net(begin, every.mean(0), every.std(0) + 1e-6)
    own = [net.projection, net.importance]
    rest = [net.weights, net.of_attended, net.none, net.of_rarity, net.bias]
    steps = torch.optim.Adam([{"params": own, "lr": _RATE * 0.7}, {"params": rest, "lr": _RATE * 5}])
    usable = [one for one in prepared if one.is_answered is False or one.answering.any()]
    slower = torch.optim.lr_scheduler.LinearLR(steps, 1.0, 0.1, total_iters=_ROUNDS * len(usable) // _BATCH)
    for _ in range(_ROUNDS):
        order.shuffle(usable)
        for at in range(0, len(usable), _BATCH):
            steps.zero_grad()
            losses = [_loss(net, one) for one in usable[at : at + _BATCH]]
            (torch.stack(losses).mean() + net.penalty()).backward()  # type: ignore[no-untyped-call]
            steps.step()
            slower.step()
    weights = (net.weights / net.spread).detach().numpy().astype(numpy.float64)
    weights[FEATURES.index("attended")] = float(net.of_attended.detach())
    attention = Attention(
        net.projection.detach().numpy().astype(numpy.float16).astype(numpy.float32),
        5 * net.importance.detach().numpy(), float(net.of_rarity), float(net.bias),
    )  # fmt: skip
    shift = float((net.mean / net.spread) @ net.weights) + float(net.none)
    return Learnt(first, Linear(FEATURES, weights, -shift), attention)


def _loss(net: _Net, one: _Prepared) -> torch.Tensor:
    scores = net(one)
    every = torch.logsumexp(torch.cat([scores, net.none[None]]), 0)
    if one.is_answered is False:
        return every - net.none
    return every - torch.logsumexp(scores[one.answering], 0)


def ranked(one: Example, learnt: Learnt | Trained, reader: Reader) -> Ranked:
    order = numpy.argsort(-learnt.first.of(one.of_words), kind="stable")[: to_read(one.wanted)]
    found = [one.found[at] for at in order]
    by = learnt.with_absence(Linear((), numpy.zeros(0))) if isinstance(learnt, Learnt) else learnt
    return weighed(one.wanted, found, one.of_words[order], reader, by)


class _Frequencies:
    """Of a view, how often words are; what the features of absence ask it."""

    def __init__(self, known: dict[str, int]) -> None:
        self.frequency = known.__getitem__


def absence_row(one: Example, found: Ranked) -> list[float]:
    return absence.features(found, _Frequencies(one.frequency))


def learn_absence(rows: Matrix, is_absent: Matrix, weight: Matrix, strength: float = 0.1) -> Linear:
    spread, mean = rows.std(axis=0) + 1e-9, rows.mean(axis=0)
    fitted = LogisticRegression(C=strength, max_iter=5_000).fit((rows - mean) / spread, is_absent, sample_weight=weight)
    weights = fitted.coef_[0] / spread
    return Linear(absence.NAMES, weights, float(fitted.intercept_[0] - (mean * weights).sum()))
