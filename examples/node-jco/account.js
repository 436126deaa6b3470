// Whose helpdesk the tools work on. Only http.js reads the key, and it stays in JavaScript.

const { FRESHDESK_DOMAIN, FRESHDESK_BASE_URL, FRESHDESK_API_KEY } = process.env;

/** `https://acme.freshdesk.com`, or a simulator on this machine. */
export const baseUrl = FRESHDESK_BASE_URL ?? `https://${FRESHDESK_DOMAIN}.freshdesk.com`;

/** What Freshdesk wants to see of the key. */
export const authorization = `Basic ${btoa(`${FRESHDESK_API_KEY}:X`)}`;
