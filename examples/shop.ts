/** Stands in for the services that an order needs. Money moves once for each key, as at a real payment service. */
const payments = new Map<string, { readonly id: string; readonly cents: number }>();

export const pay = {
  charge: async (order: { readonly order: string; readonly cents: number }, key: string): Promise<{ id: string }> => {
    const known = payments.get(key) ?? { id: `pay-${payments.size + 1}`, cents: order.cents };
    payments.set(key, known);
    return { id: known.id };
  },
  refund: async (id: string, _key: string): Promise<void> => {
    for (const [key, payment] of payments) if (payment.id === id) payments.delete(key);
  },
  find: async (key: string): Promise<{ id: string } | undefined> => payments.get(key),
  total: (): number => [...payments.values()].reduce((sum, { cents }) => sum + cents, 0),
};

export const shop = {
  left: (sku: string): { left: number } => ({ left: sku === "cup" ? 3 : 0 }),
  ship: (order: string): { tracking: string } => ({ tracking: `T-${order}` }),
};
