"""python train.py FOLDER THREADS: PyTorch eager on the same model; the protocol of train-worker.ts."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "compare"))
import models
import torch

torch.set_num_threads(int(sys.argv[2]))
spec, parameters, data = models.read(sys.argv[1])
optimizer = models.optimizer(spec, parameters)
done = 0


def milliseconds():
    global done
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = models.loss_of(spec, parameters, data, spec["steps"][done % len(spec["steps"])])
    loss.backward()
    optimizer.step()
    loss.item()
    done += 1
    return (time.perf_counter() - start) * 1000


print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps([milliseconds() for _ in range(int(line))]), flush=True)
