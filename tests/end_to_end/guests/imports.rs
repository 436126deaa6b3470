//! What a component may not even ask for.

use super::component::refused;

/// Interfaces that a host could offer and this one does not.
const REFUSED: [&str; 26] = [
    "wasi:filesystem/types@0.2.6",
    "wasi:filesystem/preopens@0.2.6",
    "wasi:sockets/network@0.2.6",
    "wasi:sockets/instance-network@0.2.6",
    "wasi:sockets/ip-name-lookup@0.2.6",
    "wasi:sockets/tcp@0.2.6",
    "wasi:sockets/tcp-create-socket@0.2.6",
    "wasi:sockets/udp@0.2.6",
    "wasi:sockets/udp-create-socket@0.2.6",
    "wasi:cli/run@0.2.6",
    "wasi:clocks/timezone@0.2.6",
    "wasi:http/incoming-handler@0.2.6",
    "wasi:http/handler@0.3.0",
    "wasi:sockets/types@0.3.0",
    "wasi:filesystem/types@0.3.0",
    "wasi:config/store@0.2.0-rc.1",
    "wasi:keyvalue/store@0.2.0-draft",
    "wasi:blobstore/blobstore@0.2.0-draft",
    "wasi:messaging/consumer@0.2.0-draft",
    "wasi:logging/logging",
    "wasi:nn/graph@0.2.0-rc-2024-10-28",
    "wasi:tls/types@0.2.0-draft",
    "wasi_snapshot_preview1",
    "freshdesk:tools/credentials@0.2.0",
    "freshdesk:tools/vault@0.1.0",
    "env",
];

#[test]
fn a_component_that_wants_more_than_there_is_does_not_start() {
    for import in REFUSED {
        let import_name = if import.contains(':') { import.to_owned() } else { import.replace('_', "-") };
        let component = format!(r#"(component (import "{import_name}" (instance (export "f" (func)))))"#);
        let why = refused(&wat::parse_str(component).unwrap()).unwrap();
        assert!(why.contains(&import_name), "{why}");
    }
}

/// The names that there are, with functions that there are not.
#[test]
fn a_component_that_wants_other_functions_does_not_start() {
    for (import, function) in [
        ("freshdesk:tools/credentials@0.1.0", r#""get-key" (func (result string))"#),
        ("freshdesk:tools/credentials@0.1.0", r#""list" (func (result (list string)))"#),
        ("wasi:cli/environment@0.2.6", r#""set-environment" (func (param "name" string))"#),
        ("wasi:cli/environment@0.2.6", r#""get-environment" (func (result (list u8)))"#),
        ("wasi:cli/stdin@0.2.6", r#""get-stdin" (func (result string))"#),
        ("wasi:random/random@0.2.6", r#""get-random-bytes" (func (param "seed" u64))"#),
    ] {
        let component = format!(r#"(component (import "{import}" (instance (export {function}))))"#);
        let why = refused(&wat::parse_str(component).unwrap()).unwrap();
        // Were the import accepted, it would be refused for the tools that it lacks.
        assert!(why.contains(import), "{function}: {why}");
    }
}
