/**
 * A binary min-heap whose order is given from outside. Entries are never searched for: what has gone stale stays
 * until it reaches the top, where its owner drops it.
 */
export class MinHeap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Shows entries in order (equal ones come one after the other), without changing the heap, until `visit` says false. O(k log k) for k entries. */
  visit(visit: (item: T) => boolean): void {
    const items = this.#items;
    const first = items[0];
    if (first === undefined || !visit(first) || items.length === 1) return;
    const frontier = new MinHeap<number>((a, b) => this.#before(a, b));
    frontier.push(1);
    if (items.length > 2) frontier.push(2);
    for (let at = frontier.peek(); at !== undefined; at = frontier.peek()) {
      frontier.drop();
      const item = items[at];
      if (item === undefined || !visit(item)) return;
      if (2 * at + 1 < items.length) frontier.push(2 * at + 1);
      if (2 * at + 2 < items.length) frontier.push(2 * at + 2);
    }
  }

  #before(a: number, b: number): boolean {
    const left = this.#items[a];
    const right = this.#items[b];
    return left !== undefined && right !== undefined && this.#isBefore(left, right);
  }

  /** Removes the top. */
  drop(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#before(down + 1, down)) down += 1;
      const child = items[down];
      if (child === undefined || !this.#isBefore(child, last)) break;
      items[at] = child;
      at = down;
    }
    items[at] = last;
  }
}
