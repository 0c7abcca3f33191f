#!/usr/bin/env python3
"""Expected outputs for tests/models, computed by Hugging Face transformers in float32.

    python make_goldens.py [--minilm DIR] [--only PREFIX]
                         (needs torch, transformers, safetensors; HF_HUB_OFFLINE=1 is fine)

Writes beside itself:
  <model>/             tiny, randomly initialised models as Hugging Face directories
  <model>/expected.json  token ids (and types) in, embeddings or logits out; logits of a token head end to end
  words/               a small WordPiece tokenizer, and the lines `infer` should answer with the models above
  minilm.json          ids and expected embeddings for all-MiniLM-L6-v2, whose weights are not committed

--only makes the models whose name begins so, and leaves the others as they are.

Numbers are rounded to 7 significant digits, which is finer than the tolerance of 1e-4 by far.
"""
import argparse
import json
import math
import pathlib
import random
import shutil

import torch
import transformers
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel

HERE = pathlib.Path(__file__).parent
ONLY = ""  # names begin so
torch.set_grad_enabled(False)

TEXTS = [
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
    "mitochondria are the powerhouse of the cell",
    "The French Revolution began in 1789.",
    "7 x 8 = 56",
    "Water boils at 100 degrees Celsius at sea level because its vapour pressure equals the air's.",
    "I do not know.",
    "x",
    "Newton's second law: force is mass times acceleration, F = ma.",
    "Das Wasser gefriert bei null Grad.",
    "La fotosíntesis ocurre en los cloroplastos.",
    "The poem uses alliteration: wild winds whirled.",
    "Because the denominator would be zero, the function is not defined there.",
    "An ecosystem is made of living things and their surroundings; energy flows through it, matter cycles in it.",
    "Supply goes up, price goes down.",
    "☃ snow? ¿qué? 水",
    "The author contrasts the two brothers. " * 6,
    "To find the area, I split the shape into a rectangle and a triangle and added both. " * 9,
    "Gravity pulls the moon towards the earth while its speed carries it past. " * 30,
    "",
    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
]


def rounded(rows):
    return [[float(f"{x:.7g}") for x in row] for row in rows.double().tolist()]


def tensors(case):
    ids = torch.tensor([case["ids"]])
    return ids, torch.tensor([case["types"]]) if "types" in case else None


def cases(vocabulary, positions, types, seed):
    chance = random.Random(seed)
    made = []
    for length in (1, 2, 7, 14, 15, 16, 31, 33, positions):
        case = {"ids": [chance.randrange(vocabulary) for _ in range(length)]}
        if types > 1 and length > 2:
            cut = length // 2
            case["types"] = [0] * cut + [1] * (length - cut)
        made.append(case)
    return made


def mean_and_normalise(hidden):
    return torch.nn.functional.normalize(hidden.mean(1), dim=-1)


def spread(model, seed):
    """The initialiser's 0.02 makes nearly linear models; larger weights exercise softmax and activations."""
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2 and "embeddings" not in name:
            parameter.normal_(0, 1.2 / parameter.shape[1] ** 0.5)
        elif name.endswith(("LayerNorm.weight", "layer_norm.weight")):
            parameter.uniform_(0.6, 1.4)
        else:
            parameter.normal_(0, 0.3)
    return model.float().eval()


def save(name, model, expected):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, safe_serialization=True)
    for extra in folder.iterdir():
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def encoder(name, seed, **settings):
    config = BertConfig(attn_implementation="eager", **settings)
    model = spread(BertModel(config, add_pooling_layer=seed % 2 == 0), seed)
    expected = cases(config.vocab_size, config.max_position_embeddings, config.type_vocab_size, seed)
    for case in expected:
        ids, types = tensors(case)
        hidden = model(input_ids=ids, token_type_ids=types).last_hidden_state
        case["embedding"] = rounded(mean_and_normalise(hidden))[0]
    save(name, model, expected)
    return model, expected


def classifier(name, seed, **settings):
    config = BertConfig(attn_implementation="eager", **settings)
    model = spread(BertForSequenceClassification(config), seed)
    expected = cases(config.vocab_size, config.max_position_embeddings, config.type_vocab_size, seed)
    for case in expected:
        ids, types = tensors(case)
        case["logits"] = rounded(model(input_ids=ids, token_type_ids=types).logits)[0]
    save(name, model, expected)


