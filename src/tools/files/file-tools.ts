import {
  defineAction,
  defineQuery,
  fromJsonSchema,
  type AnyAction,
  type AttemptContext,
  type Label,
} from "../../action/index.ts";
import { PermanentError, type Json, type JsonObject } from "../../base/index.ts";
import { createFileGateway, type FileGateway, type FileLimits } from "./gateway.ts";
import { hashOf, openVault, type Vault } from "./vault.ts";

/** How an agent may use files. */
export interface FileToolsOptions extends FileLimits {
  /** Only the queries. */
  readonly readOnly?: boolean;
  /** What was not written through these tools is not `untrusted`. */
  readonly trusted?: boolean;
  /** Put before the names, as `files` in `files.read`. Default: files. */
  readonly name?: string;
  /** Where replaced contents and labels are kept. Default: a folder beside the root. */
  readonly vault?: string;
}

/** What a change did, so that it can be undone. */
type Change = {
  readonly path: string;
  /** Hash of what was there; null: nothing. */
  readonly was: string | null;
  readonly is: string | null;
};

interface Desk {
  readonly gateway: FileGateway;
  readonly vault: Vault;
  readonly options: FileToolsOptions;
}

const path = {
  type: "string",
  minLength: 1,
  maxLength: 1_024,
  description: "Below the root, with / between its parts.",
} as const;
const text = { type: "string", maxLength: 1_000_000 } as const;

function object<T extends Json>(
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): ReturnType<typeof fromJsonSchema<T>> {
  return fromJsonSchema<T>({ type: "object", properties, required: [...required], additionalProperties: false });
}

/**
 * Tools for files below one root, for agents: `files.read`, `files.list`, `files.search`, and unless `readOnly`
 * `files.write`, `files.edit` and `files.delete`, whose undo brings the former content back if nobody has changed the file
 * since. Labels travel with files; what was not written through these tools is `untrusted`.
 */
export function fileTools(root: string, options: FileToolsOptions = {}): readonly AnyAction[] {
  const { name = "files", readOnly = false } = options;
  const desk: Desk = { gateway: createFileGateway(root, options), vault: openVault(root, options.vault), options };
  return readOnly ? queries(desk, name) : [...queries(desk, name), ...effects(desk, name)];
}

async function readText(desk: Desk, at: string, label: (...labels: readonly Label[]) => void): Promise<string> {
  const content = await desk.gateway.read(at);
  const { trusted = false } = desk.options;
  label(...((await desk.vault.labelsOf(at, hashOf(content))) ?? (trusted ? [] : ["untrusted"])));
  const decoded = new TextDecoder("utf-8", { fatal: false }).decode(content);
  if (content.includes(0)) throw new PermanentError("FILE_NOT_TEXT", `${JSON.stringify(at)} is not text.`);
  return decoded;
}

const LONGEST_LINE = 300;
const MOST_HITS = 100;
const MOST_SEARCHED = 2_000;

function queries(desk: Desk, name: string): readonly AnyAction[] {
  const { gateway } = desk;
  return [
    defineQuery(`${name}.read`, {
      description: "Reads a text file.",
      input: object<{ readonly path: string }>({ path }),
      output: fromJsonSchema<{ readonly text: string }>(true),
      run: async ({ input, label }) => ({ text: await readText(desk, input.path, label) }),
    }),
    defineQuery(`${name}.list`, {
      description: "Lists a folder; without a path, the root.",
      input: object<{ readonly path?: string }>({ path }, []),
      output: fromJsonSchema<JsonObject>(true),
      labels: desk.options.trusted === true ? {} : { gives: ["untrusted"] },
      run: async ({ input }) => {
        const { entries, isCut } = await gateway.list(input.path ?? "");
        return { entries: entries.map((entry) => ({ ...entry })), isCut };
      },
    }),
    defineQuery(`${name}.search`, {
      description: "Finds lines of text files that contain a text, as it stands.",
      input: object<{ readonly text: string; readonly path?: string }>({ text: { ...text, minLength: 1 }, path }, [
        "text",
      ]),
      output: fromJsonSchema<JsonObject>(true),
      run: async ({ input, label }) => search(desk, input, label),
    }),
  ];
}

async function search(
  desk: Desk,
  { text: wanted, path: from = "" }: { readonly text: string; readonly path?: string },
  label: (...labels: readonly Label[]) => void,
): Promise<JsonObject> {
  const open = [from];
  const hits: JsonObject[] = [];
  let searched = 0;
  for (let folder = open.pop(); folder !== undefined && hits.length < MOST_HITS; folder = open.pop()) {
    for (const { name, type } of (await desk.gateway.list(folder)).entries) {
      const at = folder === "" ? name : `${folder}/${name}`;
      if (type === "folder") open.push(at);
      else if ((searched += 1) > MOST_SEARCHED) return { hits, isCut: true };
      else hits.push(...(await linesIn(desk, { at, wanted }, label)));
    }
  }
  return { hits: hits.slice(0, MOST_HITS), isCut: hits.length > MOST_HITS };
}

