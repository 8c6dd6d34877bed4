import type { AttemptContext } from "../../action/index.ts";
import { mayAct } from "../net/method.ts";
import { readBytes } from "../net/read-bytes.ts";
import { openUrl, toHttpFailure } from "./open-url.ts";
import type { HttpRequest } from "./options.ts";
import type { Answer } from "./outcome.ts";

/** Sends a request for an attempt, with the attempt's key where it may act, and reads the answer. */
export async function exchange(request: HttpRequest, context: AttemptContext<unknown>): Promise<Answer> {
  const { signal, alive, key } = context;
  const headers = {
    "user-agent": "pawl",
    ...request.headers,
    ...(mayAct(request.method) && { [request.keyHeader]: key }),
  };
  const response = await openUrl({ ...request, headers, signal });
  alive();
  try {
    const body = await readBytes(response, request.maxResponseBytes, alive);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    throw toHttpFailure(error);
  }
}
