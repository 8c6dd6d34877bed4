import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { AgentExecutor, RuntimeFailure, type Client, type Run, type RunEvent, type StoredEvent } from "../../index.ts";
import { openCarrier } from "./carrier.ts";
import { ORDER_PLAN } from "./order-plan.ts";
import { openShop, type Books, type Shop } from "./shop.ts";
import { money, tell, tellThought, type Stage } from "./story.ts";

/** What the demo is played with. */
export interface DemoOptions extends Stage {
  readonly dir: string;
  /** Whether someone sits at a terminal who can answer the approval. */
  readonly isInteractive: boolean;
}

interface Scene extends DemoOptions {
  readonly client: Client;
  readonly shop: Shop;
  readonly carrier: string;
  /** Number of the first order of this performance. */
  readonly first: number;
}

/**
 * Plays the demo: three orders of a real small shop, one of which is rolled back and one of which loses its worker in
 * the middle of a charge. Gives the exit code: 0 if the books balance to the cent.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { dir, write, paint } = options;
  const folder = join(dir, "demo");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "order.yaml"), ORDER_PLAN);
  const shop = openShop(folder);
  const carrier = await openCarrier();
  await (await AgentExecutor.open({ dir })).close(); // makes the folder
  const client = await AgentExecutor.connect({ dir });
  try {
    const scene: Scene = { ...options, client, shop, carrier: carrier.url, first: await nextOrder(client) };
    write(`A coffee shop takes three orders. The plan: ${paint("cyan", join(folder, "order.yaml"))}`);
    await bigOrder(scene);
    await brokenOrder(scene);
    await killedOrder(scene);
    await killedAgent(scene);
    return closeBooks(scene);
  } finally {
    await client.close();
    await carrier.close();
    shop.close();
  }
}

async function nextOrder(client: Client): Promise<number> {
  const runs = await client.runs({ planName: "order", limit: 10_000 });
  return runs.reduce((last, { run }) => Math.max(last, Number(/^order-(\d+)$/.exec(run)?.[1] ?? 1_000)), 1_000) + 1;
}

async function bigOrder(scene: Scene): Promise<void> {
  headline(scene, 1, "Two espresso machines: branches side by side, a busy carrier, an approval");
  const worker = work(scene, "start", { at: 0, sku: "espresso-machine", quantity: 2, email: "ada@coffee.club" });
  await follow(scene, 0, { worker });
}

async function brokenOrder(scene: Scene): Promise<void> {
  headline(scene, 2, "A grinder that falls off the shelf after it was paid: all of it is undone");
  const worker = work(scene, "start", { at: 1, sku: "grinder", quantity: 1, email: "bob@mail.example" });
  await follow(scene, 1, { worker });
}

async function killedOrder(scene: Scene): Promise<void> {
  const { paint, write } = scene;
  headline(scene, 3, "Six cups, and the worker is killed in the middle of the charge");
  const worker = work(scene, "start", { at: 2, sku: "cup", quantity: 6, email: "eve@coffee.club", isSlow: true });
  const order = `order-${scene.first + 2}`;
  const stop = new AbortController();
  const watching = playUntil(scene, order, stop.signal);
  await paid(scene.shop, order, worker);
  worker.kill("SIGKILL");
  await ended(worker);
  stop.abort();
  const seen = await watching;
  write(`  ${paint("red", "✗ kill -9")}: the money has moved, the answer never arrived, the worker is gone`);
  write(`  ${paint("dim", "a new worker takes over")}`);
  await follow(scene, 2, { worker: work(scene, "recover"), from: seen + 1 });
}

/** An agent is a plan that grows: what it has thought and done is recorded like any other step. */
async function killedAgent(scene: Scene): Promise<void> {
  const { paint, write, client, first } = scene;
  const id = `clerk-${first}`;
  headline({ ...scene, id }, 4, "An agent settles a complaint, and is killed in mid-thought");
  write(paint("yellow", "  its model is a recording; what it does is real. A real one:"));
  write(paint("dim", `  ${pawl()} agent "..." --model http://127.0.0.1:8093/v1#NAME   (or openai:NAME with a key)`));
  const worker = spawnWorker(scene, { verb: "agent", input: id, isSlow: true });
  const run = await find(scene, id);
  let seen = 0;
  for await (const { event, seq } of run.events()) {
    tellAgent(scene, event);
    seen = seq;
    if (event.type === "node-started" && event.node === "t3") break;
  }
  worker.kill("SIGKILL");
  await ended(worker);
  write(`  ${paint("red", "✗ kill -9")} in the middle of its third thought`);
  write(
    `  ${paint("dim", "a new worker takes over: two thoughts and three calls are in the journal, and not paid for again")}`,
  );
  const heir = work(scene, "recover");
  for await (const { event } of (await client.run(id)).events({ from: seen + 1 })) tellAgent(scene, event);
  await ended(heir);
}

function tellAgent({ write, paint }: Scene, event: RunEvent): void {
  const line = tellThought(event, { write, paint });
  if (line !== undefined) write(`  ${line}`);
}

