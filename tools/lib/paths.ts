import { fileURLToPath } from "node:url";

/** The repository's root folder, with a separator at the end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
