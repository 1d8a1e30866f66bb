"""The nets of benchmarks/convolution.cpp in PyTorch (oneDNN inside): microseconds of the processor for
a training step and for a prediction of one sample, one line a net.
   convolution_pytorch.py [THREADS]
"""
import statistics
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
clock = time.thread_time if threads == 1 else time.perf_counter


def microseconds(body):
    body()
    begin = clock()
    body()
    times = max(1, int(0.02 / max(1e-6, clock() - begin)))
    turns = []
    for _ in range(9):
        begin = clock()
        for _ in range(times):
            body()
        turns.append((clock() - begin) / times * 1e6)
    return statistics.median(turns)


def block(channels, filters, window):
    return [nn.Conv2d(channels, filters, window, padding="same"), nn.BatchNorm2d(filters), nn.ReLU(inplace=True)]


nets = {
    "digits": ([1, 8, 8], 32, 10, [nn.Conv2d(1, 8, 3), nn.ReLU(True), nn.Conv2d(8, 16, 3), nn.ReLU(True),
                                   nn.Flatten(), nn.Linear(256, 10)]),
    "clothes": ([1, 28, 28], 32, 10, [*block(1, 8, 5), nn.MaxPool2d(2), *block(8, 16, 5), nn.MaxPool2d(2),
                                      nn.Flatten(), nn.Linear(784, 64), nn.ReLU(True), nn.Linear(64, 10)]),
    "colours": ([3, 32, 32], 64, 10, [*block(3, 32, 3), *block(32, 32, 3), nn.MaxPool2d(2), *block(32, 64, 3),
                                      *block(64, 64, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4096, 256),
                                      nn.ReLU(True), nn.Linear(256, 10)]),
    "signal": ([1, 1024], 16, 5, [nn.Conv1d(1, 16, 9), nn.ReLU(True), nn.Conv1d(16, 32, 9, 2), nn.ReLU(True),
                                  nn.Conv1d(32, 32, 9, 2), nn.ReLU(True), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                                  nn.Linear(32, 5)]),
}
for name, (sample, batch, classes, layers) in nets.items():
    model = nn.Sequential(*layers)
    x, one = torch.rand(batch, *sample), torch.rand(1, *sample)
    y = torch.arange(batch) % classes
    optimizer = torch.optim.SGD(model.parameters(), 0.01)

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    def predict():
        with torch.inference_mode():
            torch.softmax(model(one), 1)

    model.train()
    trained = microseconds(step)
    model.eval()
    print(f"{name} {trained:.1f} {microseconds(predict):.1f}", flush=True)

for last in (False, True):
    layout = torch.channels_last if last else torch.contiguous_format
    x = torch.rand(16, 64, 32, 32).to(memory_format=layout)
    w = torch.rand(64, 64, 3, 3).to(memory_format=layout)
    dy = torch.rand(16, 64, 32, 32).to(memory_format=layout)

    def forward():
        with torch.inference_mode():
            torch.conv2d(x, w, padding=1)

    def backward():
        torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1,
                                            [True, True, False])

    print(f"{'layer-last' if last else 'layer-first'} {microseconds(forward):.1f} {microseconds(backward):.1f}")
