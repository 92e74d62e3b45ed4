"""Logistic regression on two clouds of points, in plain Python: the program of logistic.ts."""

import json
import math
import os
import random

with open(os.environ["LOCKSTEP_CONFIG"], encoding="utf-8") as file:
    parameters = json.load(file)["parameters"]

generator = random.Random(int(os.environ["LOCKSTEP_SEED"]))
points = []
for index in range(parameters["numExamples"]):
    label = index % 2
    points.append(([generator.gauss(1.5 * label, 1), generator.gauss(-label, 1), 1], label))
train, validation = points[: len(points) // 2], points[len(points) // 2 :]


def predict(weights, features):
    return 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, features))))


def accuracy(weights, examples):
    return sum((predict(weights, x) > 0.5) == (y == 1) for x, y in examples) / len(examples)


weights = [0.0, 0.0, 0.0]
with open(os.environ["LOCKSTEP_METRICS"], "a", encoding="utf-8") as metrics:
    for step in range(1, parameters["numSteps"] + 1):
        errors = [(predict(weights, x) - y, x) for x, y in train]
        for k in range(3):
            gradient = sum(error * x[k] for error, x in errors) / len(train)
            weights[k] -= parameters["learningRate"] * gradient
        row = {"step": step, "train.accuracy": accuracy(weights, train)}
        metrics.write(json.dumps(row) + "\n")
        metrics.flush()
    metrics.write(json.dumps({"validation.accuracy": accuracy(weights, validation)}) + "\n")

with open(os.environ["LOCKSTEP_RUN_DIRECTORY"] + "/files/weights.json", "w") as file:
    json.dump(weights, file)
print("weights", *weights)
