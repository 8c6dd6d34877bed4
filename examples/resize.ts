import { z } from "zod";
import { defineProcess } from "pawl";

export const resize = defineProcess("resize", {
  input: z.object({ file: z.string(), width: z.int() }),
  output: z.object({ file: z.string() }),
  command: ({ file, width }) => ["./resize", `--width=${width}`, "--", file],
  repeat: "safe",
  undo: { command: ({ output }) => ["rm", "-f", "--", output.file] },
});
