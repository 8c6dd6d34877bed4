export { lessonTools, memoryTools, type Recalled } from "./actions.ts";
export type { Entry, Forget, NewEntry, Query } from "./entry.ts";
export { openMemory, type Lesson, type Memory, type MemoryOptions } from "./memory.ts";
export { fitWindow, type Window, type WindowOptions } from "./window.ts";
