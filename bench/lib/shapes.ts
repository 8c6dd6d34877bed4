import type { Shape } from "./engine.ts";

/** One after the other. */
export function chain(nodes: number): Shape {
  return Array.from({ length: nodes }, (_, index) => (index === 0 ? [] : [index - 1]));
}

/** One, then `wide` at once, then one that waits for all. */
export function fan(wide: number): Shape {
  const middle = Array.from({ length: wide }, () => [0]);
  return [[], ...middle, middle.map((_, index) => index + 1)];
}

/** Layers of so many nodes, each with three parents in the layer before. */
export function dag(nodes: number, width = 100): Shape {
  return Array.from({ length: nodes }, (_, index) => {
    if (index < width) return [];
    const before = (Math.floor(index / width) - 1) * width;
    return [0, 7, 18].map((step) => before + ((index + step) % width));
  });
}

/** A square in which each node waits for the one above and the one to the left. */
export function grid(nodes: number): Shape {
  const side = Math.floor(Math.sqrt(nodes));
  return Array.from({ length: side * side }, (_, index) => [
    ...(index >= side ? [index - side] : []),
    ...(index % side > 0 ? [index - 1] : []),
  ]);
}
