"""python compare.py FOLDER: the gradients of the first step (gradients.bin) and the losses of all steps (losses.json)."""
import json
import os
import sys

import models
import torch

folder = sys.argv[1]
spec, parameters, data = models.read(folder)
trained = [parameters[e["name"]] for e in spec["parameters"] if not e["running"]]
optimizer = models.optimizer(spec, parameters)
losses = []
for step, rows in enumerate(spec["steps"]):
    optimizer.zero_grad()
    loss = models.loss_of(spec, parameters, data, rows)
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        gradients = torch.cat([each.grad.reshape(-1) for each in trained])
        gradients.numpy().astype("<f4").tofile(os.path.join(folder, "gradients.bin"))
    optimizer.step()
with open(os.path.join(folder, "losses.json"), "w", encoding="utf-8") as file:
    json.dump({"losses": losses, "version": torch.__version__}, file)