def stored(numbers):
    return [float(f"{x:.7g}") for x in numbers.double().flatten().tolist()]


HEADS = ("", "_classifier", "_regression", "_tokens", "_span")


def every_head(name, seed, family, longest, types=0, only=HEADS, **settings):
    """One directory per head of a family: the bare encoder, and trained heads on one layer. All have their own weights."""
    sizes = dict(vocab_size=97, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
                 hidden_act="gelu")
    renamed = dict(hidden_size="dim", num_hidden_layers="n_layers", num_attention_heads="n_heads",
                   intermediate_size="hidden_dim", hidden_act="activation")
    if family == "DistilBert":
        sizes = {renamed.get(key, key): value for key, value in sizes.items()}
    sizes.update(settings)
    three = dict(id2label={0: "wrong", 1: "half right", 2: "right"},
                 label2id={"wrong": 0, "half right": 1, "right": 2})
    heads = {
        "": ("Model", {}),
        "_classifier": ("ForSequenceClassification", dict(problem_type="single_label_classification", **three)),
        "_regression": ("ForSequenceClassification", dict(problem_type="regression", num_labels=1)),
        "_tokens": ("ForTokenClassification", three),
        "_span": ("ForQuestionAnswering", {}),
    }
    for number, (suffix, (head, extra)) in enumerate(heads.items()):
        if suffix not in only or not (name + suffix).startswith(ONLY):
            continue
        if suffix != "":
            sizes["n_layers" if family == "DistilBert" else "num_hidden_layers"] = 1
        config = getattr(transformers, family + "Config")(**sizes, **extra)
        config._attn_implementation = "eager"
        model = spread(getattr(transformers, family + head)(config), seed + number)
        # The longest one in the bare encoder, whose rows are short; else a few lengths.
        expected = cases(97, longest, types, seed + number)
        if suffix != "":
            expected = expected[2:7:2]
        for case in expected:
            ids, token_types = tensors(case)
            inputs = dict(input_ids=ids, attention_mask=torch.ones_like(ids))
            if token_types is not None:
                inputs["token_type_ids"] = token_types
            out = model(**inputs)
            if suffix == "":
                case["embedding"] = rounded(mean_and_normalise(out.last_hidden_state))[0]
            elif suffix == "_span":
                case["logits"] = stored(torch.stack([out.start_logits[0], out.end_logits[0]], dim=-1))
            else:
                case["logits"] = stored(out.logits[0])
        save(name + suffix, model, expected)


def families():
    """Encoders that differ from BERT by names, positions, projections and attention."""
    two = dict(type_vocab_size=2)
    every_head("bert", 20, "Bert", 40, 2, only=HEADS[3:], max_position_embeddings=40, **two)
    every_head("roberta", 30, "Roberta", 40, max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5)
    every_head("xlm_roberta", 40, "XLMRoberta", 37, only=HEADS[:2], max_position_embeddings=42, type_vocab_size=1,
               pad_token_id=4)
    every_head("distilbert", 50, "DistilBert", 40, max_position_embeddings=40, activation="relu")
    every_head("electra", 60, "Electra", 40, 2, max_position_embeddings=40, embedding_size=20, **two)
    every_head("electra_wide", 65, "Electra", 40, 2, only=HEADS[:1], max_position_embeddings=40, embedding_size=32, **two)
    every_head("mpnet", 70, "MPNet", 300, max_position_embeddings=302)
    deberta = dict(max_position_embeddings=300, relative_attention=True, max_relative_positions=-1,
                   position_buckets=16, norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False,
                   pos_att_type="p2c|c2p", pooler_hidden_act="gelu", pooler_dropout=0)
    every_head("deberta_v3", 80, "DebertaV2", 300, **deberta)
    every_head("deberta_v2", 84, "DebertaV2", 40, only=HEADS[:2],
               **(deberta | dict(max_position_embeddings=40, conv_kernel_size=3, conv_act="gelu")))
    every_head("deberta_own_projections", 85, "DebertaV2", 40, 2, only=HEADS[:1],
               **(deberta | dict(max_position_embeddings=40, position_buckets=-1, share_att_key=False,
                                 norm_rel_ebd="none", position_biased_input=True, type_vocab_size=2,
                                 pos_att_type=["c2p"])))


