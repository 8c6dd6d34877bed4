import { defineQuery, type AnyAction, type AttemptContext } from "../../action/index.ts";
import { cutText } from "../net/read-text.ts";
import type { Desk } from "./desk.ts";
import { nameLabelsOf } from "./labels.ts";
import { childOf } from "./parts.ts";
import { readLabelled } from "./read-labelled.ts";
import { object, PATH } from "./schemas.ts";
import { searchFiles, type Found } from "./search.ts";
import { toText } from "./text.ts";

/** Which lines of a file. */
type ReadInput = { readonly path: string; readonly from?: number; readonly lines?: number };
type ReadOutput = { readonly text: string; readonly lines: number; readonly isCut: boolean };
type ListInput = { readonly path?: string };
type Entry = { readonly name: string; readonly type: "file" | "folder"; readonly bytes: number };
type ListOutput = { readonly entries: readonly Entry[]; readonly hidden: number; readonly isCut: boolean };
type SearchInput = { readonly text: string; readonly path?: string };

/** Of the text that is given at once. */
const MOST_TEXT_BYTES = 65_536;
const FOLDER_PATH = { ...PATH, description: "A folder below the root. Default: the root." } as const;
const count = { type: "integer", minimum: 1 } as const;

/** The tools that only look. What they give is labelled as the files are, and so are names. */
export function defineQueries(desk: Desk): readonly AnyAction[] {
  return [defineRead(desk), defineList(desk), defineSearch(desk)];
}

function defineRead(desk: Desk): AnyAction {
  return defineQuery(`${desk.name}.read`, {
    description:
      "Reads a text file, or some of its lines, and tells how many lines it has. Long text is cut; ask for the rest by " +
      "`from`. Images and other binary files are refused.",
    input: object<ReadInput>(
      { path: PATH, from: { ...count, description: "The first line. Default: 1." }, lines: count },
      ["from", "lines"],
    ),
    output: object<ReadOutput>({ text: { type: "string" }, lines: { type: "integer" }, isCut: { type: "boolean" } }),
    run: async ({ input: { path, from = 1, lines: wanted = Infinity }, label }) => {
      const content = await readLabelled(desk, path, { label });
      const lines = toText(content, path).split(/(?<=\n)/u);
      const { text, isCut } = cutText(lines.slice(from - 1, from - 1 + wanted).join(""), MOST_TEXT_BYTES);
      return { text, lines: lines.length, isCut };
    },
  });
}

function defineList(desk: Desk): AnyAction {
  const entry = {
    type: "object",
    properties: { name: { type: "string" }, type: { enum: ["file", "folder"] }, bytes: { type: "integer" } },
    required: ["name", "type", "bytes"],
    additionalProperties: false,
  } as const;
  return defineQuery(`${desk.name}.list`, {
    description:
      "Lists the files and folders in a folder. Links and special files are not shown, only counted as hidden.",
    input: object<ListInput>({ path: FOLDER_PATH }, ["path"]),
    output: object<ListOutput>({
      entries: { type: "array", items: entry },
      hidden: { type: "integer" },
      isCut: { type: "boolean" },
    }),
    labels: desk.isTrusted ? {} : { gives: ["untrusted"] },
    run: async ({ input: { path = "" }, label }) => {
      const listing = await desk.gateway.list(path);
      for (const { name } of listing.entries) label(...(await nameLabelsOf(desk.vault, childOf(path, name))));
      return { ...listing };
    },
  });
}

function defineSearch(desk: Desk): AnyAction {
  const hit = {
    type: "object",
    properties: { path: { type: "string" }, line: { type: "integer" }, text: { type: "string" } },
    required: ["path", "line", "text"],
    additionalProperties: false,
  } as const;
  return defineQuery(`${desk.name}.search`, {
    description:
      "Finds the lines of text files that contain a text exactly as given (no pattern, case matters), in a folder and all " +
      "below it.",
    input: object<SearchInput>({ text: { type: "string", minLength: 1, maxLength: 1_000 }, path: FOLDER_PATH }, [
      "path",
    ]),
    output: object<Found>({
      hits: { type: "array", items: hit },
      files: { type: "integer", description: "How many were searched." },
      skipped: { type: "integer", description: "What could not be read as text." },
      isCut: { type: "boolean", description: "Not everything was searched or given." },
    }),
    labels: desk.isTrusted ? {} : { gives: ["untrusted"] },
    run: async (context: AttemptContext<SearchInput>) => await searchFiles(desk, context),
  });
}
