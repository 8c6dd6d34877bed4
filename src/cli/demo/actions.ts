import { setTimeout as sleep } from "node:timers/promises";
import {
  asOutcome,
  defineAction,
  defineQuery,
  fromJsonSchema,
  PermanentError,
  type AnyAction,
  type Json,
} from "../../index.ts";
import { PRICES, type Shop } from "./shop.ts";

/** How long the bank takes to answer after it has booked, in milliseconds: time enough to be killed in. */
const SLOW_BANK_MS = 1_500;

const text = { type: "string" } as const;
const cents = { type: "integer", minimum: 0 } as const;

function object<T extends Json>(properties: { readonly [name: string]: Json }): ReturnType<typeof fromJsonSchema<T>> {
  return fromJsonSchema<T>({ type: "object", properties, required: Object.keys(properties) });
}

/** The shop's actions. Each says what may be repeated and how it is undone; `isSlow` makes the bank take its time. */
export function shopActions(shop: Shop, isSlow: boolean): readonly AnyAction[] {
  return [...desk(shop), ...till(shop, isSlow), ...warehouse(shop)];
}

function desk(shop: Shop): readonly AnyAction[] {
  return [
    defineQuery("shop.price", {
      input: object<{ sku: string; quantity: number }>({ sku: text, quantity: { type: "integer" } }),
      output: object<{ cents: number }>({ cents }),
      run: ({ input }) => ({ cents: priceOf(input.sku) * input.quantity }),
    }),
    defineQuery("shop.customer", {
      input: object<{ email: string }>({ email: text }),
      output: object<{ name: string; member: boolean }>({ name: text, member: { type: "boolean" } }),
      run: ({ input }) => ({ name: input.email.split("@")[0] ?? input.email, member: input.email.endsWith(".club") }),
    }),
    defineAction("shop.points", {
      input: object<{ email: string; cents: number }>({ email: text, cents }),
      output: object<{ points: number }>({ points: cents }),
      repeat: "keyed",
      undo: ({ undoes }) => void shop.database.prepare("DELETE FROM points WHERE key = ?").run(undoes),
      run: ({ input, key }) => {
        const points = Math.floor(input.cents / 100);
        shop.database.prepare("INSERT OR IGNORE INTO points VALUES (?, ?, ?)").run(key, input.email, points);
        return { points };
      },
    }),
    defineAction("shop.mail", {
      input: object<{ order: string; to: string; text: string }>({ order: text, to: text, text }),
      output: object<{ sent: boolean }>({ sent: { type: "boolean" } }),
      repeat: "keyed",
      undo: "impossible",
      identity: (input) => `${input.order} confirmation`,
      run: ({ input }) => {
        shop.sendMail(`${input.order}-confirmation`, input.to, input.text);
        return { sent: true };
      },
    }),
    defineQuery("shop.archive", {
      input: object<{ order: string }>({ order: text }),
      output: object<{ archived: boolean }>({ archived: { type: "boolean" } }),
      run: () => ({ archived: true }),
    }),
  ];
}

function priceOf(sku: string): number {
  const price = PRICES[sku];
  if (price === undefined) throw new PermanentError("NO_SUCH_ARTICLE", `The shop has no ${sku}.`);
  return price;
}

function till(shop: Shop, isSlow: boolean): readonly AnyAction[] {
  const find = (key: string): { id: string } | undefined => {
    const row = shop.database.prepare("SELECT id FROM payments WHERE key = ?").get(key);
    return row === undefined ? undefined : { id: String(row["id"]) };
  };
  return [
    defineAction("shop.charge", {
      input: object<{ order: string; cents: number }>({ order: text, cents }),
      output: object<{ id: string }>({ id: text }),
      repeat: "keyed",
      identity: (input) => input.order,
      undo: ({ undoes }) => void shop.database.prepare("UPDATE payments SET refunded = 1 WHERE key = ?").run(undoes),
      check: ({ key }) => asOutcome(find(key)),
      run: async ({ input, key, signal }) => {
        const id = `pay-${key.slice(0, 8)}`;
        const book = shop.database.prepare(
          "INSERT OR IGNORE INTO payments (key, id, orders, cents) VALUES (?, ?, ?, ?)",
        );
        book.run(key, id, input.order, input.cents); // the money has moved; the answer is still on its way
        if (isSlow) await sleep(SLOW_BANK_MS, undefined, { signal });
        return { id };
      },
    }),
    defineAction("shop.invoice", {
      input: object<{ order: string; payment: string }>({ order: text, payment: text }),
      output: object<{ number: string }>({ number: text }),
      repeat: "keyed",
      undo: ({ input }) =>
        void shop.database.prepare("UPDATE invoices SET state = 'void' WHERE orders = ?").run(input.order),
      run: ({ input }) => {
        shop.database.prepare("INSERT OR IGNORE INTO invoices VALUES (?, ?, 'open')").run(input.order, input.payment);
        return { number: `inv-${input.order}` };
      },
    }),
  ];
}

function warehouse(shop: Shop): readonly AnyAction[] {
  return [
    defineAction("shop.reserve", {
      input: object<{ order: string; sku: string; quantity: number }>({ order: text, sku: text, quantity: cents }),
      output: object<{ reserved: number }>({ reserved: cents }),
      repeat: "keyed",
      resources: ["stock-file"],
      undo: ({ input, key }) => shop.move(key, input.sku, input.quantity),
      run: ({ input, key }) => {
        shop.move(key, input.sku, -input.quantity);
        return { reserved: input.quantity };
      },
    }),
    defineAction("shop.pack", {
      input: object<{ order: string; sku: string }>({ order: text, sku: text }),
      output: object<{ parcel: string }>({ parcel: text }),
      repeat: "safe",
      undo: "not-needed",
      run: ({ input }) => {
        if (input.sku === "grinder") throw new PermanentError("BROKEN", "The grinder fell off the shelf.");
        return { parcel: `parcel-${input.order}` };
      },
    }),
    defineAction("shop.ship", {
      input: object<{ order: string; service: string }>({ order: text, service: text }),
      output: object<{ tracking: string }>({ tracking: text }),
      repeat: "keyed",
      undo: "impossible",
      run: ({ input }) => {
        const tracking = `${input.service}-${input.order}`;
        shop.database.prepare("INSERT OR IGNORE INTO shipments VALUES (?, ?)").run(input.order, tracking);
        return { tracking };
      },
    }),
  ];
}