WORDS = ("the cell makes energy water light plants sugar from in what who where is was of and by river cuts valley moon "
         "earth gravity pulls it because").split()

LINES = {
    "classify": [{"id": "a", "text": "Plants make sugar from light."}, {"id": 2, "text": "x", "pair": "The moon?"}],
    "score": [{"id": 1, "text": "what pulls the moon", "pair": "Gravity pulls it."}, {"id": 2, "text": "", "pair": "a"}],
    "tag": [{"id": 1, "text": "The river cuts a valley; caf\u00e9 water."}, {"id": 2, "text": ""}],
    "span": [
        {"id": 1, "text": "What pulls the moon?", "pair": "The earth pulls the moon: gravity, \u00e9t\u00e9 \u6c34 it is."},
        {"id": 2, "text": "Where is the cell?", "pair": "in water"},
        {"id": 3, "text": "Who?", "pair": ""},
        {"id": 4, "text": "what is it", "pair": "plants " * 60},
        {"id": 5, "text": "what is it", "pair": "The river cuts a valley. Plants make sugar from light; caf\u00e9 \u6c34 water. " * 7
                                                + "Who was it? The earth pulls the moon because of gravity, and energy is in it."},
    ],
}


# Ways to read passages: infer's settings.
SPANS = [{}, {"stride": 5, "answer_tokens": 4}, {"no_answer_below": 0}, {"stride": 0, "no_answer_below": 0.02}]


def words():
    """A tokenizer that fits every model above, and answers computed from transformers' logits."""
    import tokenizers

    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + WORDS + list(letters) + ["##" + x for x in letters]
    vocabulary = {word: i for i, word in enumerate(vocabulary + list(".,:;?")[: 97 - len(vocabulary)])}
    assert len(vocabulary) <= 97
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    folder = HERE / "words"
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    answers = []
    for task, name in (("classify", "classifier"), ("score", "regression"), ("classify", "mpnet_classifier"),
                       ("score", "deberta_v3_regression"), ("tag", "bert_tokens"), ("tag", "electra_tokens"),
                       ("span", "bert_span"), ("span", "distilbert_span")):
        config = transformers.AutoConfig.from_pretrained(HERE / name)
        model = getattr(transformers, config.architectures[0]).from_pretrained(HERE / name,
                                                                               attn_implementation="eager")
        model = model.float().eval()
        longest = config.max_position_embeddings - (2 if config.model_type == "mpnet" else 0)
        tokenizer.enable_truncation(longest, strategy="longest_first")
        for settings in SPANS if task == "span" else [{}]:
            answers += [{"model": name, "task": task, "settings": settings, "line": line,
                         "answer": span(tokenizer, model, longest, line, settings) if task == "span"
                         else answer(tokenizer, model, task, line)} for line in LINES[task]]
    (folder / "answers.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n")


def outputs(model, coded):
    inputs = dict(input_ids=torch.tensor([coded.ids]), attention_mask=torch.ones(1, len(coded.ids)))
    if getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = torch.tensor([coded.type_ids])
    return model(**inputs)


