import { defineAction, type AnyAction } from "../../action/index.ts";
import { PermanentError, sha256, type JsonSchemaOf } from "../../base/index.ts";
import { change, checkChange, takeBack, type Change, type Order } from "./change.ts";
import type { Desk } from "./desk.ts";
import { missing } from "./refusals.ts";
import { object, PATH } from "./schemas.ts";
import { toText } from "./text.ts";

type WriteInput = { readonly path: string; readonly text: string };
type EditInput = { readonly path: string; readonly from: string; readonly to: string };
type DeleteInput = { readonly path: string };

const TEXT = { type: "string", maxLength: 16_777_216 } as const;
const CHANGE = {
  path: { type: "string" },
  hash: { type: ["string", "null"], description: "SHA-256 of what is there now; null: nothing." },
  bytes: { type: "integer" },
} as const;

/** The tools that change files. */
export function defineEffects(desk: Desk): readonly AnyAction[] {
  return [
    defineChange<WriteInput>(desk, "write", {
      description: "Writes a text file, new or in place of the whole file that is there. Makes the folders on the way.",
      input: object<WriteInput>({ path: PATH, text: TEXT }),
      toOrder: ({ text }) => ({ toNext: () => Buffer.from(text), inherits: false }),
    }),
    defineChange<EditInput>(desk, "edit", {
      description:
        "Replaces a text in a text file by another. The text to replace must stand there exactly as given, and exactly " +
        "once: take enough of what is around it.",
      input: object<EditInput>({ path: PATH, from: { ...TEXT, minLength: 1 }, to: TEXT }),
      toOrder: (input) => ({ toNext: (found) => edited(demandFound(found, input).content, input), inherits: true }),
    }),
    defineChange<DeleteInput>(desk, "delete", {
      description: "Deletes a file. Folders are not deleted.",
      input: object<DeleteInput>({ path: PATH }),
      toOrder: (input) => ({ toNext: (found) => void demandFound(found, input), inherits: false }),
    }),
  ];
}

interface Kind<Input extends DeleteInput> {
  readonly description: string;
  readonly input: JsonSchemaOf<Input>;
  readonly toOrder: (input: Input) => Pick<Order, "toNext" | "inherits">;
}

/**
 * All exclude each other: undos then come in the reverse order. What stands there tells a second attempt what the first one
 * did, and an undo does nothing where nothing was done.
 */
function defineChange<Input extends DeleteInput>(desk: Desk, verb: string, kind: Kind<Input>): AnyAction {
  return defineAction(`${desk.name}.${verb}`, {
    description: kind.description,
    input: kind.input,
    output: object<Change>(CHANGE),
    repeat: "keyed",
    undoesUnknown: true,
    resources: [`files:${sha256(desk.gateway.root).slice(0, 16)}`],
    run: async (context) => {
      const order = { path: context.input.path, context, ...kind.toOrder(context.input) };
      return await desk.inTurn(() => change(desk, order));
    },
    undo: async ({ input: { path }, undoes, output }) =>
      await desk.inTurn(() => takeBack(desk, { path, undoes, output })),
    check: async ({ input: { path }, key }) => await desk.inTurn(() => checkChange(desk, { path, key })),
  });
}

function demandFound<T>(found: T | undefined, { path }: DeleteInput): T {
  if (found === undefined) throw missing(path);
  return found;
}

function edited(content: Uint8Array, { path, from, to }: EditInput): Uint8Array {
  const parts = toText(content, path).split(from);
  if (parts.length === 2) return Buffer.from(parts.join(to));
  const message = `The text to replace stands ${parts.length - 1} times in ${JSON.stringify(path)}; it must stand there once. Read the file again, and take more of what is around it.`;
  throw new PermanentError("FILE_EDIT_UNFIT", message);
}
