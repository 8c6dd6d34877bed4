import type { Definition } from "../../action/index.ts";
import { allTools, findTools, pinTool, type ToolRow } from "../agents/tool-table.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { table } from "../table.ts";
import { oneLine, toJsonText } from "../text.ts";

/** `pawl tools ls`. */
export async function performToolsLs(context: CliContext): Promise<number> {
  const config = await loadConfig(context);
  const named = context.options.text("tools");
  const rows: readonly ToolRow[] =
    named === undefined
      ? allTools(config)
      : named.split(",").flatMap((name) =>
          findTools([pinTool(name, context.cwd)], config).map((action) => ({
            name,
            action,
            description: action.description,
          })),
        );
  if (context.isJson) context.write(toJsonText({ tools: rows.map(toRowOut) }));
  else for (const line of table(rows.map((row) => toCells(row, context)))) context.write(line);
  return EXIT.ok;
}

function toRowOut({ name, action, description = "" }: ToolRow): object {
  const { definition } = action;
  const base = { name, kind: kindOf(definition), description };
  if (definition.tag !== "effect")
    return { ...base, repeat: null, undo: null, gives: [], refuses: [], isApproved: false };
  const { repeat, undo, gives, refuses, isApproved } = definition;
  return { ...base, repeat, undo: typeof undo === "function" ? "possible" : undo, gives, refuses, isApproved };
}

function kindOf(definition: Definition): string {
  switch (definition.tag) {
    case "effect":
      return definition.isQuery ? "query" : "action";
    case "by-node":
      return "in plan files only";
    case "choice":
      return "choice";
    case "plan":
      return definition.grow === undefined ? "plan" : "agent";
  }
}

function toCells({ name, action, description }: ToolRow, { paint }: CliContext): readonly string[] {
  return [
    paint("bold", oneLine(name)),
    natureOf(action.definition),
    labelsOf(action.definition),
    paint("dim", shorten(oneLine(description ?? ""))),
  ];
}

const LONGEST = 90;

function shorten(text: string): string {
  const sentence = /^.*?\.(?= |$)/u.exec(text)?.[0] ?? text;
  return sentence.length > LONGEST ? `${sentence.slice(0, LONGEST - 1)}…` : sentence;
}

/** What an effect means for those who may have to repeat it or take it back. */
function natureOf(definition: Definition): string {
  if (definition.tag !== "effect" || definition.isQuery) return kindOf(definition);
  const undo =
    typeof definition.undo === "function"
      ? "can be undone"
      : definition.undo === "impossible"
        ? "can't be undone"
        : "needs no undo";
  return `action, repeat ${definition.repeat}, ${undo}${definition.isApproved ? ", approved" : ""}`;
}

function labelsOf(definition: Definition): string {
  if (definition.tag !== "effect") return "";
  const gives = definition.gives.length > 0 ? [`gives ${definition.gives.join(", ")}`] : [];
  const refuses = definition.refuses.length > 0 ? [`refuses ${definition.refuses.join(", ")}`] : [];
  return [...gives, ...refuses].join("; ");
}
