#!/usr/bin/env python3
"""The nets of benchmarks/recurrent.cpp in PyTorch, one thread: a step of training and a step of the
cell, in microseconds. In a virtual environment: pip install torch, then taskset -c 0 python3 this."""
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)


def microseconds(call):
    call()
    calls = 1
    while True:
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        if time.perf_counter() - begun > 0.2:
            break
        calls *= 2
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, time.perf_counter() - begun)
    return best / calls * 1e6


class Net(nn.Module):
    def __init__(self, kind, inputs, units, outputs, each_step, words=0):
        super().__init__()
        self.embedding = nn.Embedding(words, inputs) if words else None
        self.layer = kind(inputs, units, batch_first=True)
        self.dense = nn.Linear(units, outputs)
        self.each_step = each_step

    def forward(self, x):
        if self.embedding is not None:
            x = self.embedding(x)
        h, _ = self.layer(x)
        return self.dense(h if self.each_step else h[:, -1])


def measure(name, kind, cell, batch, steps, inputs, units, outputs, each_step, words=0):
    net = Net(kind, inputs, units, outputs, each_step, words)
    optimizer = torch.optim.Adam(net.parameters())
    x = torch.randint(words, (batch, steps)) if words else torch.rand(batch, steps, inputs)
    y = torch.rand((batch, steps, outputs) if each_step else (batch, outputs))

    def step():
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()

    one = cell(inputs, units)
    frame, state = torch.rand(1, inputs), None

    def listen():
        with torch.inference_mode():
            nonlocal state
            state = one(frame, state)

    print(f"{name:46} {microseconds(step):10.1f} {microseconds(listen):9.2f}")


print(f"PyTorch {torch.__version__}; microseconds: training, cell")
measure("GRU 16 on (20, 1), dense 1 at each step; 8", nn.GRU, nn.GRUCell, 8, 20, 1, 16, 1, True)
measure("LSTM 32 on (50, 8), dense 4; 32", nn.LSTM, nn.LSTMCell, 32, 50, 8, 32, 4, False)
measure("Embedding 5000x64, LSTM 128 on 80, dense 1; 32", nn.LSTM, nn.LSTMCell, 32, 80, 64, 128, 1,
        False, 5000)
measure("LSTM 256 on (100, 64), dense 1 at each step; 64", nn.LSTM, nn.LSTMCell, 64, 100, 64, 256, 1,
        True)
