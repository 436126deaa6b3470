//! The contract's doc comments, which a compiler of components drops.
//!
//! They go into a custom section named `package-docs`, in the encoding that WIT tools share. Those tools insist that
//! the section speaks of nothing but the package they decode, which for a component is always one world named
//! `root`; Wassette insists on nothing and looks for functions among a world's exports. No section serves both, so
//! each artefact has the one for those who read it.

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value, json};
use wasm_encoder::{CustomSection, Encode, Section};
use wit_parser::{Function, PackageId, PackageMetadata, Resolve, Type};

/// The version of the encoding, in front of its JSON.
const VERSION: u8 = 1;

/// The documentation of `wit/`.
pub(crate) struct Docs {
    resolve: Resolve,
    package: PackageId,
}

/// Reads the documentation of `wit/`.
pub(crate) fn read() -> Result<Docs> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir("../wit").map_err(|why| anyhow!("wit/ does not parse: {why:?}"))?;
    Ok(Docs { resolve, package })
}

impl Docs {
    /// Attaches what tools that decode a component accept: the package's documentation and a line for each tool.
    pub(crate) fn attach_for_decoders(&self, component: Vec<u8>) -> Result<Vec<u8>> {
        let about = self.resolve.packages[self.package].docs.contents.clone().unwrap_or_default();
        let tools: Vec<String> = self.functions().map(|(name, docs)| format!("- {name}: {docs}")).collect();
        let world = format!("{about}\n\n{}", tools.join("\n"));
        attach(component, &json!({"worlds": {"root": {"docs": world}}}))
    }

    /// Attaches the whole documentation, with each function where Wassette looks for it.
    pub(crate) fn attach_for_wassette(&self, component: Vec<u8>) -> Result<Vec<u8>> {
        let encoded = PackageMetadata::extract(&self.resolve, self.package).encode()?;
        let mut docs: Value = serde_json::from_slice(encoded.get(1..).unwrap_or_default())?;
        let functions: Map<String, Value> =
            self.functions().map(|(name, docs)| (name.to_owned(), json!({"docs": docs}))).collect();
        let world = docs.pointer_mut("/worlds/plugin").and_then(Value::as_object_mut);
        world.context("wit/ has a world `plugin`")?.insert("func_exports".to_owned(), functions.into());
        attach(component, &docs)
    }

    /// The tools' functions, each with the sentence that its request record is documented with.
    fn functions(&self) -> impl Iterator<Item = (&str, String)> {
        let interfaces = self.resolve.packages[self.package].interfaces.values();
        let functions = interfaces.flat_map(|&interface| self.resolve.interfaces[interface].functions.values());
        functions.filter_map(|function| Some((function.name.as_str(), self.sentence(function)?)))
    }

    fn sentence(&self, function: &Function) -> Option<String> {
        let Type::Id(request) = function.params.first()?.ty else { return None };
        let docs = self.resolve.types[request].docs.contents.as_deref()?;
        Some(docs.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Appends the section to a component.
fn attach(mut component: Vec<u8>, docs: &Value) -> Result<Vec<u8>> {
    let mut data = vec![VERSION];
    serde_json::to_writer(&mut data, docs)?;
    let section = CustomSection { name: PackageMetadata::SECTION_NAME.into(), data: data.into() };
    component.push(section.id());
    section.encode(&mut component);
    Ok(component)
}
