import { expect, it } from "vitest";
import { deleteRows, putRow } from "./rows.ts";
import { createTextIndex } from "./search.ts";
import { Shelf } from "./shelf.ts";

it("takes what is gone out of its index too", () => {
  const shelf = new Shelf(":memory:", "");
  const entry = {
    kind: "k",
    type: "fact",
    labels: [],
    run: "r",
    createdAt: 1,
    expiresAt: undefined,
    seenAt: 1,
    weight: 0,
  } as const;
  for (const id of ["1", "2"]) {
    shelf.change((database) => {
      putRow(database, "", { entry: { ...entry, id, text: `tea ${id}` }, vector: undefined, embedder: undefined });
      return [id];
    });
  }
  expect([...shelf.search("tea").keys()].sort()).toEqual(["1", "2"]);
  shelf.change((database) => deleteRows(database, "", ["1"]));
  expect([...shelf.search("tea").keys()]).toEqual(["2"]);
  shelf.close();
});

it("changes nothing when a change fails", () => {
  const shelf = new Shelf(":memory:", "");
  const fail = (): never => {
    throw new Error("no");
  };
  expect(() => shelf.change(fail)).toThrow("no");
  shelf.change(() => []);
  expect(shelf.rows()).toEqual([]);
  shelf.close();
});

it("takes no short word for the beginning of a long one, and long ones with a slip of the pen", () => {
  const index = createTextIndex();
  index.put("1", "anything about orders");
  expect(["a", "an", "in or"].map((query) => index.search(query).size)).toEqual([0, 0, 0]);
  expect(["order", "ordrs", "Anything"].map((query) => index.search(query).size)).toEqual([1, 1, 1]);
  expect(index.search(`${Array.from({ length: 64 }, (_, at) => `word${at}`).join(" ")} orders`).size).toBe(0);
});
