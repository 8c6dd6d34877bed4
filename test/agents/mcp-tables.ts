/** The reference servers of MCP, and a sensible input for each of their tools. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { JsonObject } from "../../src/base/index.ts";

/** One call, in the order in which they are made; its output, as JSON, has to hold `gives`. */
interface SampleCall {
  readonly tool: string;
  readonly input: JsonObject;
  readonly gives: string;
}

/** A server, how it is started, and what is done with it. */
export interface SampleServer {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly calls: readonly SampleCall[];
  /** Tools that can't be called from here, and why. */
  readonly uncallable: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);

/** Gives the program of an installed reference server. */
export function toProgram(name: string): readonly string[] {
  return [process.execPath, require.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`)];
}

const call = (tool: string, input: JsonObject, gives: string): SampleCall => ({ tool, input, gives });

/** What the server "everything" offers to a client without sampling, elicitation and roots. */
export const EVERYTHING: Pick<SampleServer, "calls" | "uncallable"> = {
  calls: [
    call("echo", { message: "hello" }, "Echo: hello"),
    call("get-annotated-message", { messageType: "success", includeImage: true }, '"omitted":"binary"'),
    call("get-env", {}, "PATH"),
    call("get-resource-links", { count: 2 }, '"type":"resource_link"'),
    call("get-resource-reference", { resourceType: "Text", resourceId: 1 }, '"uri":"demo://resource/dynamic/text/1"'),
    call("get-structured-content", { location: "New York" }, '"temperature":33'),
    call("get-sum", { a: 2, b: 40 }, "42"),
    call("get-tiny-image", {}, '"mimeType":"image/png"'),
    call(
      "gzip-file-as-resource",
      { name: "a.gz", data: "data:text/plain,aaaa", outputType: "resource" },
      '"mimeType":"application/gzip"',
    ),
    call("toggle-simulated-logging", {}, "logging"),
    call("toggle-simulated-logging", {}, "Stopped"),
    call("toggle-subscriber-updates", {}, "updates"),
    call("toggle-subscriber-updates", {}, "Stopped"),
    call("trigger-long-running-operation", { duration: 0.2, steps: 2 }, "completed"),
  ],
  uncallable: { "simulate-research-query": "it can only be called as an MCP task" },
};

/** Tools that "everything" has, and lists only to clients that offer what they need. Pawl offers none of it. */
export const EVERYTHING_UNLISTED: Readonly<Record<string, string>> = {
  "get-roots-list": "needs roots",
  "trigger-elicitation-request": "needs elicitation",
  "trigger-elicitation-request-async": "needs elicitation and tasks",
  "trigger-sampling-request": "needs sampling",
  "trigger-sampling-request-async": "needs sampling and tasks",
  "trigger-url-elicitation": "needs elicitation by URL",
};

/** The servers that speak over pipes; they work in `folder`. */
export function toSampleServers(folder: string): readonly SampleServer[] {
  const at = (name: string): string => join(folder, name);
  const ada = { name: "Ada", entityType: "person", observations: ["writes programs"] };
  const knows = { from: "Ada", to: "Ada", relationType: "knows" };
  return [
    { name: "everything", command: [...toProgram("everything"), "stdio"], env: {}, ...EVERYTHING },
    {
      name: "filesystem",
      command: [...toProgram("filesystem"), folder],
      env: {},
      calls: [
        call("list_allowed_directories", {}, folder),
        call("create_directory", { path: at("new") }, "Successfully created"),
        call("write_file", { path: at("new/a.txt"), content: "one\ntwo\n" }, "Successfully wrote"),
        call("read_file", { path: at("new/a.txt") }, "one\\ntwo"),
        call("read_text_file", { path: at("new/a.txt"), head: 1 }, "one"),
        call("read_media_file", { path: at("new/a.txt") }, "content"),
        call("read_multiple_files", { paths: [at("new/a.txt")] }, "two"),
        call("edit_file", { path: at("new/a.txt"), edits: [{ oldText: "two", newText: "three" }] }, "+three"),
        call("list_directory", { path: at("new") }, "[FILE] a.txt"),
        call("list_directory_with_sizes", { path: at("new") }, "a.txt"),
        call("directory_tree", { path: folder }, "a.txt"),
        call("get_file_info", { path: at("new/a.txt") }, "size"),
        call("search_files", { path: folder, pattern: "**/*.txt" }, at("new/a.txt")),
        call("move_file", { source: at("new/a.txt"), destination: at("new/b.txt") }, "Successfully moved"),
      ],
      uncallable: {},
    },
    {
      name: "memory",
      command: toProgram("memory"),
      env: { MEMORY_FILE_PATH: at("memory.jsonl") },
      calls: [
        call("create_entities", { entities: [ada] }, "writes programs"),
        call("create_relations", { relations: [knows] }, "knows"),
        call("add_observations", { observations: [{ entityName: "Ada", contents: ["plays chess"] }] }, "plays chess"),
        call("search_nodes", { query: "chess" }, "Ada"),
        call("open_nodes", { names: ["Ada"] }, "person"),
        call("delete_observations", { deletions: [{ entityName: "Ada", observations: ["plays chess"] }] }, "deleted"),
        call("delete_relations", { relations: [knows] }, "deleted"),
        call("read_graph", {}, '"relations":[]'),
        call("delete_entities", { entityNames: ["Ada"] }, "deleted"),
      ],
      uncallable: {},
    },
  ];
}
