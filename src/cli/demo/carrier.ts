import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A real carrier on loopback whose first answer about each order is "busy, come back". */
export async function openCarrier(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const asked = new Set<string>();
  const server: Server = createServer((request, response) => {
    const order = new URL(request.url ?? "/", "http://carrier").searchParams.get("order") ?? "";
    const isBusy = !asked.has(order);
    asked.add(order);
    response.writeHead(isBusy ? 503 : 200, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(isBusy ? { error: "busy" } : { service: "bike", cents: 490 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${isInet(address) ? address.port : 0}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function isInet(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
