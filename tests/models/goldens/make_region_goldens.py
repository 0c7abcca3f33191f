#!/usr/bin/env python3
"""Tiny models that find regions, and what Hugging Face transformers finds with them in float32.

    python make_region_goldens.py [--only PREFIX]     (needs torch, transformers, safetensors, and timm for its backbones)

Writes regions/<model>/ as make_vision_goldens.py does, with preprocessor_config.json, and in expected.json for each image
its width and height, its bytes, and its guesses: of each the logits and then the box, end to end. Images have sizes of
their own and are computed one by one. Of one of them also, as a file in base64 (PNG), what the image processor and
post_process_object_detection make of it above a threshold: label, score and corners.

timm's backbones are of its own shapes with fewer channels, so that their files stay small.
"""
import argparse
import base64
import copy
import io
import json
import random
import shutil
import pathlib

import torch
import transformers as t
from PIL import Image

import make_vision_goldens as vision

HERE = pathlib.Path(__file__).parent / "regions"
MEAN, STD = vision.MEAN, vision.STD
torch.set_grad_enabled(False)


def narrow_timm(channels):
    """timm's networks by their names, of these channels."""
    import timm
    from transformers.models.timm_backbone import modeling_timm_backbone as backbone

    class narrow:
        @staticmethod
        def create_model(name, *args, **settings):
            return timm.create_model(name, *args, channels=channels, **settings)

    backbone.timm = narrow


def preprocessor():
    return {"image_processor_type": "DetrImageProcessor", "format": "coco_detection", "do_resize": True,
            "size": {"shortest_edge": 48, "longest_edge": 80}, "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": MEAN, "image_std": STD, "do_pad": True, "pad_size": None}


def pixels_of(raw, width, height):
    pixels = torch.tensor(list(raw), dtype=torch.float32).view(height, width, 3) / 255
    return ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).unsqueeze(0)


def spread(model, seed):
    vision.spread(model, seed)
    for name, buffer in model.named_buffers():  # frozen norms have no parameters
        if "bn" in name or "normalization" in name or "downsample.1" in name:
            if name.endswith("weight"):
                buffer.uniform_(0.6, 1.4)
            elif name.endswith("bias"):
                buffer.normal_(0, 0.3)
    for name, parameter in model.named_parameters():
        if "query_position_embeddings" in name or name.endswith("row_embeddings.weight") or \
                name.endswith("column_embeddings.weight"):
            parameter.normal_(0, 1)
    return model


def found_in(model, folder):
    """A drawn picture as a file, and what the processor and the model's guesses come to."""
    drawn = Image.new("RGB", (120, 70), (250, 250, 245))
    for i, (x, y) in enumerate([(10, 8), (60, 30), (95, 5)]):
        drawn.paste((200 - 60 * i, 40 + 70 * i, 90), (x, y, x + 20, y + 25))
    file = io.BytesIO()
    drawn.save(file, "PNG")
    processor = t.AutoImageProcessor.from_pretrained(folder, use_fast=False)
    out = model(**processor(images=drawn, return_tensors="pt"))
    scores = sorted(out.logits.softmax(-1)[0, :, :-1].max(-1).values.tolist())
    _, threshold = max((high - low, (high + low) / 2) for low, high in zip(scores, scores[1:]))
    found = processor.post_process_object_detection(out, threshold=threshold, target_sizes=[(70, 120)])[0]
    return {"png": base64.b64encode(file.getvalue()).decode(), "threshold": threshold,
            "found": [{"label": model.config.id2label[label.item()], "score": float(score), "corners": box.tolist()}
                      for score, label, box in zip(found["scores"], found["labels"], found["boxes"])]}


def save(name, seed, config):
    if not name.startswith(ONLY):
        return
    model = spread(t.DetrForObjectDetection(config), seed)
    exact = copy.deepcopy(model).double()
    expected = {"width": 80, "height": 49, "channels": 3, "mean": MEAN, "std": STD, "images": []}
    chance = random.Random(seed)
    for width, height in [(64, 48), (80, 37), (48, 64), (1, 1), (64, 48), (75, 48)]:
        raw = bytes(chance.randrange(256) for _ in range(width * height * 3)) if len(expected["images"]) % 2 else bytes(
            (x * 7 + y * 3 + c * 40) % 256 for y in range(height) for x in range(width) for c in range(3))
        pixels = pixels_of(raw, width, height)
        guesses, right = (torch.cat([out.logits[0], out.pred_boxes[0]], 1)
                          for out in (model(pixels), exact(pixels.double())))
        assert (guesses - right).abs().max() < 2e-5, f"{name}: float32 does not tell these guesses"
        expected["images"].append({"width": width, "height": height, "bytes": raw.hex(),
                                   "regions": vision.rounded(guesses.flatten())})
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in folder.iterdir():
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor(), indent=2) + "\n")
    expected["file"] = found_in(model, folder)
    print(name, sum(p.numel() for p in model.parameters()), "weights, logits up to",
          f"{max(abs(x) for i in expected['images'] for x in i['regions']):.2f},", len(expected["file"]["found"]), "found")
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


LABELS = {"id2label": {0: "figure", 1: "table", 2: "formula"}, "label2id": {"figure": 0, "table": 1, "formula": 2}}
SMALL = dict(d_model=24, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=20, decoder_ffn_dim=28, num_queries=7,
             encoder_attention_heads=3, decoder_attention_heads=4, **LABELS)
BASIC = dict(embedding_size=6, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic", out_features=["stage2"])


def main():
    global ONLY
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    ONLY = options.parse_args().only
    vision.ONLY = ONLY
    save("detr", 80, t.DetrConfig(backbone_config=t.ResNetConfig(**BASIC), use_timm_backbone=False, **SMALL))
    bottleneck = dict(embedding_size=8, hidden_sizes=[16, 24, 32], depths=[1, 2, 1], hidden_act="silu",
                      out_features=["stage1", "stage3"], downsample_in_first_stage=True)
    save("detr_learned", 81, t.DetrConfig(
        backbone_config=t.ResNetConfig(**bottleneck), use_timm_backbone=False, position_embedding_type="learned",
        activation_function="gelu", auxiliary_loss=True, **(SMALL | dict(encoder_layers=1, decoder_layers=3))))
    narrow_timm((4, 6, 8, 12))
    save("detr_timm", 82, t.DetrConfig(backbone="resnet18", **SMALL))
    save("detr_timm_dilated", 83, t.DetrConfig(backbone="resnet34", dilation=True, **SMALL))
    narrow_timm((2, 3, 3, 4))
    save("detr_timm_bottleneck", 85, t.DetrConfig(backbone="resnet50", dilation=True, **SMALL))


if __name__ == "__main__":
    main()
