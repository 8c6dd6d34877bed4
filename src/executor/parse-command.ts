import { InputError, isJsonObject, type Json, type JsonObject } from "../base/index.ts";
import { parsePatch } from "../plan/index.ts";
import type { RunCommand } from "../run/index.ts";

/** What a client may put into the inbox. */
export type ClientCommand =
  | RunCommand
  | {
      readonly type: "start";
      readonly run: string;
      readonly plan: Json;
      readonly input: Json;
      readonly tags: readonly string[];
    }
  | {
      readonly type: "fork";
      readonly run: string;
      readonly source: string;
      readonly from: string;
      readonly tags: readonly string[];
    };

/** The inbox is another process's word: its shape is checked before it is believed. @throws {InputError} */
export function parseCommand(command: Json): ClientCommand {
  const fields = isJsonObject(command) ? command : {};
  const { type = null } = fields;
  switch (type) {
    case "start":
      return {
        type,
        run: text(fields, "run"),
        plan: fields["plan"] ?? null,
        input: fields["input"] ?? null,
        tags: tags(fields),
      };

    case "fork":
      return {
        type,
        run: text(fields, "run"),
        source: text(fields, "source"),
        from: text(fields, "from"),
        tags: tags(fields),
      };

    case "answer":
      return { type, wait: text(fields, "wait"), by: text(fields, "by"), value: fields["value"] ?? null };

    case "patch":
      return { type, run: text(fields, "run"), by: text(fields, "by"), patch: parsePatch(fields["patch"] ?? null) };

    case "cancel":
    case "rollback":
    case "retry":
    case "resume":
      return { type, run: text(fields, "run"), by: text(fields, "by"), ...why(fields) };

    default:
      throw new InputError("COMMAND_UNKNOWN", `There is no command ${JSON.stringify(type)}.`);
  }
}

function text(fields: JsonObject, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new InputError("COMMAND_INVALID", `The command ${JSON.stringify(fields["type"])} needs a text as \`${name}\`.`);
}

function tags({ tags: all }: JsonObject): readonly string[] {
  return Array.isArray(all) ? all.filter((tag) => typeof tag === "string") : [];
}

function why({ why: reason }: JsonObject): { readonly why?: string } {
  return typeof reason === "string" ? { why: reason } : {};
}
