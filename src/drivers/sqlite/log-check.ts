import { existsSync, readFileSync } from "node:fs";
import { journalDamaged } from "../../store/index.ts";

/*
 * Looks for damage in a write-ahead log that a crash left behind, before SQLite reads it.
 *
 * SQLite takes the log up to the first frame whose checksum is wrong, and silently forgets the rest: after a crash that
 * is usually the commit that never finished. But each commit is synchronised before the next one is written, so a wrong
 * frame that a later commit follows was once whole: it is damage, and finished work would be lost.
 *
 * 1. Only the very last commit in the log can't be judged: it looks the same as one that never finished.
 * 2. Frames of an earlier use of the log have other salts; they end it like the end of the file.
 *
 * Format: https://sqlite.org/fileformat2.html#the_write_ahead_log. Reading the file here is harmless: SQLite's locks are
 * on the other two.
 */

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;

/** @throws {DefectError} JOURNAL_DAMAGED if commits that were reported as durable would be forgotten. */
export function refuseDamagedLog(database: string): void {
  const path = `${database}-wal`;
  const fault = faultThatStays(path);
  if (fault === undefined) return;
  throw journalDamaged(
    `The write-ahead log ${path}`,
    `${fault}, so commits after it would be lost; without the log the folder holds what was committed before it`,
  );
}

/** Another process may be writing the log while it is read here; only real damage looks the same each time. */
function faultThatStays(path: string): string | undefined {
  let before: string | undefined;
  for (;;) {
    const fault = existsSync(path) ? findLogDamage(readFileSync(path)) : undefined;
    if (fault === undefined || fault === before) return fault;
    before = fault;
  }
}

interface Log {
  readonly bytes: DataView;
  readonly pageSize: number;
  readonly isLittleEndian: boolean;
  readonly frames: number;
}

interface Checksum {
  readonly one: number;
  readonly two: number;
}

/** Gives what is wrong with the log, or undefined if at most its last commit is unfinished. */
export function findLogDamage(content: Uint8Array): string | undefined {
  if (content.length < HEADER + FRAME_HEADER) return undefined;
  const bytes = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const magic = bytes.getUint32(0);
  const isLittleEndian = magic === MAGIC_LITTLE_ENDIAN;
  const sum = addChecksum(bytes, { from: 0, to: FRAME_HEADER, isLittleEndian }, { one: 0, two: 0 });
  const isKnown = isLittleEndian || magic === MAGIC_BIG_ENDIAN;
  if (!isKnown || !isSum(bytes, FRAME_HEADER, sum)) return "its header is not as it was written";
  const pageSize = bytes.getUint32(8);
  const frames = Math.floor((content.length - HEADER) / (FRAME_HEADER + pageSize));
  const log = { bytes, pageSize, isLittleEndian, frames };
  const broken = firstBroken(log, sum);
  if (broken === frames || !hasLaterCommit(log, broken)) return undefined;
  return `frame ${broken + 1} of ${frames} is not as it was written`;
}

function offsetOf(log: Log, frame: number): number {
  return HEADER + frame * (FRAME_HEADER + log.pageSize);
}

/** Index of the first frame that does not fit, or the number of frames. */
function firstBroken(log: Log, start: Checksum): number {
  let sum = start;
  for (let frame = 0; frame < log.frames; frame += 1) {
    const { bytes, isLittleEndian } = log;
    const at = offsetOf(log, frame);
    sum = addChecksum(bytes, { from: at, to: at + 8, isLittleEndian }, sum);
    const page = at + FRAME_HEADER;
    sum = addChecksum(bytes, { from: page, to: page + log.pageSize, isLittleEndian }, sum);
    if (!hasSalt(log, frame) || !isSum(bytes, at + 16, sum)) return frame;
  }
  return log.frames;
}

/** Tells whether a frame of a later commit follows: one that stands after the end of the broken frame's own commit. */
function hasLaterCommit(log: Log, broken: number): boolean {
  let frame = broken;
  while (frame < log.frames && !isCommit(log, frame)) frame += 1;
  for (frame += 1; frame < log.frames; frame += 1) if (hasSalt(log, frame)) return true;
  return false;
}

function isCommit(log: Log, frame: number): boolean {
  return hasSalt(log, frame) && log.bytes.getUint32(offsetOf(log, frame) + 4) !== 0;
}

function hasSalt(log: Log, frame: number): boolean {
  const at = offsetOf(log, frame) + 8;
  return log.bytes.getUint32(at) === log.bytes.getUint32(16) && log.bytes.getUint32(at + 4) === log.bytes.getUint32(20);
}

function isSum(bytes: DataView, at: number, sum: Checksum): boolean {
  return bytes.getUint32(at) === sum.one && bytes.getUint32(at + 4) === sum.two;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly isLittleEndian: boolean;
}

/** The Fibonacci-weighted checksum of section 4.2 of the format. */
function addChecksum(bytes: DataView, range: Range, start: Checksum): Checksum {
  let { one, two } = start;
  for (let at = range.from; at < range.to; at += 8) {
    one = (one + bytes.getUint32(at, range.isLittleEndian) + two) >>> 0;
    two = (two + bytes.getUint32(at + 4, range.isLittleEndian) + one) >>> 0;
  }
  return { one, two };
}
