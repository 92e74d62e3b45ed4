"""Folders of `exp export --to hf` as Hugging Face's own libraries read it."""

import json
import struct
import sys

from huggingface_hub import ModelCard


def read(folder):
    card = ModelCard.load(f"{folder}/README.md")
    with open(f"{folder}/model.safetensors", "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    with open(f"{folder}/config.json", encoding="utf8") as file:
        config = json.load(file)
    results = card.data.eval_results or []
    return {
        "library": card.data.library_name,
        "model": card.data.model_name,
        "tags": card.data.tags,
        "results": [[each.metric_type, each.metric_value] for each in results],
        "text": card.text,
        "tensors": [name for name in header if name != "__metadata__"],
        "config": config,
    }


json.dump([read(folder) for folder in sys.argv[1:]], sys.stdout)
