import { defineConfig } from "pawl";
import { resize } from "./resize.ts";

export default defineConfig({ use: [resize], resources: { printer: 2 } });
