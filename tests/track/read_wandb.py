"""Prints what W&B's own reader finds in a .wandb file: its records, and the state of the run."""

import json
import os
import subprocess
import sys

import wandb

core = os.path.join(os.path.dirname(wandb.__file__), "bin", "wandb-core")


def inspect(*words):
    command = [core, "leet", "inspect", "-json", "-no-observability", *words, "-run-file", sys.argv[1]]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


records = [json.loads(line) for line in inspect().splitlines()]
print(json.dumps({"records": records, "summary": json.loads(inspect("-summary"))}))
