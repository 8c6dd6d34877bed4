import type { AttemptContext } from "../../action/index.ts";
import { sha256 } from "../../base/index.ts";
import type { Desk } from "./desk.ts";
import { labelsOf } from "./labels.ts";

/**
 * Reads a file and says its labels. In turn with the changes: once a file is replaced, the labels of what was there are no
 * longer known, and whoever read it just before would miss them.
 */
export async function readLabelled(
  { gateway, vault, isTrusted, inTurn }: Desk,
  path: string,
  { label }: Pick<AttemptContext<unknown>, "label">,
): Promise<Buffer> {
  return await inTurn(async () => {
    const content = await gateway.read(path);
    label(...(await labelsOf(vault, { path, hash: sha256(content) }, isTrusted)));
    return content;
  });
}
