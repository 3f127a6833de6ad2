"""What TensorBoard reads from a directory of event files, as JSON: for each tag of a scalar the
points [step, value], for each text the Markdown. A run that was resumed shows no point twice.

    python3 read_events.py output/runs

Fails if there is no event file, or if a record is damaged (TensorBoard itself stops reading there
and says nothing). Python 3.9 with tensorboard (written for 2.21).
"""

import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.compat.tensorflow_stub.errors import DataLossError, OutOfRangeError

directory = sys.argv[1]
files = sorted(pathlib.Path(directory).glob("*tfevents*"))
if not files:
    sys.exit(f"error: {directory}: expected event files, found none")
for file in files:
    reader = PyRecordReader_New(str(file))
    read = 0
    try:
        while True:
            reader.GetNext()
            read += 1
    except OutOfRangeError:
        pass
    except DataLossError as e:
        sys.exit(f"error: {file}: record {read + 1}: {e.message}")
    print(f"{file.name}: {read} events, {file.stat().st_size} bytes", file=sys.stderr)

events = EventAccumulator(directory, size_guidance={"scalars": 0, "tensors": 0}).Reload()
tags = events.Tags()
scalars = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]}
texts = {
    tag: events.Tensors(tag)[-1].tensor_proto.string_val[0].decode() for tag in tags["tensors"]
}
print(json.dumps({"scalars": scalars, "texts": texts}, ensure_ascii=False))