/** What can't be read as text has no lines. */
async function linesIn(
  desk: Desk,
  { at, wanted }: { readonly at: string; readonly wanted: string },
  label: (...labels: readonly Label[]) => void,
): Promise<readonly JsonObject[]> {
  try {
    const named: Label[] = [];
    const lines = (await readText(desk, at, (...labels) => void named.push(...labels))).split("\n");
    const hits = lines.flatMap((line, index) =>
      line.includes(wanted) ? [{ path: at, line: index + 1, text: line.slice(0, LONGEST_LINE) }] : [],
    );
    if (hits.length > 0) label(...named);
    return hits;
  } catch (error) {
    if (PermanentError.is(error)) return [];
    throw error;
  }
}

const Changed = fromJsonSchema<Change>(true);

function effects(desk: Desk, name: string): readonly AnyAction[] {
  const undo = ({ output }: { readonly output: Change }): Promise<void> => takeBack(desk, output);
  return [
    defineAction(`${name}.write`, {
      description: "Writes a text file, new or in place of what is there.",
      input: object<{ readonly path: string; readonly text: string }>({ path, text }),
      output: Changed,
      repeat: "keyed",
      undo,
      run: ({ input, labels, key }) => put(desk, { at: input.path, content: Buffer.from(input.text), labels, key }),
    }),
    defineAction(`${name}.edit`, {
      description: "Replaces a text that stands in a file exactly once.",
      input: object<{ readonly path: string; readonly from: string; readonly to: string }>({
        path,
        from: { ...text, minLength: 1 },
        to: text,
      }),
      output: Changed,
      repeat: "keyed",
      undo,
      run: (context) => edit(desk, context),
    }),
    defineAction(`${name}.delete`, {
      description: "Deletes a file.",
      input: object<{ readonly path: string }>({ path }),
      output: Changed,
      repeat: "keyed",
      undo,
      run: ({ input, key }) => put(desk, { at: input.path, content: undefined, labels: [], key }),
    }),
  ];
}

interface Put {
  readonly at: string;
  /** Undefined: it is to be gone. */
  readonly content: Buffer | undefined;
  readonly labels: readonly Label[];
  readonly key: string;
}

/** A second attempt finds what the first one noted, so that it does not take its own work for what was there before. */
async function put({ gateway, vault }: Desk, { at, content, labels, key }: Put): Promise<Change> {
  const noted = await vault.noteOf(key);
  const before = await gateway.find(at);
  if (content === undefined && before === undefined && noted === undefined)
    throw new PermanentError("FILE_NOT_FOUND", `There is no ${JSON.stringify(at)} to delete.`);
  const was = noted ?? { was: before === undefined ? null : await vault.keep(before) };
  if (noted === undefined) await vault.note(key, was);
  const is = content === undefined ? null : hashOf(content);
  if (content !== undefined) {
    await vault.setLabels(at, hashOf(content), labels);
    await gateway.write(at, content);
  } else if (before !== undefined) await gateway.remove(at);
  return { path: at, was: was.was, is };
}

async function edit(
  desk: Desk,
  { input, labels, key }: AttemptContext<{ readonly path: string; readonly from: string; readonly to: string }>,
): Promise<Change> {
  const noted = await desk.vault.noteOf(key);
  const before =
    noted?.was === undefined || noted.was === null
      ? await desk.gateway.read(input.path)
      : await desk.vault.fetch(noted.was);
  const known =
    (await desk.vault.labelsOf(input.path, hashOf(before))) ??
    (desk.options.trusted === true ? [] : ["untrusted" as const]);
  const parts = before.toString("utf8").split(input.from);
  if (parts.length !== 2)
    throw new PermanentError(
      "FILE_EDIT_UNFIT",
      `The text to replace stands ${parts.length - 1} times in ${JSON.stringify(input.path)}; it must stand there once. Read the file again.`,
    );
  const content = Buffer.from(parts.join(input.to));
  return put(desk, { at: input.path, content, labels: [...new Set([...labels, ...known])], key });
}

/** Brings back what was there, unless someone has changed the file since. */
async function takeBack({ gateway, vault }: Desk, { path: at, was, is }: Change): Promise<void> {
  const now = await gateway.find(at);
  const hash = now === undefined ? null : hashOf(now);
  if (hash === was) return;
  if (hash !== is)
    throw new PermanentError(
      "FILE_CHANGED",
      `${JSON.stringify(at)} was changed by someone else since. Bring it to what it should be by hand: the former content is ${was ?? "none"} in ${vault.folder}.`,
    );
  if (was === null) await gateway.remove(at);
  else await gateway.write(at, await vault.fetch(was));
}
