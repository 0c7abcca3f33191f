#!/usr/bin/env python3
"""Writes net_training.json: PyTorch's logits, losses and gradients' norms while the project's image nets learn for a few
steps. Weights and pictures are numbers that the test makes again: no file of weights is needed.

    python make_net_training_goldens.py        # torch 2.x
"""
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
STEPS = 5


def drawn(count, salt):
    """Of 0 to 1; the test's drawn() gives the same to the last bit."""
    return [((i * 2654435761 + salt * 40503 + 12345) * 2246822519 % 2**32) / 2**32 for i in range(count)]


class ConvNet(nn.Module):
    def __init__(self, channels, labels, padding, left):
        super().__init__()
        self.convolution1 = nn.Conv2d(channels, 6, 5, padding=padding)
        self.convolution2 = nn.Conv2d(6, 16, 5)
        self.convolution3 = nn.Conv2d(16, 120, 5)
        self.hidden = nn.Linear(120 * left, 84)
        self.classifier = nn.Linear(84, labels)

    def forward(self, x):
        for convolution in (self.convolution1, self.convolution2, self.convolution3):
            x = F.relu(convolution(x))
            x = F.max_pool2d(x, (min(2, x.shape[2]), min(2, x.shape[3])))
        return self.classifier(F.relu(self.hidden(x.flatten(1))))


class DenseNet(nn.Module):
    def __init__(self, inputs, hidden, labels):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip([inputs, *hidden], hidden))
        self.classifier = nn.Linear(hidden[-1], labels)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.classifier(x)


class Normed(nn.Module):
    def __init__(self, inputs, outputs, side, stride):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.convolution(x))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.convolution1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.convolution2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        if stride > 1 or inputs != outputs:
            self.shortcut = Normed(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.norm2(self.convolution2(F.relu(self.norm1(self.convolution1(x)))))
        return F.relu(y + (self.shortcut(x) if hasattr(self, "shortcut") else x))


class ResidualNet(nn.Module):
    def __init__(self, channels, widths, blocks, stem_stride, labels):
        super().__init__()
        self.stem = Normed(channels, widths[0], 3, stem_stride)
        self.stages = nn.ModuleList()
        inputs = widths[0]
        for stage, width in enumerate(widths):
            made = nn.ModuleList()
            for block in range(blocks):
                made.append(Block(inputs, width, 2 if stage > 0 and block == 0 else 1))
                inputs = width
            self.stages.append(made)
        self.classifier = nn.Linear(inputs, labels)

    def forward(self, x):
        x = F.relu(self.stem(x))
        for stage in self.stages:
            for block in stage:
                x = block(x)
        return self.classifier(x.mean((2, 3)))


def fill(net):
    """In the order of the names, as the test does it."""
    with torch.no_grad():
        names = sorted(name for name in net.state_dict() if not name.endswith("num_batches_tracked"))
        for salt, name in enumerate(names):
            tensor = net.state_dict()[name]
            unit = torch.tensor(drawn(tensor.numel(), salt), dtype=torch.float64)
            if name.endswith("running_var"):
                values = 0.8 + 0.4 * unit
            elif "norm" in name and name.endswith("weight"):
                values = 0.8 + 0.4 * unit
            elif tensor.dim() == 1:
                values = 0.2 * (unit - 0.5)
            else:
                values = 2 * math.sqrt(6 / tensor[0].numel()) * (unit - 0.5)
            tensor.copy_(values.float().reshape(tensor.shape))


def pictures(count, channels, height, width):
    """Bytes with the channels beside each other, brought to -1 to 1."""
    bytes_ = [int(256 * u) for u in drawn(count * height * width * channels, 1000)]
    values = torch.tensor([(b / 255 - 0.5) / 0.5 for b in bytes_], dtype=torch.float64).float()
    return values.reshape(count, height, width, channels).permute(0, 3, 1, 2).contiguous()


def case(name, net, config, optimiser, rate, clip=0.0, rows=6):
    torch.manual_seed(0)
    fill(net)
    x = pictures(rows, config["channels"], config["height"], config["width"])
    goals = torch.arange(rows) % config["labels"]
    decayed = [p for p in net.parameters() if p.dim() > 1]
    spared = [p for p in net.parameters() if p.dim() == 1]
    groups = [{"params": decayed}, {"params": spared, "weight_decay": 0.0}]
    if optimiser == "sgd":
        moves = torch.optim.SGD(groups, lr=rate, momentum=0.9, weight_decay=0.05)
    else:
        moves = torch.optim.AdamW(groups, lr=rate, weight_decay=0.1)
    net.eval()
    with torch.no_grad():
        before = net(x).tolist()
    losses, norms = [], []
    net.train()
    for _ in range(STEPS):
        loss = F.cross_entropy(net(x), goals)
        moves.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(net.parameters(), clip if clip else math.inf).item())
        moves.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        after = net(x).tolist()
    return {"name": name, **config, "optimiser": optimiser, "rate": rate, "clip": clip, "rows": rows,
            "before": before, "after": after, "losses": losses, "norms": norms}


def main():
    cases = []
    for padding, height, width, channels, left in [(2, 28, 28, 1, 1), (0, 32, 32, 3, 1), (0, 46, 61, 1, 8)]:
        config = {"kind": "conv_net", "channels": channels, "height": height, "width": width, "labels": 4,
                  "padding": padding}
        cases.append(case("conv_net", ConvNet(channels, 4, padding, left), config, "sgd", 2e-4))
    config = {"kind": "dense_net", "channels": 1, "height": 9, "width": 7, "labels": 3, "hidden_sizes": [24, 16]}
    cases.append(case("dense_net", DenseNet(63, [24, 16], 3), config, "adamw", 1e-3, clip=0.5))
    for blocks, stride, height, width, channels in [(1, 2, 28, 28, 1), (2, 1, 13, 10, 3)]:
        config = {"kind": "residual_net", "channels": channels, "height": height, "width": width, "labels": 5,
                  "hidden_sizes": [8, 12, 16], "blocks": blocks, "stem_stride": stride}
        cases.append(case("residual_net", ResidualNet(channels, [8, 12, 16], blocks, stride, 5), config, "sgd", 0.02,
                          clip=0.7))
    (HERE / "net_training.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
