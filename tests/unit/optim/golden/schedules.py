"""Writes schedules.json: rates of PyTorch's schedulers, for ../schedule-golden.test.ts. The base rate is 1.

python tests/unit/optim/golden/schedules.py > tests/unit/optim/golden/schedules.json   (PyTorch is needed)
"""

import json
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

warnings.filterwarnings("ignore")

cases = {
    "LinearLR(1, .25, 8)": (8, lambda o: schedulers.LinearLR(o, 1, 0.25, 8)),
    "CosineAnnealingLR(8, .1)": (8, lambda o: schedulers.CosineAnnealingLR(o, 8, 0.1)),
    "CosineAnnealingWarmRestarts(4)": (12, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 4)),
    "CosineAnnealingWarmRestarts(2, 2, .1)": (14, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 2, 2, 0.1)),
    "PolynomialLR(8, 2)": (8, lambda o: schedulers.PolynomialLR(o, 8, 2)),
    "PolynomialLR(8, 1.5)": (8, lambda o: schedulers.PolynomialLR(o, 8, 1.5)),
    "StepLR(3, .1)": (10, lambda o: schedulers.StepLR(o, 3, 0.1)),
    "MultiStepLR([2, 5], .5)": (8, lambda o: schedulers.MultiStepLR(o, [2, 5], 0.5)),
    "OneCycleLR(10)": (10, lambda o: schedulers.OneCycleLR(o, 1, total_steps=10, cycle_momentum=False)),
    "OneCycleLR(10, .5, linear, 10, 10)": (
        10,
        lambda o: schedulers.OneCycleLR(
            o, 1, total_steps=10, pct_start=0.5, anneal_strategy="linear", div_factor=10, final_div_factor=10,
            cycle_momentum=False,
        ),
    ),
    "OneCycleLR(15)": (15, lambda o: schedulers.OneCycleLR(o, 1, total_steps=15, cycle_momentum=False)),
    "OneCycleLR(9, .05)": (9, lambda o: schedulers.OneCycleLR(o, 1, total_steps=9, pct_start=0.05, cycle_momentum=False)),
}


def rates(num_steps, create):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = create(optimizer)
    found = []
    for step in range(num_steps):
        found.append(round(optimizer.param_groups[0]["lr"], 15))
        optimizer.step()
        if step + 1 < num_steps:
            scheduler.step()
    return found


print(json.dumps({name: rates(*case) for name, case in cases.items()}, indent=2))
