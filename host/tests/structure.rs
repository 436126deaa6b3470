//! What ARCHITECTURE.md says of where things are, as far as the text of the sources shows it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

/// The files below `host/src` whose code has one of these words, tests left out.
fn with(words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !name.ends_with("tests") {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                if code.iter().any(|line| words.iter().any(|word| line.contains(word))) {
                    found.push(name);
                }
            }
        }
    }
    found.sort();
    found
}

/// B26: nothing is told to anybody: connections lead to helpdesks, to webhooks and to the keys of the issuer that the operator
/// names (both by `dial.rs`), to the store, and to the collector that the operator names.
#[test]
fn b26_connections_are_made_to_helpdesks_webhooks_the_store_and_the_operators_collector() {
    let making = [
        "TcpStream::connect",
        "TcpSocket",
        "UdpSocket",
        "UnixStream::connect",
        "HttpConnector::new",
        ".connect(self.tls",
    ];
    let makers = ["cli/telemetry/collector.rs", "egress/connect.rs", "egress/dial.rs", "store/postgres/connect.rs"];
    assert_eq!(with(&making), makers);
}

/// A name is looked up once for a connection, where what comes out is checked: nobody says otherwise in between. The drivers of
/// the store and of the collector look up names that the operator gave.
#[test]
fn names_are_looked_up_where_their_addresses_are_checked() {
    let looking = ["lookup_host", "ToSocketAddrs", "to_socket_addrs", "getaddrinfo", "GaiResolver"];
    assert_eq!(with(&looking), ["egress/connect.rs"]);
}

#[test]
fn a_key_is_opened_where_it_is_sealed_attached_or_signs() {
    assert_eq!(with(&["expose_secret("]), ["egress/attach.rs", "vault/seal.rs", "webhooks/sign.rs"]);
}

#[test]
fn sql_is_in_the_store() {
    let files = with(&["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "rusqlite::", "tokio_postgres::"]);
    assert!(!files.is_empty() && files.iter().all(|file| file.starts_with("store/")), "{files:?}");
}

#[test]
fn wasmtime_is_named_in_the_sandbox_and_its_seam() {
    let files = with(&["wasmtime::", "wasmtime_wasi::", "wasmtime_wasi_http::"]);
    let others: Vec<_> = files.iter().filter(|file| !file.starts_with("sandbox/")).collect();
    assert_eq!(others, ["egress/hooks.rs"]);
}

#[test]
fn the_web_server_is_the_surfaces() {
    let files = with(&["axum::", "askama::"]);
    let others: Vec<_> = files.iter().filter(|file| !file.starts_with("surface/")).collect();
    assert_eq!(others, ["serve.rs"]);
}

#[test]
fn mcp_is_its_surfaces() {
    let files = with(&["rmcp::"]);
    assert!(!files.is_empty() && files.iter().all(|file| file.starts_with("surface/mcp/")), "{files:?}");
}
