"""Writes optimizers.json: parameters after 20 steps of PyTorch's optimizers in float64, for ../golden.test.ts.

python tests/unit/optim/golden/optimizers.py > tests/unit/optim/golden/optimizers.json   (PyTorch is needed)
"""

import json

import torch

torch.set_default_dtype(torch.float64)


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, Algorithm 2; PyTorch has none."""

    def __init__(self, params, lr, betas, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(torch.sign(m * beta1 + p.grad * (1 - beta1)), alpha=-group["lr"])
                m.mul_(beta2).add_(p.grad, alpha=1 - beta2)


cases = {
    "Adam": (torch.optim.Adam, dict(betas=(0.9, 0.99), eps=1e-6), 0),
    "Adam with its L2 penalty": (torch.optim.Adam, dict(betas=(0.8, 0.95), eps=1e-8), 0.1),
    "AdamW": (torch.optim.AdamW, dict(betas=(0.9, 0.99), eps=1e-8), 0.1),
    "SGD": (torch.optim.SGD, dict(), 0.05),
    "SGD with momentum": (torch.optim.SGD, dict(momentum=0.9, dampening=0), 0.05),
    "SGD with Nesterov momentum": (torch.optim.SGD, dict(momentum=0.9, nesterov=True), 0.05),
    "Lion": (Lion, dict(betas=(0.9, 0.99)), 0.1),
}


def trained(kind, options, decay):
    weight = torch.tensor([1.9, -2.25, 2, 2.5, -1.85, 3], requires_grad=True)
    bias = torch.tensor([1.8, -2.5, 2.2], requires_grad=True)
    groups = [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0}]
    optimizer = kind(groups, lr=1, **options)
    for step in range(1, 21):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * (1 - (step - 1) / 40)
        for p in (weight, bias):
            p.grad = 0.5 * torch.sin(p.detach()) + 0.25 * (step % 3 - 1) + 0.125
        optimizer.step()
    return [round(value, 12) for value in weight.tolist() + bias.tolist()]


print(json.dumps({name: trained(*case) for name, case in cases.items()}, indent=2))
