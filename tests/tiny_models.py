"""Models of a few megabytes that say one sentence, written in a moment: for tests of what runs real ones.

Their layers have random weights, but what the layers add is multiplied by zero: which token follows is in the last
matrix alone, so that every reply is known to the letter. ``transformers`` and llama.cpp get the same vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy
from gguf import GGUFWriter, TokenType
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

_WORDS = "The ferry to Ollerford sails again on Monday, says harbour master Ada Penn."
SENTENCE = f"{_WORDS} 🚢"  # each word is a token; the ship is four, none of them a character
BEGIN, END, SYSTEM, USER, ASSISTANT = "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"
_MARKS = [BEGIN, END, SYSTEM, USER, ASSISTANT]
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
NLI_LABELS = ("entailment", "neutral", "contradiction")
_VOCABULARY, _INNER, _HEADS = 320, 32, 4
_SEED = 20_231_105

Tensors = dict[str, numpy.typing.NDArray[numpy.float32]]


@cache
def tokenizer() -> Tokenizer:
    """Bytes, the words of the sentence and the marks of turns."""
    found = Tokenizer(models.BPE())
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=_MARKS,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    found.train_from_iterator([_WORDS] * 4, trainer)
    return found


def token_count(text: str) -> int:
    return len(tokenizer().encode(text).ids)


def write_llm(folder: Path, *, ends: bool = True, template: str | None = TEMPLATE, context_tokens: int = 512) -> Path:
    """A folder for ``transformers``; the model says SENTENCE, or that over and over where it never ``ends``."""
    folder.mkdir(parents=True)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": _VOCABULARY,
        "hidden_size": _VOCABULARY,
        "intermediate_size": _INNER,
        "num_hidden_layers": 1,
        "num_attention_heads": _HEADS,
        "max_position_embeddings": context_tokens,
        "bos_token_id": _number(BEGIN),
        "eos_token_id": _number(END),
        "dtype": "float32",
    }
    _write_json(folder / "config.json", config)
    tensors = {_LLAMA_NAMES[name]: tensor for name, tensor in _llama(ends).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(folder, tokenizer(), {"bos_token": BEGIN, "eos_token": END, "chat_template": template})
    return folder


def write_gguf(file: Path, *, ends: bool = True, context_tokens: int = 512) -> Path:
    """The same model as one file for llama.cpp."""
    words = json.loads(tokenizer().to_str())["model"]
    tokens = sorted(words["vocab"], key=words["vocab"].__getitem__)
    unused = [f"<|unused{number}|>" for number in range(_VOCABULARY - len(tokens))]
    kinds = [TokenType.CONTROL if token in _MARKS else TokenType.NORMAL for token in tokens]
    writer = GGUFWriter(file, "llama")
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(_VOCABULARY)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*tokens, *unused])
    writer.add_token_types([*kinds, *[TokenType.UNUSED] * len(unused)])
    writer.add_token_merges([" ".join(pair) for pair in words["merges"]])
    writer.add_bos_token_id(_number(BEGIN))
    writer.add_eos_token_id(_number(END))
    writer.add_chat_template(TEMPLATE)
    for name, tensor in _llama(ends).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def write_classifier(folder: Path, labels: Sequence[str] = NLI_LABELS, *, max_tokens: int = 128) -> Path:
    """A BERT with random weights that sorts pairs of texts into ``labels``."""
    folder.mkdir(parents=True)
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": _VOCABULARY,
        "hidden_size": _INNER,
        "intermediate_size": _INNER,
        "num_hidden_layers": 1,
        "num_attention_heads": _HEADS,
        "max_position_embeddings": max_tokens,
        "type_vocab_size": 2,
        "id2label": {str(number): label for number, label in enumerate(labels)},
        "label2id": {label: number for number, label in enumerate(labels)},
        "dtype": "float32",
    }
    _write_json(folder / "config.json", config)
    save_file(_bert(len(labels), max_tokens), folder / "model.safetensors", metadata={"format": "pt"})
    pairs = Tokenizer.from_str(tokenizer().to_str())
    pairs.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} $B:1 {END}:1",
        special_tokens=[(mark, _number(mark)) for mark in (BEGIN, END)],
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    _write_tokenizer(
        folder, pairs, {"cls_token": BEGIN, "sep_token": END, "pad_token": END, "model_input_names": inputs}
    )
    return folder


def write_sentence_model(
    folder: Path,
    *,
    prompts: Mapping[str, str] | None = None,
    default_prompt: str | None = None,
    max_tokens: int = 128,
    seed: int = _SEED,
) -> Path:
    """A folder as sentence-transformers saves it: a BERT with random weights, the mean of its tokens, made a unit."""
    folder.mkdir(parents=True)
    pieces = _word_pieces()
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": pieces.get_vocab_size(),
        "hidden_size": _INNER,
        "intermediate_size": _INNER,
        "num_hidden_layers": 1,
        "num_attention_heads": _HEADS,
        "max_position_embeddings": max_tokens,
        "type_vocab_size": 2,
        "pad_token_id": pieces.token_to_id("[PAD]"),
        "dtype": "float32",
    }
    _write_json(folder / "config.json", config)
    tensors = _bert(1, max_tokens, words=pieces.get_vocab_size(), seed=seed)
    encoder = {name.removeprefix("bert."): tensor for name, tensor in tensors.items() if name.startswith("bert.")}
    save_file(encoder, folder / "model.safetensors", metadata={"format": "pt"})
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    _write_tokenizer(folder, pieces, {**names, "model_max_length": max_tokens})
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": max_tokens, "do_lower_case": False})
    said = {"prompts": dict(prompts or {}), "default_prompt_name": default_prompt, "similarity_fn_name": "cosine"}
    _write_json(folder / "config_sentence_transformers.json", said)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    rows = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": _INNER, "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    return folder


def write_static_model(folder: Path) -> Path:
    """One vector for each word piece, and nothing that reads them together; it sets itself no limit."""
    folder.mkdir(parents=True)
    pieces = _word_pieces()
    pieces.save(str(folder / "tokenizer.json"))
    table = numpy.random.default_rng(_SEED).standard_normal((pieces.get_vocab_size(), _INNER), dtype=numpy.float32)
    save_file({"embedding.weight": table}, folder / "model.safetensors")
    rows = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (folder / "modules.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def write_cross_encoder(folder: Path, *, max_tokens: int = 128) -> Path:
    """A folder as a CrossEncoder of sentence-transformers is saved: one number for a question and a passage."""
    write_classifier(folder, ["LABEL_0"], max_tokens=max_tokens)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    _write_json(folder / "config.json", {**config, "sentence_transformers": {"version": "5.0.0"}})
    return folder


def _word_pieces() -> Tokenizer:
    """Word pieces as BERT has them: every letter, and the words of the sentence."""
    characters = sorted({*map(chr, range(33, 127)), *"“”’·…é"} - {*map(chr, range(65, 91))})
    words = sorted({word.lower().strip(".,") for word in _WORDS.split()} | {"the", "of", "passage", "query"})
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters, *(f"##{each}" for each in characters)]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys([*tokens, *words]))}
    found = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    found.normalizer = normalizers.BertNormalizer(lowercase=True)
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
    found.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair=pair, special_tokens=marks)
    return found


_LLAMA_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "blk.0.attn_norm.weight": "model.layers.0.input_layernorm.weight",
    "blk.0.attn_q.weight": "model.layers.0.self_attn.q_proj.weight",
    "blk.0.attn_k.weight": "model.layers.0.self_attn.k_proj.weight",
    "blk.0.attn_v.weight": "model.layers.0.self_attn.v_proj.weight",
    "blk.0.attn_output.weight": "model.layers.0.self_attn.o_proj.weight",
    "blk.0.ffn_norm.weight": "model.layers.0.post_attention_layernorm.weight",
    "blk.0.ffn_gate.weight": "model.layers.0.mlp.gate_proj.weight",
    "blk.0.ffn_up.weight": "model.layers.0.mlp.up_proj.weight",
    "blk.0.ffn_down.weight": "model.layers.0.mlp.down_proj.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def _llama(ends: bool) -> Tensors:
    """By the names of llama.cpp. Each token is a direction of its own; the last matrix turns it into the next."""
    sentence = tokenizer().encode(SENTENCE).ids
    assert len(set(sentence)) == len(sentence), "a token that comes twice would lead back"
    follows = numpy.full(_VOCABULARY, sentence[0])
    follows[sentence[:-1]] = sentence[1:]
    if ends:
        follows[sentence[-1]] = _number(END)
    last = numpy.zeros((_VOCABULARY, _VOCABULARY), dtype=numpy.float32)
    last[follows, numpy.arange(_VOCABULARY)] = 1.0
    tensors: Tensors = {"token_embd.weight": numpy.eye(_VOCABULARY, dtype=numpy.float32), "output.weight": last}
    tensors["blk.0.attn_output.weight"] = numpy.zeros((_VOCABULARY, _VOCABULARY), dtype=numpy.float32)
    tensors["blk.0.ffn_down.weight"] = numpy.zeros((_VOCABULARY, _INNER), dtype=numpy.float32)
    for name in ("output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"):
        tensors[name] = numpy.ones(_VOCABULARY, dtype=numpy.float32)
    random = numpy.random.default_rng(_SEED)
    for name in ("blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"):
        tensors[name] = random.standard_normal((_VOCABULARY, _VOCABULARY), dtype=numpy.float32)
    for name in ("blk.0.ffn_gate.weight", "blk.0.ffn_up.weight"):
        tensors[name] = random.standard_normal((_INNER, _VOCABULARY), dtype=numpy.float32)
    return tensors


def _bert(labels: int, max_tokens: int, *, words: int = _VOCABULARY, seed: int = _SEED) -> Tensors:
    random = numpy.random.default_rng(seed)
    tensors: Tensors = {}
    for name, rows in (("word", words), ("position", max_tokens), ("token_type", 2)):
        table = random.standard_normal((rows, _INNER), dtype=numpy.float32)
        tensors[f"bert.embeddings.{name}_embeddings.weight"] = table
    layer = "bert.encoder.layer.0"
    for norm in ("bert.embeddings", f"{layer}.attention.output", f"{layer}.output"):
        tensors[f"{norm}.LayerNorm.weight"] = numpy.ones(_INNER, dtype=numpy.float32)
        tensors[f"{norm}.LayerNorm.bias"] = numpy.zeros(_INNER, dtype=numpy.float32)
    parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    parts += [f"{layer}.{part}.dense" for part in ("attention.output", "intermediate", "output")]
    for part, rows in [*((part, _INNER) for part in [*parts, "bert.pooler.dense"]), ("classifier", labels)]:
        # wide enough that different pairs get plainly different scores
        tensors[f"{part}.weight"] = 0.5 * random.standard_normal((rows, _INNER), dtype=numpy.float32)
        tensors[f"{part}.bias"] = numpy.zeros(rows, dtype=numpy.float32)
    return tensors


def _number(mark: str) -> int:
    found = tokenizer().token_to_id(mark)
    assert found is not None
    return found


def _write_tokenizer(folder: Path, words: Tokenizer, settings: Mapping[str, object]) -> None:
    words.save(str(folder / "tokenizer.json"))
    said = {key: value for key, value in settings.items() if value is not None}
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **said})


def _write_json(file: Path, values: Mapping[str, object]) -> None:
    file.write_text(json.dumps(values), encoding="utf-8")
