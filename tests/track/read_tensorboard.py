"""What TensorBoard itself finds in a folder: scalars by run and tag, and the groups of its HParams plugin."""

import json
import math
import sys

from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups


def number(value):
    return float(value) if math.isfinite(value) else str(float(value))


folder = sys.argv[1]
multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRunsFromDirectory(folder)
multiplexer.Reload()

scalars = {}
for run in multiplexer.Runs():
    tags = multiplexer.PluginRunToTagToContent("scalars").get(run, {})
    scalars[run] = {
        tag: [
            [event.step, number(event.tensor_proto.float_val[0]), event.wall_time]
            for event in multiplexer.Tensors(run, tag)
        ]
        for tag in tags
    }

provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
plugin = backend_context.Context(
    base_plugin.TBContext(data_provider=provider, multiplexer=multiplexer, logdir=folder)
)
handler = list_session_groups.Handler(
    context.RequestContext(),
    backend_context=plugin,
    experiment_id="",
    request=api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=100, allowed_statuses=[0, 1, 2, 3], col_params=[]
    ),
)
groups = [
    {
        "name": group.name,
        "settings": {
            key: getattr(value, value.WhichOneof("kind")) for key, value in group.hparams.items()
        },
        "sessions": {session.name: session.status for session in group.sessions},
        "metrics": {value.name.tag: number(value.value) for value in group.metric_values},
    }
    for group in handler.run().session_groups
]
json.dump({"scalars": scalars, "groups": groups}, sys.stdout)
