//! What an instance can see of the world: clocks, random numbers, an empty environment, closed standard streams, the
//! name of its helpdesk, and the way out. There is no file system and there are no sockets to import.

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable, Val};
use wasmtime::{ResourceLimiter, StoreLimits};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::p2::bindings::{cli, random};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::limits;
use super::sending::{self, Counter};
use crate::egress::Door;

/// The import that the contract asks of its host.
const CREDENTIALS: &str = "freshdesk:tools/credentials@0.1.0";

/// The state of one instance.
pub(super) struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    pub(super) table: ResourceTable,
    limits: StoreLimits,
    /// Where its requests go, and which helpdesk it works for.
    pub(super) door: Door,
    /// Where it leaves its requests, when somebody attends to it.
    pub(super) counter: Option<Arc<Counter>>,
    /// What Freshdesk answered, until the guest gets it.
    pub(super) answer: Option<sending::Answer>,
}

impl Guest {
    /// An instance's state, with a door that the call's account is bound into, or will be.
    pub(super) fn new(door: Door) -> Self {
        let (wasi, limits) = (WasiCtx::builder().build(), limits::of_store());
        Self { wasi, http: http(), table: table(), limits, door, counter: None, answer: None }
    }

    /// What keeps the instance from growing.
    pub(super) fn limits(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limits
    }
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits::RESOURCES);
    table
}

fn http() -> WasiHttpCtx {
    let mut http = WasiHttpCtx::new();
    http.set_field_size_limit(limits::FIELDS);
    http
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.door }
    }
}

/// Offers an instance everything it may import.
pub(super) fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_to_linker_async(linker)?;
    sending::link(linker)?;
    cli::environment::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    random::insecure::add_to_linker::<_, WasiRandom>(linker, |guest: &mut Guest| guest.wasi.random())?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, |guest: &mut Guest| guest.wasi.random())?;
    let mut credentials = linker.instance(CREDENTIALS)?;
    credentials.func_new("get", |store, _, _, results| {
        let base_url = store.data().door.base_url();
        let base_url = base_url.ok_or_else(|| wasmtime::Error::msg("it works for nobody before it is called"))?;
        let helpdesk = Val::Record(vec![
            ("base-url".to_owned(), Val::String(base_url)),
            ("authorization".to_owned(), Val::Variant("attached-by-host".to_owned(), None)),
        ]);
        if let Some(result) = results.first_mut() {
            *result = Val::Result(Ok(Some(Box::new(helpdesk))));
        }
        Ok(())
    })
}
