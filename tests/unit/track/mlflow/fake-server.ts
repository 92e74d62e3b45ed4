/** An MLflow server in memory, as far as exporters ask it, that fails when it is told to. */

/** What goes wrong with one request. */
export type Fault =
  /** Nothing arrives. */
  | "lost"
  /** It is done, and the answer gets lost. */
  | "unanswered"
  /** Half of the items are kept, then 500. */
  | "half"
  | "busy"
  | "broken";

interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly info: Record<string, unknown>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly metrics: { key: string; step: number; value: unknown; timestamp: number }[];
}

type Fields = Record<string, unknown>;

/** The server, what it holds, and what will go wrong. */
export interface FakeServer {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The next requests fail so; `undefined` for one that does not. */
  readonly faults: (Fault | undefined)[];
  /** Any request whose body says this fails in the middle. */
  failing: string | undefined;
  readonly runs: Map<string, Run>;
  readonly artifacts: Map<string, string>;
  /** Files whose names are in it are answered so; `undefined` for a server that takes all. */
  refusedFiles: { readonly names: RegExp; readonly status: number } | undefined;
  readonly requests: string[];
  /** The longest value of a param that it takes. */
  maxParamLength: number;
  artifactRoot: string;
}

export function createFakeServer(): FakeServer {
  const experiments = new Map<string, string>();
  const server: FakeServer = {
    faults: [],
    failing: undefined,
    runs: new Map(),
    artifacts: new Map(),
    refusedFiles: undefined,
    requests: [],
    maxParamLength: 6000,
    artifactRoot: "mlflow-artifacts:",
    fetch: async (input, init) => {
      const url = new URL(input);
      const path = url.pathname.replace("/api/2.0/", "");
      server.requests.push(path);
      const text = await new Response(init.body ?? null).text();
      const isFailing = server.failing !== undefined && text.includes(server.failing);
      const fault = isFailing ? "half" : server.faults.shift();
      if (fault === "lost") throw refusedConnection();
      if (fault === "busy") return new Response("", { status: 429 });
      if (fault === "broken") return json({ error_code: "INTERNAL_ERROR", message: "no" }, 500);
      const answer = path.startsWith("mlflow-artifacts/")
        ? takeFile(server, decodeURIComponent(path.split("artifacts/")[3] ?? ""), text)
        : handle({ server, experiments, isHalf: fault === "half" }, path, {
            ...Object.fromEntries(url.searchParams),
            ...(text === "" ? {} : (JSON.parse(text) as Fields)),
          });
      if (fault === "unanswered") throw refusedConnection();
      return fault === "half" ? new Response("<h1>half</h1>", { status: 500 }) : answer;
    },
  };
  return server;
}

function takeFile({ refusedFiles, artifacts }: FakeServer, name: string, text: string): Response {
  if (refusedFiles?.names.test(name) === true) {
    return new Response("no", { status: refusedFiles.status });
  }
  artifacts.set(name, text);
  return new Response("");
}

function refusedConnection(): Error {
  return new TypeError("fetch failed", {
    cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
  });
}

interface Handling {
  readonly server: FakeServer;
  readonly experiments: Map<string, string>;
  readonly isHalf: boolean;
}

function handle(handling: Handling, path: string, fields: Fields): Response {
  const { server, experiments } = handling;
  const run = server.runs.get(String(fields["run_id"]));
  switch (path.replace("mlflow/", "")) {
    case "experiments/get-by-name": {
      const id = experiments.get(String(fields["experiment_name"]));
      return id === undefined ? missing() : json({ experiment: { experiment_id: id } });
    }
    case "experiments/create":
      if (experiments.has(String(fields["name"]))) return refusal("RESOURCE_ALREADY_EXISTS");
      experiments.set(String(fields["name"]), String(experiments.size + 1));
      return json({ experiment_id: String(experiments.size) });
    case "runs/search":
      return json({ runs: found(server, String(fields["filter"])) });
    case "runs/create":
      return json({ run: shown(createRun(server, fields)) });
    default:
      return run === undefined ? missing() : handleRun(handling, { path, fields, run });
  }
}

