"""Writes cnn.json: PyTorch's logits, loss, gradients, running statistics and a short training in float64, for ../cnn.test.ts.

python tests/unit/model/golden/cnn.py > tests/unit/model/golden/cnn.json   (PyTorch is needed)
"""

import json

import torch
from torch import nn

height, width, channels, classes, size = 11, 10, 2, 3, 10
smoothing, steps = 0.1, 20


class Stage(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, padding, pool):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.pool = pool

    def forward(self, x):
        return self.pool(torch.relu(self.norm(self.convolution(x))))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([
            Stage(channels, 4, 3, 2, 1, nn.MaxPool2d(2)),
            Stage(4, 5, 3, 1, 2, nn.AvgPool2d(2)),
            Stage(5, 6, 1, 1, 0, nn.Identity()),
        ])
        self.layers = nn.ModuleList([nn.Linear(24, 5), nn.Linear(5, classes)])

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return self.layers[1](torch.relu(self.layers[0](x.flatten(1))))


def pattern(index, shape, offset):
    """The same numbers as `patterned` in ../cnn.test.ts."""
    count = torch.Size(shape).numel()
    values = ((37 * torch.arange(count) + 11 * index) % 101).double() / 100 - 0.5 + offset
    return values.float().double().reshape(shape)


def fresh():
    model = Cnn().double().train()
    state = {name: value for name, value in model.state_dict().items() if "num_batches" not in name}
    ones = (".norm.weight", ".running_var")
    state = {name: pattern(index, value.shape, float(name.endswith(ones))) for index, (name, value) in enumerate(state.items())}
    model.load_state_dict(state)
    return model


def features(step):
    """[size, channels, height, width] of the same numbers that the test lays out with the channels last."""
    count = size * height * width * channels
    values = (((29 * torch.arange(count) + 13 * step) % 97).double() / 97 - 0.5).float().double()
    return values.reshape(size, height, width, channels).permute(0, 3, 1, 2).contiguous()


def labels(step):
    return (torch.arange(size) + step) % classes


def loss_of(model, part, step):
    criterion = nn.CrossEntropyLoss(label_smoothing=smoothing, reduction="sum")
    return criterion(model(features(step)[part]), labels(step)[part]) / size


model = fresh()
logits = model(features(0))
loss = nn.CrossEntropyLoss(label_smoothing=smoothing)(logits, labels(0))
loss.backward()
gradients = {name: value.grad.flatten().tolist() for name, value in model.named_parameters()}
running = {name: value.tolist() for name, value in model.named_buffers() if "num_batches" not in name}
evaluated = model.eval()(features(0))

model = fresh()
decayed = [value for value in model.parameters() if value.dim() > 1]
others = [value for value in model.parameters() if value.dim() == 1]
groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=0.01)
losses = []
for step in range(1, steps + 1):
    optimizer.zero_grad()
    parts = [loss_of(model, part, step) for part in (slice(0, 6), slice(6, 10))]
    for part in parts:
        part.backward()
    optimizer.step()
    losses.append(sum(part.item() for part in parts))
trained = {name: value.flatten().tolist() for name, value in model.state_dict().items() if "num_batches" not in name}

print(json.dumps({
    "names": list(trained),
    "logits": logits.flatten().tolist(),
    "loss": loss.item(),
    "gradients": gradients,
    "running": running,
    "evaluated": evaluated.flatten().tolist(),
    "losses": losses,
    "trained": trained,
}))
