// The plugin in Node: `npm ci && npm run build && npm start`.

import assert from "node:assert/strict";
import { tickets } from "./generated/freshdesk.js";

const ticket = tickets.ticketGet({ ticketId: 42817n, include: ["requester"] });
console.log(`${ticket.ticket.id} ${ticket.ticket.subject} (${ticket.ticket.priority}), from ${ticket.requester.name}`);
assert.equal(ticket.ticket.priority, "high");

// A tool that fails throws; `payload` is the contract's error, one of ten cases that `tag` tells apart.
assert.throws(
  () => tickets.ticketGet({ ticketId: 1n }),
  (error) => error.payload.tag === "not-found",
);
console.log("ticket 1: not-found");
