"""The built-in models in PyTorch, over parameters under the names that checkpoints have. A second opinion, written from
the papers and not from src/model."""
import json
import os

import numpy
import torch
import torch.nn.functional as F


def read(folder):
    """The exchange folder that tests/compare/exchange.ts writes: what to train, with which first values, on what."""
    with open(os.path.join(folder, "exchange.json"), encoding="utf-8") as file:
        spec = json.load(file)
    raw = numpy.fromfile(os.path.join(folder, "tensors.bin"), dtype="<u4")

    def tensor(entry):
        values = raw[entry["start"] : entry["start"] + entry["size"]]
        kind = numpy.float32 if entry["dtype"] == "F32" else numpy.int32
        return torch.from_numpy(values.view(kind).copy().reshape(entry["shape"]))

    parameters = {e["name"]: tensor(e).requires_grad_(not e["running"]) for e in spec["parameters"]}
    data = {e["name"]: tensor(e) for e in spec["data"]}
    return spec, parameters, data


def optimizer(spec, parameters):
    """AdamW, which spares biases and norms its decay."""
    config = spec["optimizer"]
    trained = [e for e in spec["parameters"] if not e["running"]]
    groups = [
        {"params": [parameters[e["name"]] for e in trained if e["decay"]], "weight_decay": config["weightDecay"]},
        {"params": [parameters[e["name"]] for e in trained if not e["decay"]], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=config["learningRate"], betas=(config["beta1"], config["beta2"]), eps=config["epsilon"]
    )


def loss_of(spec, parameters, data, rows):
    """Mean cross-entropy of some examples."""
    forward = {"bert": bert, "gpt": gpt, "mlp": mlp, "cnn": cnn}[spec["model"]["kind"]]
    batch = {name: values[rows] for name, values in data.items()}
    logits = forward(spec["model"], parameters, batch)
    labels = batch["labels"].long().reshape(-1)
    return F.cross_entropy(logits, labels, label_smoothing=spec["labelSmoothing"])


def dense(parameters, name, value):
    return F.linear(value, parameters[name + ".weight"], parameters[name + ".bias"])


def norm(parameters, name, value, epsilon):
    gain, bias = parameters[name + ".weight"], parameters[name + ".bias"]
    return F.layer_norm(value, gain.shape, gain, bias, epsilon)


def heads(value, count):
    batch, length, width = value.shape
    return value.view(batch, length, count, width // count).transpose(1, 2)


def attend(config, projected, mask=None, causal=False):
    query, key, value = (heads(each, config["numHeads"]) for each in projected)
    rate = config["dropoutRate"]
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=rate, is_causal=causal)
    return mixed.transpose(1, 2).reshape(projected[0].shape)


def bert(config, parameters, batch):
    tokens, lengths = batch["tokens"].long(), batch["lengths"]
    length = tokens.shape[1]
    real = torch.arange(length)[None, :] < lengths[:, None]
    mask = None if bool(real.all()) else real[:, None, None, :]
    is_pre, rate = config["normalization"] == "pre", config["dropoutRate"]

    def table(kind):
        return parameters[f"bert.embeddings.{kind}_embeddings.weight"]

    summed = F.embedding(tokens, table("word")) + table("token_type")[0] + table("position")[:length]
    hidden = F.dropout(norm(parameters, "bert.embeddings.LayerNorm", summed, 1e-12), rate)

    def block(value, name, compute):
        if is_pre:
            return value + compute(norm(parameters, name, value, 1e-12))
        return norm(parameters, name, value + compute(value), 1e-12)

    for index in range(config["numLayers"]):
        layer = f"bert.encoder.layer.{index}"
        first = f"{layer}.attention.LayerNorm" if is_pre else f"{layer}.attention.output.LayerNorm"
        second = f"{layer}.intermediate.LayerNorm" if is_pre else f"{layer}.output.LayerNorm"

        def attention(value):
            projected = [dense(parameters, f"{layer}.attention.self.{n}", value) for n in ("query", "key", "value")]
            mixed = attend(config, projected, mask)
            return F.dropout(dense(parameters, f"{layer}.attention.output.dense", mixed), rate)

        def feed_forward(value):
            wide = F.gelu(dense(parameters, f"{layer}.intermediate.dense", value))
            return F.dropout(dense(parameters, f"{layer}.output.dense", wide), rate)

        hidden = block(block(hidden, first, attention), second, feed_forward)
    if is_pre:
        hidden = norm(parameters, "bert.LayerNorm", hidden, 1e-12)
    if config["pooling"] == "first":
        pooled = torch.tanh(dense(parameters, "bert.pooler.dense", hidden[:, 0]))
    else:
        pooled = (hidden * real[:, :, None]).sum(1) / lengths[:, None]
    return dense(parameters, "classifier", F.dropout(pooled, rate))


def gpt(config, parameters, batch):
    tokens, rate = batch["tokens"].long(), config["dropoutRate"]
    words = parameters["transformer.wte.weight"]
    hidden = F.dropout(F.embedding(tokens, words) + parameters["transformer.wpe.weight"][: tokens.shape[1]], rate)
    for index in range(config["numLayers"]):
        block = f"transformer.h.{index}"
        value = norm(parameters, f"{block}.ln_1", hidden, 1e-5)
        projected = [dense(parameters, f"{block}.attn.c_attn.{n}", value) for n in ("query", "key", "value")]
        mixed = attend(config, projected, causal=True)
        hidden = hidden + F.dropout(dense(parameters, f"{block}.attn.c_proj", mixed), rate)
        wide = F.gelu(dense(parameters, f"{block}.mlp.c_fc", norm(parameters, f"{block}.ln_2", hidden, 1e-5)))
        hidden = hidden + F.dropout(dense(parameters, f"{block}.mlp.c_proj", wide), rate)
    hidden = norm(parameters, "transformer.ln_f", hidden, 1e-5)
    return F.linear(hidden, words).reshape(-1, words.shape[0])


ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh}


def mlp(config, parameters, batch):
    hidden, count = batch["features"], len(config["hiddenSizes"])
    for index in range(count):
        active = ACTIVATIONS[config["activation"]](dense(parameters, f"layers.{index}", hidden))
        hidden = F.dropout(active, config["dropoutRate"])
    return dense(parameters, f"layers.{count}", hidden)


def cnn(config, parameters, batch):
    image, activate = config["image"], ACTIVATIONS[config["activation"]]
    shape = (-1, image["height"], image["width"], image["channels"])
    hidden = batch["features"].reshape(shape).permute(0, 3, 1, 2)
    for index, stage in enumerate(config["stages"]):
        name, is_normalised = f"stages.{index}", config["normalization"] == "batch"
        bias = None if is_normalised else parameters[f"{name}.convolution.bias"]
        kernel = parameters[f"{name}.convolution.weight"]
        hidden = F.conv2d(hidden, kernel, bias, stage["stride"], stage["padding"])
        if is_normalised:
            gain, shift = parameters[f"{name}.norm.weight"], parameters[f"{name}.norm.bias"]
            hidden = F.batch_norm(hidden, None, None, gain, shift, training=True, eps=1e-5)
        hidden = activate(hidden)
        if stage["pooling"] != "none":
            pool = F.max_pool2d if stage["pooling"] == "max" else F.avg_pool2d
            hidden = pool(hidden, stage["poolSize"])
    hidden, count = hidden.flatten(1), len(config["hiddenSizes"])
    for index in range(count + 1):
        hidden = dense(parameters, f"layers.{index}", F.dropout(hidden, config["dropoutRate"]))
        if index < count:
            hidden = activate(hidden)
    return hidden
