"""Takes the inbox of a folder in, as Trackio's dashboard does, and prints the runs of a project as Trackio has them."""

import json
import math
import os
import sys

os.environ["TRACKIO_DIR"] = sys.argv[1]

from trackio import fragments  # noqa: E402
from trackio.sqlite_storage import SQLiteStorage  # noqa: E402

taken = fragments.import_inbox_dir()
project = sys.argv[2]


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


runs = {
    run: {
        "logs": [plain(log) for log in SQLiteStorage.get_logs(project, run)],
        "config": plain(SQLiteStorage.get_run_config(project, run)),
    }
    for run in SQLiteStorage.get_runs(project)
}
json.dump({"taken": taken, "runs": runs}, sys.stdout)
