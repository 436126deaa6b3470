# An operator's machine, for scripts that need a host: a simulated Freshdesk over TLS, and a host that reaches it. They source
# this at the root of the repository, once the workspace is built. All of it ends with the script.

# The folder of store, root keys and logs.
office=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$office"' EXIT

# Starts a process; what it says is in $office/NAME.log: start NAME COMMAND…
start() {
  "${@:2}" >"$office/$1.log" 2>&1 &
  started+=($!)
}

# Waits until a process has written a line with an address, and prints the address.
address() {
  for _ in $(seq 300); do
    if grep -oEm1 "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "it did not start:" >&2 && cat "$1" >&2 && return 1
}

start simulator target/debug/freshdesk-simulator --listen 127.0.0.1:0 --authority "$office/authority.pem"
simulator=$(address "$office/simulator.log" '127\.0\.0\.1:[0-9]+')

export FRESHDESK_DATABASE="$office/accounts.db" FRESHDESK_HOST_NAME=office
reach=(--resolve "acme.freshdesk.com=$simulator" --trust-root "$office/authority.pem")
host() { target/debug/freshdesk-host "$@" "${reach[@]}"; }

# Has the host serve with these arguments. Its process is then in $server, and its address in $url.
serve() {
  start server target/debug/freshdesk-host serve --listen 127.0.0.1:0 --log warn "$@" "${reach[@]}"
  server=$!
  url=$(address "$office/server.log" 'http://127\.0\.0\.1:[0-9]+')
}
