#!/usr/bin/env python3
"""Writes line_training.json: PyTorch's log-probabilities and losses while a net that reads lines learns for a few steps.
Weights and pictures are numbers that the test makes again.

    python make_line_training_goldens.py        # torch 2.x
"""
import json

import torch
from torch import nn
from torch.nn import functional as F

from make_net_training_goldens import HERE, drawn, fill

STEPS = 4
WIDTHS = [46, 61, 40]
TEXTS = [[1, 2, 2, 3], [3, 1], [2]]
CHARACTERS = 3


class LineNet(nn.Module):
    def __init__(self, widths, states):
        super().__init__()
        self.stages = nn.ModuleList()
        inputs = 1
        for width in widths:
            stage = nn.Module()
            stage.convolution = nn.Conv2d(inputs, width, 3, 1, 1, bias=False)
            stage.norm = nn.BatchNorm2d(width)
            self.stages.append(stage)
            inputs = width
        self.lstm = nn.LSTM(inputs, states, bidirectional=True, batch_first=True)
        self.classifier = nn.Linear(2 * states, CHARACTERS + 1)

    def forward(self, x, steps):
        for i, stage in enumerate(self.stages):
            x = F.max_pool2d(F.relu(stage.norm(stage.convolution(x))), (2, 2 if i < 2 else 1))
        x = x.squeeze(2).transpose(1, 2)
        packed = nn.utils.rnn.pack_padded_sequence(x, steps, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return F.log_softmax(self.classifier(states), 2)


def line(salt, width):
    bytes_ = [int(256 * u) for u in drawn(32 * width, salt)]
    return (torch.tensor(bytes_, dtype=torch.float32) / 127.5 - 1).reshape(1, 32, width)


def main():
    net = LineNet([4, 6, 8, 8, 10], 7)
    fill(net)
    steps = torch.tensor([width // 4 for width in WIDTHS])
    columns = int(steps.max()) * 4
    lines = [line(1000 + i, width) for i, width in enumerate(WIDTHS)]
    batch = torch.stack([torch.cat([one, one[..., -1:].expand(1, 32, max(0, columns - one.shape[2]))], 2)[..., :columns]
                         for one in lines])
    goals = torch.tensor([c for text in TEXTS for c in text])
    lengths = torch.tensor([len(text) for text in TEXTS])
    moves = torch.optim.AdamW([{"params": [p for p in net.parameters() if p.dim() > 1]},
                               {"params": [p for p in net.parameters() if p.dim() == 1], "weight_decay": 0.0}],
                              lr=3e-3, weight_decay=0.1)
    losses, norms = [], []
    net.train()
    for _ in range(STEPS):
        logs = net(batch, steps)
        loss = F.ctc_loss(logs.transpose(0, 1), goals, steps, lengths, reduction="sum", zero_infinity=True) / len(TEXTS)
        moves.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(net.parameters(), 1.0).item())
        moves.step()
        losses.append(loss.item())
    net.eval()
    judged = 0
    with torch.no_grad():
        for i, one in enumerate(lines):
            alone = net(one[None, ..., : int(steps[i]) * 4], steps[i : i + 1])
            judged += F.ctc_loss(alone.transpose(0, 1), torch.tensor(TEXTS[i]), steps[i : i + 1], lengths[i : i + 1],
                                 reduction="sum").item()
    (HERE / "line_training.json").write_text(json.dumps({"widths": WIDTHS, "texts": TEXTS, "losses": losses,
                                                         "norms": norms, "judged": judged}, indent=1) + "\n")


if __name__ == "__main__":
    main()
