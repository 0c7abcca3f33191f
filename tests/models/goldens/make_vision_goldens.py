#!/usr/bin/env python3
"""Expected outputs of vision models for tests/models, computed by Hugging Face transformers in float32.

    python make_vision_goldens.py [--only PREFIX]      (needs torch, transformers, safetensors)

Writes vision/<model>/ beside itself: tiny, randomly initialised models as Hugging Face directories, and expected.json: the
input's width, height, channels and what its byte values become (mean and std a channel: (byte / 255 - mean) / std), images as
bytes (row by row, channels last, in hexadecimal), and for each the embedding and, of models with a head, the logits.
Of CLIP with both towers also texts, as ids with their embedding, and of each image its similarity to them.
"""
import argparse
import json
import pathlib
import random
import shutil

import torch
import transformers as t

HERE = pathlib.Path(__file__).parent / "vision"
ONLY = ""
torch.set_grad_enabled(False)

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def rounded(row):
    return [float(f"{x:.7g}") for x in row.double().tolist()]


def spread(model, seed):
    """Larger weights than the initialisers', so that softmax and activations are not nearly linear, and statistics that
    do something; yet outputs of about one, so that float32 is exact to the tests' tolerance."""
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.dim() >= 2 and name.endswith("weight"):
            parameter.normal_(0, 1.3 / parameter[0].numel() ** 0.5)
        elif "layer_scale" in name:
            parameter.uniform_(0.2, 0.8)
        elif "norm" in name and name.endswith("weight"):
            parameter.uniform_(0.6, 1.4)
        else:
            parameter.normal_(0, 0.3)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.3)
        elif name.endswith("running_var"):
            buffer.uniform_(0.6, 1.8)
    return model.float().eval()


def images(count, height, width, channels, seed):
    chance = random.Random(seed)
    made = [bytes([value] * (height * width * channels)) for value in (0, 255)]
    # Smooth as pictures are, and as noisy as nothing is.
    made.append(bytes(min(255, (x * 7 + y * 3 + c * 40) % 256) for y in range(height) for x in range(width)
                      for c in range(channels)))
    while len(made) < count:
        made.append(bytes(chance.randrange(256) for _ in range(height * width * channels)))
    return made


def save(name, seed, model, height, width, channels=3, base=None, embed=None):
    """`base`: the bare model inside, for the embedding; `embed`: what gives it, where it is not pooler_output."""
    if not name.startswith(ONLY):
        return
    model = spread(model, seed)
    mean, std = MEAN[:channels], STD[:channels]
    expected = {"width": width, "height": height, "channels": channels, "mean": mean, "std": std, "images": []}
    for raw in images(5, height, width, channels, seed):
        pixels = torch.tensor(list(raw), dtype=torch.float32).view(height, width, channels) / 255
        pixels = ((pixels - torch.tensor(mean)) / torch.tensor(std)).permute(2, 0, 1).unsqueeze(0)
        bare = getattr(model, base) if base else model
        if embed:
            embedding = embed(model, pixels)
        else:
            out = bare(pixels)
            embedding = out.pooler_output if out.pooler_output is not None else out.last_hidden_state[:, 0]
        case = {"bytes": raw.hex(), "embedding": rounded(embedding.flatten())}
        if base:
            case["logits"] = rounded(model(pixels).logits[0])
        expected["images"].append(case)
    largest = max(abs(x) for c in expected["images"] for x in c["embedding"] + c.get("logits", []))
    print(name, sum(p.numel() for p in model.parameters()), "weights, outputs up to", f"{largest:.2f}")
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in folder.iterdir():
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


LABELS = {"id2label": {0: "cat", 1: "dog", 2: "neither"}, "label2id": {"cat": 0, "dog": 1, "neither": 2}}


