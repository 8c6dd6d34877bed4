import { InputError, sha256 } from "../../base/index.ts";
import type { ToolSpec } from "../port.ts";

/** Names of tools as models may be told them, and back. */
export interface ToolNames {
  readonly toWire: (name: string) => string;
  /** A name that stands for no tool is given back as it is: whoever runs the call says that there is none. */
  readonly fromWire: (name: string) => string;
}

const LONGEST = 64;

/**
 * Maps the names of tools to what the wire allows (letters, digits, `_`, `-`, 64 characters at most): `shop.charge`
 * becomes `shop_charge`.
 *
 * @throws {InputError} MODEL_REQUEST_INVALID when two tools would have the same name.
 */
export function createToolNames(tools: readonly ToolSpec[]): ToolNames {
  const names = new Map<string, string>();
  for (const { name } of tools) {
    const wire = toWireName(name);
    const other = names.get(wire);
    if (other !== undefined) {
      const both = other === name ? `two tools named ${name}` : `${other} and ${name}, which are both ${wire} there`;
      throw new InputError(
        "MODEL_REQUEST_INVALID",
        `Expected tools that a model can tell apart, got ${both}. Rename one.`,
      );
    }
    names.set(wire, name);
  }
  return { toWire: toWireName, fromWire: (name) => names.get(name) ?? name };
}

function toWireName(name: string): string {
  const plain = name.replaceAll(/[^\w-]/gu, "_");
  if (plain.length > 0 && plain.length <= LONGEST) return plain;
  return `${plain.slice(0, LONGEST - 9)}_${sha256(name).slice(0, 8)}`;
}