function handleRun(
  { server, isHalf }: Handling,
  { path, fields, run }: { readonly path: string; readonly fields: Fields; readonly run: Run },
): Response {
  switch (path.replace("mlflow/", "")) {
    case "runs/get":
      return json({ run: shown(run) });
    case "runs/update":
      Object.assign(run.info, fields);
      return json({});
    case "runs/delete-tag":
      run.tags.delete(String(fields["key"]));
      return json({});
    case "metrics/get-history": {
      const { metric_key: key, page_token: page = "0" } = fields;
      const all = run.metrics.filter((metric) => metric.key === key);
      const start = Number(page);
      const next = start + 2 < all.length ? { next_page_token: String(start + 2) } : {};
      return json({ metrics: all.slice(start, start + 2), ...next }); // short pages
    }
    case "runs/log-batch":
      return logBatch(server, run, { fields, isHalf });
    default:
      return new Response("<h1>Not Found</h1>", { status: 404 });
  }
}

function logBatch(
  { maxParamLength }: FakeServer,
  run: Run,
  { fields, isHalf }: { readonly fields: Fields; readonly isHalf: boolean },
): Response {
  const list = (name: string): Record<string, string>[] => {
    const items = (fields[name] ?? []) as Record<string, string>[];
    return isHalf ? items.slice(0, Math.ceil(items.length / 2)) : items;
  };
  for (const { key = "", value = "" } of list("params")) {
    if (value.length > maxParamLength) return refusal("INVALID_PARAMETER_VALUE");
    if ((run.params.get(key) ?? value) !== value) return refusal("INVALID_PARAMETER_VALUE");
  }
  for (const { key = "", value = "" } of list("params")) run.params.set(key, value);
  for (const { key = "", value = "" } of list("tags")) run.tags.set(key, value);
  for (const item of list("metrics")) {
    const { value } = item;
    const stored = value === "Infinity" ? Number.MAX_VALUE : value;
    run.metrics.push({ ...(item as never as Run["metrics"][number]), value: stored });
  }
  return json({});
}

function createRun(server: FakeServer, fields: Fields): Run {
  const runId = `run${server.runs.size + 1}`;
  const tags = (fields["tags"] ?? []) as { key: string; value: string }[];
  const info = {
    run_id: runId,
    run_name: fields["run_name"],
    status: "RUNNING",
    artifact_uri: `${server.artifactRoot}/1/${runId}/artifacts`,
  };
  const run: Run = {
    runId,
    experimentId: String(fields["experiment_id"]),
    info,
    params: new Map(),
    tags: new Map(tags.map(({ key, value }) => [key, value])),
    metrics: [],
  };
  server.runs.set(runId, run);
  return run;
}

function found({ runs }: FakeServer, filter: string): readonly Fields[] {
  const [, key = "", value] = /^tags\."([^"]+)" = '([^']+)'$/u.exec(filter) ?? [];
  return [...runs.values()].filter(({ tags }) => tags.get(key) === value).map(shown);
}

function shown({ info, params, tags, metrics }: Run): Fields {
  const list = (items: Map<string, string>): Fields[] =>
    Array.from(items, ([key, value]) => ({ key, value }));
  const latest = new Map<string, Run["metrics"][number]>();
  for (const metric of metrics) {
    if (metric.step >= (latest.get(metric.key)?.step ?? 0)) latest.set(metric.key, metric);
  }
  const data = { params: list(params), tags: list(tags), metrics: [...latest.values()] };
  return { info, data };
}

function missing(): Response {
  return json({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "not there" }, 404);
}

function refusal(code: string): Response {
  return json({ error_code: code, message: "too long, or taken" }, 400);
}

function json(value: Fields, status = 200): Response {
  return Response.json(value, { status });
}
