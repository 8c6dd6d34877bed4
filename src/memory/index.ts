export { lessonTools, memoryTools, type MemoryToolOptions } from "./actions.ts";
export type { MemoryOptions } from "./core.ts";
export type { Entry, EntryType, Forget, Lesson, NewEntry, NewEpisode, Query, Story } from "./entry.ts";
export { openMemory, type Memory } from "./memory.ts";
export { fitWindow, type Window, type WindowOptions } from "./window.ts";
