#!/bin/bash
# The plugin at a shell, by the stock wasmtime 48 and one file. The key passes through the sandbox here, since this command
# line cannot attach it to what leaves.
set -euo pipefail
cd "$(dirname "$0")/../.."

# FRESHDESK_DOMAIN and FRESHDESK_API_KEY come from the environment; FRESHDESK_BASE_URL is for a simulator.
freshdesk() {
  wasmtime run -S http --env FRESHDESK_DOMAIN --env FRESHDESK_API_KEY ${FRESHDESK_BASE_URL:+--env FRESHDESK_BASE_URL} \
    --invoke "$1" target/components/freshdesk-env.wasm
}

# Arguments and answers are WAVE: ok(…), or err(…) with one of the ten cases of the contract's error.
ticket=$(freshdesk 'ticket-get({ticket-id: 42817, include: some([requester])})')
echo "$ticket"
[[ $ticket == ok\(*'priority: some(high)'* ]]

# wasmtime exits with 0 here, too.
refused=$(freshdesk 'ticket-get({ticket-id: 1})')
echo "$refused"
[[ $refused == 'err(not-found)' ]]