def vit():
    small = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=24,
                 patch_size=8)
    save("vit", 1, t.ViTModel(t.ViTConfig(**small)), 24, 24)
    save("vit_classifier", 2, t.ViTForImageClassification(t.ViTConfig(**small, **LABELS)), 24, 24, base="vit")
    odd = small | dict(image_size=[20, 30], patch_size=[5, 7], hidden_act="gelu_new", qkv_bias=False,
                       num_attention_heads=4, layer_norm_eps=1e-6)
    save("vit_odd", 3, t.ViTForImageClassification(t.ViTConfig(**odd, **LABELS)), 20, 30, base="vit")
    grey = small | dict(num_channels=1, patch_size=6, hidden_act="quick_gelu", num_attention_heads=1,
                        pooler_output_size=17, pooler_act="sigmoid")
    save("vit_grey_pooled", 4, t.ViTModel(t.ViTConfig(**grey)), 24, 24, channels=1)
    save("deit", 5, t.DeiTModel(t.DeiTConfig(**small)), 24, 24)
    save("deit_classifier", 6, t.DeiTForImageClassification(t.DeiTConfig(**small, hidden_act="relu", num_labels=4)), 24,
         24, base="deit")
    save("deit_teacher", 7, t.DeiTForImageClassificationWithTeacher(t.DeiTConfig(**small, **LABELS)), 24, 24,
         base="deit")


def swin():
    # A grid of 8 x 8, windows of 4: shifted, and the second stage is one window.
    small = dict(image_size=32, patch_size=4, embed_dim=12, depths=[2, 1], num_heads=[2, 4], window_size=4, mlp_ratio=2.0)
    save("swin", 10, t.SwinModel(t.SwinConfig(**small)), 32, 32)
    # 36 x 28 in patches of 3: 12 x 10 places in windows of 3, filled up to 12 x 12 and shifted; then 6 x 5, filled up to
    # 6 x 6; then one window, which is not shifted.
    odd = small | dict(image_size=[36, 28], patch_size=3, depths=[2, 2, 1], num_heads=[3, 2, 6], window_size=3,
                       hidden_act="relu", qkv_bias=False, mlp_ratio=3.5)
    save("swin_padded", 11, t.SwinForImageClassification(t.SwinConfig(**odd, **LABELS)), 36, 28, base="swin")
    absolute = small | dict(use_absolute_embeddings=True, depths=[1, 2], num_heads=[1, 3], hidden_act="silu",
                            layer_norm_eps=1e-3)
    save("swin_absolute", 12, t.SwinForImageClassification(t.SwinConfig(**absolute, num_labels=5)), 32, 32,
         base="swin")
    # No multiple of the patch, and patches that are no squares.
    ragged = small | dict(patch_size=[4, 5], window_size=3)
    save("swin_ragged", 13, t.SwinModel(t.SwinConfig(**ragged)), 30, 33)


def resnet():
    bottleneck = dict(embedding_size=8, hidden_sizes=[16, 32], depths=[2, 1])
    save("resnet", 20, t.ResNetModel(t.ResNetConfig(**bottleneck)), 32, 32)
    save("resnet_classifier", 21, t.ResNetForImageClassification(t.ResNetConfig(**bottleneck, **LABELS)), 33, 47,
         base="resnet")
    save("resnet_basic", 22, t.ResNetForImageClassification(t.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 12, 20], depths=[1, 2, 1], layer_type="basic", hidden_act="silu",
        downsample_in_first_stage=True, num_labels=4)), 40, 32, base="resnet")
    save("resnet_strides_first", 23, t.ResNetModel(t.ResNetConfig(
        embedding_size=8, hidden_sizes=[16, 16, 24], depths=[1, 2, 2], downsample_in_bottleneck=True,
        hidden_act="gelu", num_channels=1)), 32, 32, channels=1)


def convnext():
    small = dict(hidden_sizes=[8, 12], depths=[1, 2], num_stages=2)
    save("convnext", 30, t.ConvNextModel(t.ConvNextConfig(**small)), 32, 32)
    save("convnext_classifier", 31, t.ConvNextForImageClassification(t.ConvNextConfig(**small, **LABELS, patch_size=3)),
         31, 40, base="convnext")
    save("convnext_unscaled", 32, t.ConvNextForImageClassification(t.ConvNextConfig(
        hidden_sizes=[6, 6, 10], depths=[1, 1, 1], num_stages=3, layer_scale_init_value=0.0, hidden_act="gelu_new",
        layer_norm_eps=1e-5, patch_size=2, num_labels=2)), 24, 24, base="convnext")