def span(tokenizer, model, longest, line, settings):
    """The choice is that of transformers' examples/pytorch/question-answering/utils_qa.py: the largest sum of two
    logits over all windows, and "no answer" by the window that gives it least. The score is that of the pipeline for
    question answering (softmax over passage and first token); over windows a token counts as the one that sees it most
    likely says."""
    tokenizer.no_truncation()
    room = longest - 3 - len(tokenizer.encode(line["text"], add_special_tokens=False).ids)
    stride = min(settings.get("stride", 128), room // 2)
    tokenizer.enable_truncation(longest, stride=stride, strategy="only_second")
    coded = tokenizer.encode(line["text"], line["pair"])
    windows = [coded] + coded.overflowing
    logits = [torch.stack([out.start_logits[0], out.end_logits[0]]).double() for out in
              (outputs(model, window) for window in windows)]
    best, seen, nothing = None, {}, None
    for number, (window, (first, last)) in enumerate(zip(windows, logits)):
        inside = [i for i, which in enumerate(window.sequence_ids) if which == 1]
        if nothing is None or first[0] + last[0] < sum(nothing):
            nothing = first[0].item(), last[0].item()
        for i in inside:
            at = number * (room - stride) + i - inside[0]
            start, end = seen.get(at, (-1e9, -1e9))
            seen[at] = max(start, first[i].item()), max(end, last[i].item())
            for j in inside:
                score = (first[i] + last[j]).item()
                if i <= j < i + settings.get("answer_tokens", 30) and (best is None or score > best[0]):
                    best = score, window.offsets[i][0], window.offsets[j][1]
    if best is None:
        return {"id": line["id"], "answer": "", "start": 0, "end": 0, "score": 0}
    total = sum(torch.tensor([*(x[k] for x in seen.values()), nothing[k]], dtype=torch.double).logsumexp(0).item()
                for k in (0, 1))
    score, start, end = math.exp(best[0] - total), best[1], best[2]
    none = math.exp(sum(nothing) - total)
    if "no_answer_below" in settings and (score < none or score < settings["no_answer_below"]):
        score, start, end = none, 0, 0
    return {"id": line["id"], "answer": line["pair"][start:end], "start": start, "end": end, "score": score}


def answer(tokenizer, model, task, line):
    coded = tokenizer.encode(line["text"], line.get("pair"))
    out = outputs(model, coded)
    names = model.config.id2label
    if task == "tag":
        shares = out.logits[0].double().softmax(-1)
        return {"id": line["id"], "tags": [
            {"start": start, "end": end, "label": names[int(row.argmax())], "score": float(row.max())}
            for (start, end), row, which in zip(coded.offsets, shares, coded.sequence_ids) if which == 0]}
    logits = out.logits[0].tolist()
    label = names[logits.index(max(logits))] if task == "classify" else None
    return {"id": line["id"], "label": label, "logits": logits}


def main():
    global ONLY
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minilm", type=pathlib.Path)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    minilm, ONLY = chosen.minilm, chosen.only

    families()
    if ONLY:
        if "words".startswith(ONLY):
            words()
        return
    small = dict(vocab_size=97, max_position_embeddings=40, hidden_dropout_prob=0.0)
    encoder("gelu", 1, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            hidden_act="gelu", **small)
    encoder("gelu_new", 2, hidden_size=48, num_hidden_layers=1, num_attention_heads=2, intermediate_size=80,
            hidden_act="gelu_new", **small)
    encoder("relu_one_type", 3, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
            hidden_act="relu", type_vocab_size=1, layer_norm_eps=1e-5, **small)
    encoder("silu_wide_head", 4, hidden_size=80, num_hidden_layers=1, num_attention_heads=1, intermediate_size=33,
            hidden_act="silu", **small)
    encoder("tanh_odd", 5, hidden_size=35, num_hidden_layers=3, num_attention_heads=5, intermediate_size=17,
            hidden_act="tanh", **small)
    classifier("classifier", 6, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
               hidden_act="gelu_pytorch_tanh", problem_type="single_label_classification",
               id2label={0: "wrong", 1: "half right", 2: "right"},
               label2id={"wrong": 0, "half right": 1, "right": 2}, **small)
    classifier("regression", 7, hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=40,
               hidden_act="gelu", problem_type="regression", num_labels=1, **small)

    # The encoder of a masked language model, with its "bert." prefix and its unused head, in two shards.
    config = BertConfig(attn_implementation="eager", hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=64, **small)
    model = spread(BertForMaskedLM(config), 8)
    expected = cases(97, 40, 2, 8)
    for case in expected:
        ids, types = tensors(case)
        case["embedding"] = rounded(mean_and_normalise(model.bert(input_ids=ids, token_type_ids=types)[0]))[0]
    folder = HERE / "masked_lm_sharded"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, safe_serialization=True, max_shard_size="40KB")
    for extra in folder.iterdir():
        if extra.name != "config.json" and "safetensors" not in extra.name:
            extra.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")

    words()

    # Real weights.
    if minilm is None:
        return
    tokenizer = AutoTokenizer.from_pretrained(minilm)
    model = BertModel.from_pretrained(minilm, attn_implementation="eager").float().eval()
    expected = []
    for text in TEXTS:
        ids = tokenizer(text, truncation=True, max_length=512)["input_ids"]
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state
        row = [float(f"{x:.6f}") for x in mean_and_normalise(hidden)[0].double().tolist()]
        expected.append({"ids": ids, "embedding": row})
    (HERE / "minilm.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
