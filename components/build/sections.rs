//! Takes the names of functions out of a component, modules inside included: they are half of its size.

use anyhow::Result;
use wasm_encoder::{Component, ComponentSectionId, Encode, Module, RawSection, Section};
use wasmparser::{Encoding, Parser, Payload};

/// Custom sections that only debuggers read.
const NAMES: [&str; 3] = ["name", "component-name", "target_features"];

/// The same component without the sections of [`NAMES`].
pub(crate) fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    let mut enclosing: Vec<Vec<u8>> = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding: Encoding::Component, .. } => current.extend(Component::HEADER),
            Payload::Version { encoding: Encoding::Module, .. } => current.extend(Module::HEADER),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                enclosing.push(std::mem::take(&mut current));
            }
            Payload::End(_) => {
                let Some(outer) = enclosing.pop() else { break };
                current = nest(&current, outer);
            }
            Payload::CustomSection(section) if NAMES.contains(&section.name()) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let raw = RawSection { id, data: &component[range.start as usize..range.end as usize] };
                    current.push(raw.id());
                    raw.encode(&mut current);
                }
            }
        }
    }
    Ok(current)
}

/// Puts a finished module or component into the one that encloses it.
fn nest(inner: &[u8], mut outer: Vec<u8>) -> Vec<u8> {
    let module = inner.starts_with(&Module::HEADER);
    let id = if module { ComponentSectionId::CoreModule } else { ComponentSectionId::Component };
    outer.push(id as u8);
    inner.encode(&mut outer);
    outer
}
