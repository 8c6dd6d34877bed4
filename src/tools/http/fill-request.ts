import { InputError, isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { fillJson, fillText, type PlaceholderScope } from "../placeholders.ts";

/**
 * Fills the placeholders of an undo or check request. In the URL each value is percent-encoded, so that an id from
 * another server stays one path segment or one parameter; only what stands at its very beginning is taken as it is.
 *
 * @throws {InputError} TOOL_PLACEHOLDER when a value is missing, or would climb in the path.
 */
export function fillRequest(template: JsonObject, scope: PlaceholderScope): Json {
  const { url, ...rest } = template;
  const filled = fillJson(rest, scope);
  if (typeof url !== "string") return url === undefined ? filled : { ...rest, url };
  const [, start = "", end = ""] = /^(\$\{[^}]*\})?(.*)$/su.exec(url) ?? [];
  return { ...toObject(filled), url: fillText(start, scope) + fillText(end, scope, encodeSegment) };
}

function encodeSegment(text: string, placeholder: string): string {
  if (text === "." || text === "..") {
    const message = `Cannot fill ${placeholder} with ${JSON.stringify(text)}: in a URL that would name another place. Check the value that the node gave.`;
    throw new InputError("TOOL_PLACEHOLDER", message);
  }
  return encodeURIComponent(text);
}

const toObject = (value: Json): JsonObject => (isJsonObject(value) ? value : {});
