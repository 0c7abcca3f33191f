#!/usr/bin/env python3
"""Writes gan_training.json: PyTorch's losses while a generator and a discriminator learn from each other for a few steps,
and what the running mean of the generator is then. Weights and pictures are numbers that the test makes again; noise
and changes are drawn by PyTorch's generator, which is LibTorch's.

    python make_gan_training_goldens.py        # torch 2.x
"""
import copy
import json
import math

import torch
from torch import nn
from torch.nn import functional as F

from make_net_training_goldens import HERE, fill, pictures

STEPS = 4
LATENT = 10
LABELS = 3
VARIETY = 5


class Generator(nn.Module):
    def __init__(self, channels, height, width, widths):
        super().__init__()
        self.size = (widths[0], height >> len(widths), width >> len(widths))
        self.labels = nn.Embedding(LABELS, 6)
        self.start = nn.Linear(LATENT + 6, math.prod(self.size), bias=False)
        self.start_norm = nn.BatchNorm2d(widths[0])
        self.stages = nn.ModuleList()
        for inputs, outputs in zip(widths, widths[1:]):
            stage = nn.Module()
            stage.convolution = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
            stage.norm = nn.BatchNorm2d(outputs)
            self.stages.append(stage)
        self.picture = nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1)

    def forward(self, latents, labels):
        x = self.start(torch.cat([latents, self.labels(labels)], 1)).reshape(-1, *self.size)
        x = F.relu(self.start_norm(x))
        for stage in self.stages:
            x = F.relu(stage.norm(stage.convolution(x)))
        return torch.tanh(self.picture(x))


class Discriminator(nn.Module):
    def __init__(self, channels, widths):
        super().__init__()
        self.stages = nn.ModuleList()
        inputs = channels
        for outputs in reversed(widths):
            self.stages.append(nn.Conv2d(inputs, outputs, 4, 2, 1))
            inputs = outputs
        self.last = nn.Conv2d(inputs, inputs, 3, 1, 1)
        self.real = nn.Linear(inputs, 1)
        self.labels = nn.Embedding(LABELS, inputs)
        for layer in (*self.stages, self.last, self.real, self.labels):
            layer.register_buffer("direction", torch.zeros(layer.weight.shape[0]))

    @staticmethod
    def normed(layer):
        """Algorithm 1 of Miyato et al. 2018."""
        rows = layer.weight.flatten(1)
        with torch.no_grad():
            right = F.normalize(rows.T @ layer.direction, dim=0)
            left = F.normalize(rows @ right, dim=0)
            layer.direction.copy_(left)
        return layer.weight / (left @ rows @ right)

    def forward(self, x, labels):
        for stage in self.stages:
            x = F.leaky_relu(F.conv2d(x, self.normed(stage), stage.bias, 2, 1), 0.2)
        x = F.leaky_relu(F.conv2d(x, self.normed(self.last), self.last.bias, 1, 1), 0.2).sum((2, 3))
        by_label = (F.embedding(labels, self.normed(self.labels)) * x).sum(1)
        return F.linear(x, self.normed(self.real), self.real.bias)[:, 0] + by_label


def within(count, most):
    return (torch.rand(count) * 2 - 1) * most


def changed(x, how):
    """As Zhao et al. 2020 have it, with turns and slants; what is drawn comes in this order."""
    if not how:
        return x
    count = len(x)
    angle = within(count, how["rotation"]) * math.pi / 180
    mirror = torch.where(torch.rand(count) < how["flip"], -1.0, 1.0)
    across = (1 + within(count, how["zoom"])) * mirror
    down = 1 + within(count, how["zoom"])
    slant = within(count, how["shear"])
    upper = torch.stack([angle.cos() / across, (slant * angle.cos() - angle.sin()) / across,
                         2 * within(count, how["shift"])], 1)
    lower = torch.stack([angle.sin() / down, (slant * angle.sin() + angle.cos()) / down,
                         2 * within(count, how["shift"])], 1)
    grid = F.affine_grid(torch.stack([upper, lower], 1), x.shape, align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    sides = []
    for side in x.shape[2:]:
        middle = torch.randint(side, (count, 1))
        sides.append((torch.arange(side)[None] - middle).abs() <= side // 4)
    chosen = torch.rand(count, 1, 1) < how["erase"]
    gone = sides[0][:, :, None] & sides[1][:, None, :] & chosen
    return torch.where(gone[:, None], torch.zeros(()), x)


def case(channels, height, width, widths, how, rows=6, real_alone=False):
    net = nn.Module()
    net.generator = Generator(channels, height, width, widths)
    net.discriminator = Discriminator(channels, widths)
    fill(net)
    real = pictures(rows, channels, height, width)
    goals = torch.arange(rows) % LABELS
    mean = copy.deepcopy(net.generator)
    moves = {part: torch.optim.Adam(getattr(net, part).parameters(), 2e-3, (0.5, 0.999))
             for part in ("generator", "discriminator")}
    losses = []
    for step in range(STEPS):
        torch.manual_seed(100 + step)
        seen = changed(real, how) if real_alone else real
        with torch.no_grad():
            drawn = net.generator(torch.randn(rows, LATENT), goals)
        both = torch.cat([seen, drawn])
        judged = net.discriminator(both if real_alone else changed(both, how), torch.cat([goals, goals]))
        judging = F.relu(1 - judged[:rows]).mean() + F.relu(1 + judged[rows:]).mean()
        net.zero_grad()
        judging.backward()
        moves["discriminator"].step()
        twice = goals[: rows // 2].repeat(2)
        drawn = net.generator(torch.randn(len(twice), LATENT), twice)
        drawing = -net.discriminator(drawn if real_alone else changed(drawn, how), twice).mean()
        wanted = torch.stack([(seen[i] - seen[j]).abs().mean() for i in range(rows) for j in range(i)
                              if goals[i] == goals[j]]).mean()
        sameness = F.relu(1 - F.l1_loss(*drawn.chunk(2)) / wanted)
        net.zero_grad()
        (drawing + VARIETY * sameness).backward()
        moves["generator"].step()
        losses.append([judging.item(), drawing.item()])
        share = min(0.99, (step + 1) / (step + 10))
        for old, new in zip(mean.state_dict().values(), net.generator.state_dict().values()):
            if old.is_floating_point():
                old.lerp_(new, 1 - share)
    tensors = {f"generator.{name}": [value.sum().item(), value.abs().sum().item()]
               for name, value in mean.state_dict().items() if value.is_floating_point()}
    return {"channels": channels, "height": height, "width": width, "hidden_sizes": widths, "rows": rows,
            "changes": how, "real_alone": real_alone, "losses": losses, "mean": tensors}


def main():
    how = {"shift": 0.2, "rotation": 15, "zoom": 0.2, "shear": 0.1, "flip": 0.5, "erase": 0.5}
    cases = [case(1, 28, 28, [16, 8], {}), case(3, 16, 24, [12, 8, 6], how),
             case(1, 16, 16, [12, 8], how, real_alone=True)]
    (HERE / "gan_training.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
