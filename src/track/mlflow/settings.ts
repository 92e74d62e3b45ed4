/** Where MLflow is, from an option or from the variables that its own clients read. */
import { ExpError } from "../../core/errors.ts";
import type { ServerAccess } from "./client.ts";

/** Variables of the environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

const example =
  "For example http://127.0.0.1:5000: by MLFLOW_TRACKING_URI, by --url, or by url in the entry of tracking.";

/**
 * The server, and who we are to it.
 * @param url - Without it, that of `MLFLOW_TRACKING_URI`. A user and a password in it are used and told nowhere.
 * @throws {ExpError} `usage` where no server is named, or none that requests can reach.
 */
export function mlflowAccess(variables: Variables, url?: string): ServerAccess {
  const text = url ?? variables["MLFLOW_TRACKING_URI"] ?? "";
  if (text === "") {
    throw new ExpError("usage", "No MLflow server is named.", { hint: example });
  }
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/u.test(parsed.protocol)) {
    // What comes before `@` may be a password.
    const shown = JSON.stringify(text.replace(/^(.*:\/\/)?[^/]*@/su, "$1…@"));
    throw new ExpError("usage", `${shown} is no address of an MLflow server.`, {
      hint: `It must begin with http:// or https://. ${example} Folders and databases are opened by a server: mlflow server --backend-store-uri …`,
    });
  }
  const authorization = authorizationOf(variables, parsed);
  const { origin, pathname } = parsed;
  const address = `${origin}${pathname.replace(/\/+$/u, "")}`;
  return { url: address, ...(authorization !== undefined && { authorization }) };
}

/** The name of the experiment that all runs go to, if one is named. */
export function mlflowExperiment(variables: Variables, name?: string): string | undefined {
  const text = name ?? variables["MLFLOW_EXPERIMENT_NAME"] ?? "";
  return text === "" ? undefined : text;
}

function authorizationOf(variables: Variables, { username, password }: URL): string | undefined {
  const token = variables["MLFLOW_TRACKING_TOKEN"] ?? "";
  const user = variables["MLFLOW_TRACKING_USERNAME"] ?? "";
  if (user !== "") return basic(user, variables["MLFLOW_TRACKING_PASSWORD"] ?? "");
  if (token !== "") {
    if (/[^\u0021-\u007e]/u.test(token)) {
      throw new ExpError(
        "usage",
        "MLFLOW_TRACKING_TOKEN holds a space or a letter that no token has.",
        {
          hint: "Look for a line break at its end.",
        },
      );
    }
    return `Bearer ${token}`;
  }
  return username === "" ? undefined : basic(decoded(username), decoded(password));
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
