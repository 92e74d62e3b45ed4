"""Runs as people write them with MLflow's own client and with wandb: `write_runs.py mlflow ADDRESS` or `wandb FOLDER`."""

import json
import os
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # MLflow 3 wants to be asked
os.environ["WANDB_MODE"] = "offline"
os.environ["WANDB_SILENT"] = "true"

CONFIG = {
    "lr": 1e-05,
    "optimizer": {"kind": "adam", "beta": 0.9},
    "layers": [1, 2],
    "isDeep": True,
    "long": "x" * 5900,
    "api_key": "sk-proj-abcDEF1234567890abcdefgh",
}
ODD = [float("nan"), float("inf"), float("-inf")]


def flat(value, path=()):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from flat(child, (*path, key))
    else:
        yield ".".join(path), value


def write_mlflow(address):
    import mlflow

    mlflow.set_tracking_uri(address)
    mlflow.set_experiment("spam / or not")
    with mlflow.start_run(run_name="<b>first</b>"):
        mlflow.log_params(dict(flat(CONFIG)))
        mlflow.set_tag("team", "a b")
        for step in range(3):
            mlflow.log_metrics({"train/loss": 1 / (step + 1), "odd": ODD[step], "epoch": step}, step=step)
        for value in (0.5, 0.25):
            mlflow.log_metric("bare", value)
        mlflow.log_metric("again", 1, step=4)
        mlflow.log_metric("again", 2, step=4)
    with mlflow.start_run(run_name="gone") as run:
        pass
    mlflow.delete_run(run.info.run_id)


def write_wandb(folder):
    import wandb

    run = wandb.init(
        project="spam", name="<b>first</b>", dir=folder, config=CONFIG, tags=["a b"], settings=wandb.Settings(console="off")
    )
    for step in range(3):
        run.log({"train/loss": 1 / (step + 1), "odd": ODD[step], "epoch": step, "nest": {"x": step}}, step=step)
    run.log({"h": wandb.Histogram([1, 2, 3]), "text": "7"}, step=4)
    run.config.update({"late": 5})
    run.summary["best"] = 0.99
    run.finish()


{"mlflow": write_mlflow, "wandb": write_wandb}[sys.argv[1]](sys.argv[2])
json.dump(None, sys.__stdout__)
