//! What a component is made of: its size, its imports, and the share that each crate has in it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// What a component is made of.
#[derive(Debug)]
pub struct Report {
    /// Bytes of the component as it is shipped.
    pub size: usize,
    /// Bytes of machine-independent code by crate, largest first.
    pub crates: Vec<(String, usize)>,
    /// Bytes of constant data.
    pub data: usize,
    /// The interfaces it imports.
    pub imports: Vec<String>,
}

impl Report {
    /// Reads `shipped`, and the names of its functions from `named`, the same component before they were taken out.
    ///
    /// # Errors
    ///
    /// Fails when either is no valid WebAssembly.
    pub fn of(shipped: &[u8], named: &[u8]) -> Result<Self> {
        let code = Code::read(named)?;
        let mut crates: Vec<_> = code.by_crate().into_iter().collect();
        crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        Ok(Self { size: shipped.len(), crates, data: code.data, imports: imports(shipped)? })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |bytes: usize| bytes as f64 * 100.0 / self.size as f64;
        writeln!(f, "{:>9} bytes  as shipped, names stripped\n", self.size)?;
        for (name, bytes) in &self.crates {
            writeln!(f, "{bytes:>9}  {:>5.1} %  {name}", share(*bytes))?;
        }
        writeln!(f, "{:>9}  {:>5.1} %  constant data", self.data, share(self.data))?;
        let rest = self.size.saturating_sub(self.data + self.crates.iter().map(|(_, bytes)| bytes).sum::<usize>());
        writeln!(f, "{rest:>9}  {:>5.1} %  types, documentation, wiring\n", share(rest))?;
        writeln!(f, "It imports:")?;
        self.imports.iter().try_for_each(|import| writeln!(f, "  {import}"))
    }
}

/// The functions of a component's core modules.
#[derive(Default)]
struct Code {
    functions: Vec<(String, usize)>,
    data: usize,
}

impl Code {
    fn read(component: &[u8]) -> Result<Self> {
        let mut code = Self::default();
        let (mut imported, mut bodies): (u32, Vec<usize>) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::Version { .. } => (imported, bodies) = (0, Vec::new()),
                Payload::ImportSection(section) => {
                    let is_function =
                        |import: &wasmparser::Import<'_>| matches!(import.ty, wasmparser::TypeRef::Func(_));
                    for import in section.into_imports() {
                        imported += u32::from(is_function(&import?));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(length(&body.range())),
                Payload::DataSection(section) => code.data += length(&section.range()),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        code.name(names, imported, &bodies)?;
                    }
                }
                _ => {}
            }
        }
        Ok(code)
    }

    fn name(&mut self, names: wasmparser::NameSectionReader<'_>, imported: u32, bodies: &[usize]) -> Result<()> {
        for names in names {
            let Name::Function(names) = names? else { continue };
            for name in names {
                let name = name?;
                let body = name.index.checked_sub(imported).and_then(|at| bodies.get(at as usize));
                if let Some(size) = body {
                    self.functions.push((name.name.to_owned(), *size));
                }
            }
        }
        Ok(())
    }

    fn by_crate(&self) -> BTreeMap<String, usize> {
        let mut crates = BTreeMap::new();
        for (name, size) in &self.functions {
            *crates.entry(crate_of(name)).or_default() += size;
        }
        crates
    }
}

fn length(range: &std::ops::Range<u64>) -> usize {
    (range.end - range.start) as usize
}

/// The crate that a symbol comes from: the first one that its demangled name mentions beside the standard library, which is
/// mostly there for the sake of others.
fn crate_of(symbol: &str) -> String {
    if symbol.contains("freshdesk:tools/") {
        return "freshdesk_plugin's exports".to_owned();
    }
    let readable = format!("{:#}", rustc_demangle::demangle(symbol));
    if readable == symbol {
        return "C library and linker".to_owned();
    }
    let crates = readable.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').filter_map(|path| {
        let (name, _) = path.split_once("::")?;
        (!name.is_empty()).then_some(name)
    });
    match crates.into_iter().find(|name| !RUNTIME.contains(name)) {
        Some(name) => name.to_owned(),
        None => "Rust's standard library".to_owned(),
    }
}

/// The crates that come with the compiler, and what it links for the target.
const RUNTIME: [&str; 10] =
    ["alloc", "core", "std", "__rustc", "dlmalloc", "hashbrown", "panic_abort", "rustc_demangle", "wasip2", "wasi"];

fn imports(component: &[u8]) -> Result<Vec<String>> {
    let mut imports = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(imports)
}