def mobilenet():
    save("mobilenet_v2", 40, t.MobileNetV2Model(t.MobileNetV2Config(depth_multiplier=0.1, finegrained_output=False,
                                                                    expand_ratio=2.0)), 40, 40)
    save("mobilenet_v2_same_off", 41, t.MobileNetV2ForImageClassification(t.MobileNetV2Config(
        depth_multiplier=0.13, finegrained_output=False, tf_padding=False, expand_ratio=1.7, hidden_act="relu",
        depth_divisible_by=4, min_depth=4, **LABELS)), 37, 45, base="mobilenet_v2")
    save("mobilenet_v2_dilated", 42, t.MobileNetV2ForImageClassification(t.MobileNetV2Config(
        depth_multiplier=0.2, finegrained_output=False, output_stride=8, first_layer_is_expansion=False,
        expand_ratio=1.0, depth_divisible_by=2, min_depth=3, layer_norm_eps=1e-5, hidden_act="silu",
        num_labels=3)), 41, 32, base="mobilenet_v2")
    # 1280 channels at the end in spite of the multiplier.
    save("mobilenet_v2_fine", 43, t.MobileNetV2Model(t.MobileNetV2Config(depth_multiplier=0.05, expand_ratio=1.0)), 32,
         32)


def clip():
    tower = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=24,
                 patch_size=8)
    text = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, vocab_size=20,
                max_position_embeddings=10, bos_token_id=0, eos_token_id=1)
    save("clip", 50, t.CLIPModel(t.CLIPConfig(vision_config=tower, text_config=text, projection_dim=16)), 24, 24,
         embed=lambda model, pixels: model.visual_projection(model.vision_model(pixels).pooler_output))
    projected = tower | dict(hidden_act="gelu", projection_dim=10, patch_size=6)
    save("clip_projected", 51, t.CLIPVisionModelWithProjection(t.CLIPVisionConfig(**projected)), 24, 24,
         embed=lambda model, pixels: model(pixels).image_embeds)
    save("clip_tower", 52, t.CLIPVisionModel(t.CLIPVisionConfig(**tower, layer_norm_eps=1e-3)), 24, 24)
    clip_pair("clip_texts", 53, eos_token_id=38, hidden_act="gelu", layer_norm_eps=1e-3)
    clip_pair("clip_texts_legacy", 54, eos_token_id=2)


def add_texts(name, model, texts):
    """To what save() wrote of an image alone."""
    if not name.startswith(ONLY):
        return
    file = HERE / name / "expected.json"
    expected = json.loads(file.read_text())
    embeddings = [model.text_projection(model.text_model(torch.tensor([ids])).pooler_output)[0] for ids in texts]
    expected["texts"] = [{"ids": ids, "embedding": rounded(row)} for ids, row in zip(texts, embeddings)]
    units = torch.nn.functional.normalize(torch.stack(embeddings))
    for image in expected["images"]:
        row = torch.nn.functional.normalize(torch.tensor([image["embedding"]]))
        image["similarity"] = rounded((row @ units.T * model.logit_scale.exp())[0])
    # The same by the model's own forward pass, over texts of one length.
    pixels = torch.tensor(list(bytes.fromhex(expected["images"][-1]["bytes"])), dtype=torch.float32).view(24, 24, 3) / 255
    pixels = ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).unsqueeze(0)
    whole = [i for i, ids in enumerate(texts) if len(ids) == len(texts[0])]
    out = model(input_ids=torch.tensor([texts[i] for i in whole]), pixel_values=pixels)
    mine = torch.tensor(expected["images"][-1]["similarity"])[whole]
    assert (out.logits_per_image[0] - mine).abs().max() < 2e-5, name
    file.write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def clip_pair(name, seed, **text):
    tower = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=24,
                 patch_size=8)
    small = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=28, vocab_size=40,
                 max_position_embeddings=12, bos_token_id=0, pad_token_id=1) | text
    model = t.CLIPModel(t.CLIPConfig(vision_config=tower, text_config=small, projection_dim=14))
    save(name, seed, model, 24, 24,
         embed=lambda model, pixels: model.visual_projection(model.vision_model(pixels).pooler_output))
    chance, end = random.Random(seed), 39 if small["eos_token_id"] == 2 else small["eos_token_id"]
    texts = [[0] + [chance.randrange(3, 38) for _ in range(n)] + [end] for n in (3, 1, 7, 10, 3, 3)]
    texts[4][2] = 2  # what the end is not, though old configurations say so
    texts.append(texts[0][:3] + [end, 5, end])  # what stands behind the end
    add_texts(name, model, texts)


def main():
    global ONLY
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    ONLY = options.parse_args().only
    for make in (vit, swin, resnet, convnext, mobilenet, clip):
        make()


if __name__ == "__main__":
    main()
