import { basename, dirname, join, resolve } from "node:path";
import type { AnyAction } from "../../action/index.ts";
import { complain, openFields, refuseProblems, take } from "../fields.ts";
import { flag, someText } from "../kinds.ts";
import { createTurns } from "./desk.ts";
import { defineEffects } from "./effects.ts";
import { createFileGateway, type FileLimits } from "./gateway.ts";
import { defineQueries } from "./queries.ts";
import { isWithin, openVault } from "./vault.ts";

/** How an agent may use files. */
export interface FileToolsOptions extends FileLimits {
  /** Only the queries. */
  readonly readOnly?: boolean;
  /** What was not written through these tools is not `untrusted`. */
  readonly trusted?: boolean;
  /** Put before the names, as `files` in `files.read`. Default: files. */
  readonly name?: string;
  /**
   * Where former contents and labels are kept; it must be outside the root. Default: the folder `.NAME-pawl` beside the
   * root. It grows with every change; when no run needs its rollback any more, it may be deleted, and labels with it.
   */
  readonly vault?: string;
}

/**
 * Tools for files below one root, for agents: `files.read`, `files.list`, `files.search`, and unless `readOnly`
 * `files.write`, `files.edit` and `files.delete`, whose undo brings the former content back if nobody has changed the file
 * since. Labels travel with files; what was not written through these tools is `untrusted`.
 *
 * @throws {InputError} TOOL_OPTIONS; a call throws what the gateway throws, and {PermanentError} FILE_NOT_TEXT,
 *   FILE_EDIT_UNFIT.
 */
export function fileTools(root: string, options: FileToolsOptions = {}): readonly AnyAction[] {
  const { maxBytes, maxEntries, ...rest } = options;
  const limits = { ...(maxBytes !== undefined && { maxBytes }), ...(maxEntries !== undefined && { maxEntries }) };
  const gateway = createFileGateway(root, limits);
  const { name, vault, isReadOnly, isTrusted } = readOptions(gateway.root, rest);
  const desk = { name, gateway, vault: openVault(vault, gateway.root), isTrusted, inTurn: createTurns() };
  return isReadOnly ? defineQueries(desk) : [...defineQueries(desk), ...defineEffects(desk)];
}

interface Settings {
  readonly name: string;
  readonly vault: string;
  readonly isReadOnly: boolean;
  readonly isTrusted: boolean;
}

function readOptions(root: string, options: Omit<FileToolsOptions, keyof FileLimits>): Settings {
  const known = ["readOnly", "trusted", "name", "vault"];
  const fields = openFields({ ...options }, { path: "fileTools", code: "TOOL_OPTIONS", isTemplate: false, known });
  const settings = {
    name: take(fields, "name", someText) ?? "files",
    vault: resolve(take(fields, "vault", someText) ?? join(dirname(root), `.${basename(root)}-pawl`)),
    isReadOnly: take(fields, "readOnly", flag) ?? false,
    isTrusted: take(fields, "trusted", flag) ?? false,
  };
  if (isWithin(settings.vault, root) || isWithin(root, settings.vault)) {
    const fix = "Give a folder where whoever else uses the root can't change it.";
    complain(fields, "vault", { expected: "a folder beside the root", got: "one inside it or around it", fix });
  }
  refuseProblems("The tools for files cannot be made", fields.problems);
  return settings;
}