/** The bank has booked, and the worker has not heard of it yet. */
async function paid(shop: Shop, order: string, worker: ChildProcess): Promise<void> {
  const payment = shop.database.prepare("SELECT key FROM payments WHERE orders = ?");
  while (payment.get(order) === undefined && worker.exitCode === null) await pause(5);
}

interface Order {
  /** A bank that takes its time to answer: time enough to be killed in. */
  readonly isSlow?: boolean;
  /** Which order of this performance. */
  readonly at: number;
  readonly sku: string;
  readonly quantity: number;
  readonly email: string;
}

function work(scene: Scene, verb: "start" | "recover", order?: Order): ChildProcess {
  const { at = 0, isSlow = false, ...what } = order ?? {};
  const input = JSON.stringify({ order: `order-${scene.first + at}`, carrier: scene.carrier, ...what });
  return spawnWorker(scene, { verb, input, isSlow });
}

interface Job {
  readonly verb: "start" | "agent" | "recover";
  readonly input: string;
  readonly isSlow: boolean;
}

function spawnWorker({ dir }: Scene, { verb, input, isSlow }: Job): ChildProcess {
  const file = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url));
  return spawn(process.execPath, [file, dir, verb, input, isSlow ? "slow" : ""], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

interface Shift {
  readonly worker: ChildProcess;
  /** Sequence number of the first event that has not been told. */
  readonly from?: number;
}

/** Tells the events of an order, answers its question, and waits for its worker to go. */
async function follow(scene: Scene, at: number, { worker, from = 1 }: Shift): Promise<void> {
  const run = await find(scene, `order-${scene.first + at}`);
  for await (const stored of run.events({ from })) await play(scene, stored);
  await ended(worker);
}

/** Tells events until someone calls a halt; gives the number of the last. */
async function playUntil(scene: Scene, order: string, signal: AbortSignal): Promise<number> {
  const run = await find(scene, order);
  let last = 0;
  for await (const stored of run.events({ signal })) {
    await play(scene, stored);
    last = stored.seq;
  }
  return last;
}

async function find({ client }: Scene, order: string): Promise<Run> {
  for (;;) {
    try {
      return await client.run(order);
    } catch (error) {
      if (!RuntimeFailure.is(error) || error.code !== "RUN_NOT_FOUND") throw error;
      await pause(10);
    }
  }
}

async function play(scene: Scene, { event }: StoredEvent): Promise<void> {
  const line = tell(event, scene);
  if (line !== undefined) scene.write(`  ${line}`);
  if (event.type === "wait-opened") await approve(scene, event.wait);
}

async function approve({ client, isInteractive, write, paint }: Scene, wait: string): Promise<void> {
  if (!isInteractive) {
    write(paint("yellow", "    no terminal is attached: the demo answers yes by itself"));
    return client.answer(wait, { by: "demo", value: true });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const word = await prompt.question("    Approve? [Y/n] ");
  prompt.close();
  return client.answer(wait, { by: "you", value: !/^n/i.test(word.trim()) });
}

function closeBooks(scene: Scene): number {
  const { shop, write, paint, dir } = scene;
  const books = shop.books();
  const isBalanced = balance(books);
  write("");
  write(paint("bold", "The books"));
  write(`  paid ${money(books.paid)} - refunded ${money(books.refunded)} = ${money(books.paid - books.refunded)}`);
  write(`  worth of what was shipped               = ${money(books.shipped)}`);
  write(`  ${isBalanced ? paint("green", "✓ they balance to the cent") : paint("red", "✗ THEY DO NOT BALANCE")}`);
  write("");
  write("Try next:");
  const at = dir === ".pawl" ? "" : ` --dir ${dir}`;
  const hints = [
    [`${pawl()} runs show order-${scene.first + 2}${at}`, "what happened, node by node"],
    [`${pawl()} runs show clerk-${scene.first}${at}`, "the agent's thoughts and calls"],
    [`${pawl()} plan graph ${join(dir, "demo", "order.yaml")}`, "the plan as a picture"],
    [`${pawl()} verify${at}`, "check every journal of this folder"],
  ] as const;
  const width = Math.max(...hints.map(([command]) => command.length));
  for (const [command, why] of hints) write(`  ${command.padEnd(width)}  ${paint("dim", why)}`);
  return isBalanced ? 0 : 1;
}

/** How the command line is called here. */
function pawl(): string {
  return process.env["npm_lifecycle_event"] === "start" ? "node bin/pawl.cjs" : "pawl"; // in a checkout
}

/** What customers paid and did not get back is what was shipped, and no stock is negative. */
function balance({ paid: all, refunded, shipped, stock }: Books): boolean {
  return all - refunded === shipped && Object.values(stock).every((pieces) => pieces >= 0);
}

function headline(scene: Scene & { readonly id?: string }, number: number, text: string): void {
  const { write, paint, first, id = `order-${first + number - 1}` } = scene;
  write("");
  write(`${paint("bold", `${number}. ${text}`)} ${paint("dim", id)}`);
}

function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => worker.once("exit", () => resolve()));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
