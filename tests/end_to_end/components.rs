//! What the two artefacts are: their size, their imports, the documentation they carry.

use freshdesk_components::{PLUGIN, PLUGIN_WITH_ENV};
use freshdesk_host::contract::Contract;
use wit_parser::WorldItem;
use wit_parser::decoding::{DecodedWasm, decode};

/// The imports of a component by name, and its exports, as tools that decode components see them.
fn world(component: &[u8]) -> (Vec<String>, Vec<String>, String) {
    let DecodedWasm::Component(resolve, world) = decode(component).expect("the component decodes") else {
        panic!("it is a component");
    };
    let world = &resolve.worlds[world];
    let names = |items: &mut dyn Iterator<Item = (&wit_parser::WorldKey, &WorldItem)>| {
        items.map(|(key, _)| resolve.name_world_key(key)).collect()
    };
    let docs = world.docs.contents.clone().unwrap_or_default();
    (names(&mut world.imports.iter()), names(&mut world.exports.iter()), docs)
}

/// The `package-docs` section of a component, which is its last.
fn documentation(component: &[u8]) -> serde_json::Value {
    let name = b"package-docs";
    let start = component.windows(name.len()).rposition(|bytes| bytes == name).expect("there is documentation");
    let content = &component[start + name.len()..];
    assert_eq!(content[0], 1, "the version of the encoding");
    serde_json::from_slice(&content[1..]).expect("the documentation is JSON")
}

#[test]
fn the_plugin_is_at_most_450_kilobytes() {
    let report = freshdesk_components::report().unwrap();
    assert_eq!(report.size, PLUGIN.len());
    assert!(report.size <= 450_000, "{report}");
    assert!(report.crates.iter().any(|(name, bytes)| name == "freshdesk_plugin" && *bytes > 10_000), "{report}");
}

#[test]
fn the_plugin_imports_its_credentials_and_no_sockets_and_no_files() {
    let (imports, exports, _) = world(PLUGIN);
    assert!(imports.contains(&"freshdesk:tools/credentials@0.1.0".to_owned()));
    assert!(imports.iter().any(|name| name.starts_with("wasi:http/outgoing-handler@0.2")));
    let known = ["freshdesk:tools/", "wasi:http/", "wasi:io/", "wasi:clocks/monotonic-clock", "wasi:cli/"];
    let known = |name: &String| known.iter().any(|known| name.starts_with(known)) || name.contains("insecure-seed");
    assert!(imports.iter().all(known), "{imports:?}");
    let wanted: Vec<_> = ["tickets", "contacts", "agents"].map(|name| format!("freshdesk:tools/{name}@0.1.0")).into();
    assert_eq!(exports, wanted);
}

#[test]
fn tools_that_decode_components_read_about_each_tool() {
    let (_, _, docs) = world(PLUGIN);
    for tool in Contract::load().unwrap().tools() {
        assert!(docs.contains(&format!("- {}: {}", tool.function(), tool.description())), "{docs}");
    }
}

#[test]
fn the_composed_plugin_needs_no_credentials_and_documents_each_function() {
    let docs = documentation(PLUGIN_WITH_ENV);
    let functions = &docs["worlds"]["plugin"]["func_exports"];
    for tool in Contract::load().unwrap().tools() {
        assert_eq!(functions[tool.function()]["docs"], tool.description());
    }
    assert_eq!(docs["interfaces"]["tickets"]["funcs"]["ticket-get"]["docs"].as_str().unwrap().lines().count(), 3);

    let engine = wasmtime::Engine::default();
    let component = wasmtime::component::Component::new(&engine, PLUGIN_WITH_ENV).unwrap();
    let imports: Vec<_> = component.component_type().imports(&engine).map(|(name, _)| name.to_owned()).collect();
    assert!(!imports.iter().any(|name| name.contains("credentials")), "{imports:?}");
    let forbidden = |name: &String| name.contains("wasi:sockets") || name.contains("wasi:filesystem");
    assert!(!imports.iter().any(forbidden), "{imports:?}");
}
