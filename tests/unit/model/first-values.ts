import type { HostTensors } from "../../../src/core/run-events.ts";
import type { Model } from "../../../src/model/model.ts";
import type { RandomStreams } from "../../../src/random/streams.ts";

/** First values of all parameters, each from a stream of its own; the golden digests of this folder hang on its name. */
export function firstValues(model: Model, streams: RandomStreams): HostTensors {
  return new Map(
    model.parameters.map(({ name, shape, initialise }) => {
      const values = initialise(streams.stream(`init/${name}`));
      return [name, { dtype: "F32", shape, values }];
    }),
  );
}
