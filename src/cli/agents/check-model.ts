import { toInputError, type InputError } from "../../base/index.ts";
import { listModels, resolveModel, type Environment } from "../../models/index.ts";
import { nearest } from "../suggest.ts";
import { FROM_CONFIG } from "./settings.ts";

/** Servers of people's own list what they have loaded; the lists of the large providers leave names out. */
const LISTS_ALL = /^(?:https?:|compatible:|ollama:)/u;
const MOST_SHOWN = 8;

/**
 * Makes sure that each model can be asked, before anything is begun: its name, its key, and whether its server answers.
 *
 * @throws {InputError} what `resolveModel` says; MODEL_UNREACHABLE, MODEL_REFUSED, MODEL_UNKNOWN as the server says.
 */
export async function demandModels(models: readonly string[], env: Environment, signal: AbortSignal): Promise<void> {
  for (const address of models) {
    if (address === FROM_CONFIG) continue;
    resolveModel(address, { env });
    if (!/^(?:scripted|recorded):/u.test(address)) await demandServer(address, env, signal);
  }
}

async function demandServer(address: string, env: Environment, signal: AbortSignal): Promise<void> {
  const url = /^https?:/u.test(address) ? URL.parse(address) : null;
  const provider = url === null ? address.slice(0, address.indexOf(":")) : "compatible";
  const listings = await listModels({ env: url === null ? env : toEnvironment(url, env), signal });
  const { problem, models = [], address: place = address } = listings.find((one) => one.provider === provider) ?? {};
  if (problem !== undefined && isCertain(problem.code)) {
    const message = problem.message.replaceAll(`${provider}:any`, address); // the list is asked for under a name of its own
    throw refuse(address, problem.code, message);
  }
  if (LISTS_ALL.test(address) && models.length > 0) {
    const names = models.map((one) => one.slice(provider.length + 1));
    demandName(address, { name: nameIn(address), names, place });
  }
}

function nameIn(address: string): string {
  const mark = /^https?:/u.test(address) ? "#" : ":";
  const name = address.slice(address.indexOf(mark) + 1);
  return mark === "#" ? decodeURIComponent(name) : name;
}

interface Listed {
  readonly name: string;
  readonly names: readonly string[];
  readonly place: string;
}

function demandName(address: string, listed: Listed): void {
  const { name, names } = listed;
  if (!names.some((one) => one === name || one === `${name}:latest`)) throw unknownModel(address, listed);
}

/** The key for an address goes only there. */
function toEnvironment(url: URL, env: Environment): Environment {
  const base = new URL(url);
  base.hash = "";
  return { PAWL_BASE_URL: base.href, PAWL_API_KEY: env["PAWL_API_KEY"], OLLAMA_HOST: env["OLLAMA_HOST"] };
}

/** A server that lists nothing, or takes long to, may still answer. */
function isCertain(code: string): boolean {
  return code === "MODEL_UNREACHABLE" || code === "MODEL_KEY_REFUSED" || code === "MODEL_KEY_MISSING";
}

function refuse(address: string, code: string, got: string): InputError {
  const fix =
    code === "MODEL_UNREACHABLE"
      ? "Start the server, or correct the address. `pawl models ls` shows who answers."
      : "Correct the key. `pawl models ls` shows who answers.";
  const expected = `a model that answers at ${address}`;
  return toInputError("The model can't be asked", [{ code, path: "--model", expected, got, fix }]);
}

function unknownModel(address: string, { name, names, place }: Listed): InputError {
  const near = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
  const right = `${address.slice(0, address.search(/^https?:/u.test(address) ? /#/u : /:/u) + 1)}${near ?? ""}`;
  const problem = {
    code: "MODEL_UNKNOWN",
    path: "--model",
    expected: `one of those that ${place} has: ${names.slice(0, MOST_SHOWN).join(", ")}`,
    got: JSON.stringify(name),
    fix: near === undefined ? "`pawl models ls` lists them." : `Did you mean ${right}?`,
  };
  return toInputError("There is no such model", [problem]);
}
