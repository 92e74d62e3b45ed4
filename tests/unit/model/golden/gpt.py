"""Writes gpt.json: logits, loss and gradients of Hugging Face's GPT2LMHeadModel in float64, for ../gpt.test.ts.

python tests/unit/model/golden/gpt.py > tests/unit/model/golden/gpt.json   (PyTorch and transformers are needed)
"""

import json

import torch
import transformers

layers, hidden, heads, inner, context, vocabulary = 2, 8, 2, 12, 6, 11
tokens = torch.tensor([[2, 7, 1, 9, 10], [2, 3, 5, 0, 0]])
targets = torch.tensor([7, 1, 9, 10, 4, 3, 5, 0, 0, 6])
smoothing = 0.1

config = transformers.GPT2Config(
    vocab_size=vocabulary, n_positions=context, n_embd=hidden, n_layer=layers, n_head=heads, n_inner=inner,
    activation_function="gelu", resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, attn_implementation="eager",
)
model = transformers.GPT2LMHeadModel(config).double().eval()


def names():
    yield "transformer.wte.weight", (vocabulary, hidden)
    yield "transformer.wpe.weight", (context, hidden)
    for index in range(layers):
        block = f"transformer.h.{index}"
        yield from pair(f"{block}.ln_1", (hidden,))
        for part in ("query", "key", "value"):
            yield from pair(f"{block}.attn.c_attn.{part}", (hidden, hidden))
        yield from pair(f"{block}.attn.c_proj", (hidden, hidden))
        yield from pair(f"{block}.ln_2", (hidden,))
        yield from pair(f"{block}.mlp.c_fc", (inner, hidden))
        yield from pair(f"{block}.mlp.c_proj", (hidden, inner))
    yield from pair("transformer.ln_f", (hidden,))


def pair(name, shape):
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def pattern(index, shape, offset):
    """The same numbers as `patterned` in ../gpt.test.ts."""
    count = torch.Size(shape).numel()
    values = ((37 * torch.arange(count) + 11 * index) % 101).double() / 100 - 0.5 + offset
    return values.float().double().reshape(shape)


def is_norm(name):
    return ".ln_" in name and name.endswith(".weight")


ours = {name: pattern(index, shape, float(is_norm(name))) for index, (name, shape) in enumerate(names())}


def to_theirs(values):
    """Hugging Face's layout: c_attn in one piece, weights of Conv1D as [in, out], lm_head beside wte."""
    theirs = {}
    for name, value in values.items():
        if ".c_attn.query." in name:
            parts = [values[name.replace("query", part)] for part in ("query", "key", "value")]
            value, name = torch.cat(parts), name.replace(".query", "")
        elif ".c_attn." in name:
            continue
        is_convolution = value.dim() == 2 and ".h." in name
        theirs[name] = value.t().contiguous() if is_convolution else value
    theirs["lm_head.weight"] = values["transformer.wte.weight"]
    return theirs


def gradient(name):
    part = next((part for part in ("query", "key", "value") if f".c_attn.{part}." in name), None)
    theirs = model.get_parameter(name.replace(f".{part}", "") if part else name).grad
    if theirs.dim() == 2 and ".h." in name:
        theirs = theirs.t()
    if part is None:
        return theirs
    return theirs.chunk(3)[("query", "key", "value").index(part)]


model.load_state_dict(to_theirs(ours), strict=True)
logits = model(tokens).logits.reshape(-1, vocabulary)
loss = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=smoothing)
loss.backward()
golden = {
    "versions": f"torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}",
    "logits": logits.flatten().tolist(),
    "loss": loss.item(),
    # The norm of each gradient, and its product with the parameter's pattern, which tells where it points.
    "gradients": {
        name: [gradient(name).norm().item(), (gradient(name) * value).sum().item()] for name, value in ours.items()
    },
}
print(json.dumps(golden, indent=1))
