//! The contract's doc comments, which a compiler of components drops.
//!
//! They go into a custom section named `package-docs`, in the encoding that WIT tools share.

use anyhow::{Result, anyhow};
use wasm_encoder::{CustomSection, Encode, Section};
use wit_parser::{PackageMetadata, Resolve};

/// The section's content.
pub(crate) struct Docs(Vec<u8>);

/// Reads the documentation of `wit/`.
pub(crate) fn read() -> Result<Docs> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir("../wit").map_err(|why| anyhow!("wit/ does not parse: {why:?}"))?;
    Ok(Docs(PackageMetadata::extract(&resolve, package).encode()?))
}

impl Docs {
    /// Appends the section to a component.
    pub(crate) fn attach(&self, mut component: Vec<u8>) -> Vec<u8> {
        let section =
            CustomSection { name: PackageMetadata::SECTION_NAME.into(), data: self.0.as_slice().into() };
        component.push(section.id());
        section.encode(&mut component);
        component
    }
}
