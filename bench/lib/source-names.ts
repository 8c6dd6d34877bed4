import { registerHooks } from "node:module";

/** Lets what is imported after this use the package by its public names, straight from the source. */
export function usePublicNames(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const [name, ...rest] = specifier.split("/");
      const room = rest.join("/");
      if (name !== "pawl") return next(specifier, context);
      const folder = room === "" ? "../../src" : `../../src/${room === "test" ? "testing" : room}`;
      return next(new URL(`${folder}/index.ts`, import.meta.url).href, context);
    },
  });
}
