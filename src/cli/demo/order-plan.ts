/** The plan of the demo, as the file that the reader finds beside the shop's data. */
export const ORDER_PLAN = `# The order of the demo shop: what \`pawl demo\` runs. Try it yourself:
#   pawl plan graph .pawl/demo/order.yaml
name: order
input:
  type: object
  properties:
    order: { type: string }
    sku: { type: string }
    quantity: { type: integer, minimum: 1 }
    email: { type: string }
    carrier: { type: string }
  required: [order, sku, quantity, email, carrier]

nodes:
  # These three need nothing of each other: they run side by side.
  price:    { uses: shop.price, with: { sku: "\${input.sku}", quantity: "\${input.quantity}" } }
  customer: { uses: shop.customer, with: { email: "\${input.email}" } }
  quote:                                   # a real HTTP service that is busy at first: the retry is needed
    uses: http
    with: { url: "\${input.carrier}/quote?order=\${input.order}" }
    retry: { attempts: 5, backoffMs: 150 }

  reserve:  { uses: shop.reserve, with: { order: "\${input.order}", sku: "\${input.sku}", quantity: "\${input.quantity}" } }

  approve:                                 # only for large orders; a no would fail it
    uses: ask
    when: nodes.price.output.cents > 50000
    with: { show: { order: "\${input.order}", cents: "\${nodes.price.output.cents}", customer: "\${nodes.customer.output.name}" } }

  charge:                                  # has a check: "did it happen?"
    uses: shop.charge
    with: { order: "\${input.order}", cents: "\${nodes.price.output.cents}" }
    after: [approve, reserve]
    timeoutMs: 30000

  invoice:  { uses: shop.invoice, with: { order: "\${input.order}", payment: "\${nodes.charge.output.id}" } }
  pack:     { uses: shop.pack, with: { order: "\${input.order}", sku: "\${input.sku}" }, after: [charge] }
  ship:
    uses: shop.ship
    with: { order: "\${input.order}", service: "\${nodes.quote.output.body.service}" }
    after: [pack]
  points:   { uses: shop.points, with: { email: "\${input.email}", cents: "\${nodes.price.output.cents}" }, when: nodes.customer.output.member, after: [charge] }
  mail:
    uses: shop.mail
    with: { order: "\${input.order}", to: "\${input.email}", text: "Paid by \${nodes.charge.output.id}, on its way as \${nodes.ship.output.tracking}." }
  archive:  { uses: shop.archive, with: { order: "\${input.order}" }, after: [invoice, mail, points] }

output: { tracking: "\${nodes.ship.output.tracking}", payment: "\${nodes.charge.output.id}" }
`;
