//! The plugin under wasmtime alone: its default sender, its standard interfaces, and none of our host but the reading of
//! the contract.

use std::sync::OnceLock;

use freshdesk_host::CallError;
use freshdesk_host::sandbox::SandboxError;
use freshdesk_host::sandbox::contract::Contract;
use serde_json::Value;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The plugin with an environment.
pub(crate) struct Bare {
    base_url: String,
    key: String,
}

/// What is made once a process.
struct Process {
    engine: Engine,
    plugin: InstancePre<State>,
    contract: Contract,
}

/// An instance's state.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: Default::default() }
    }
}

impl Process {
    fn start() -> wasmtime::Result<Self> {
        let engine = Engine::new(&Config::new())?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let component = Component::new(&engine, freshdesk_components::PLUGIN_WITH_ENV)?;
        let plugin = linker.instantiate_pre(&component)?;
        Ok(Self { engine, plugin, contract: Contract::load().expect("the contract is readable") })
    }

    fn shared() -> &'static Self {
        static PROCESS: OnceLock<Process> = OnceLock::new();
        PROCESS.get_or_init(|| Self::start().expect("wasmtime runs the plugin"))
    }
}

impl Bare {
    /// The plugin for the helpdesk at `base_url`, as the agent whose key this is.
    pub(crate) fn new(base_url: &str, key: &str) -> Self {
        Self { base_url: base_url.to_owned(), key: key.to_owned() }
    }

    /// Runs a tool.
    pub(crate) async fn call(&self, tool: &str, input: &Value) -> Result<Value, CallError> {
        let contract = &Process::shared().contract;
        let tool = contract.tool(tool).ok_or_else(|| CallError::UnknownTool(tool.to_owned()))?;
        let request = contract.read(tool, input).map_err(|problems| contract.invalid_input(&problems))?;
        let result = self.run(tool.interface(), tool.function(), request).await;
        let result = result.map_err(|error| CallError::Broken(SandboxError::Broke(format!("{error:#}"))))?;
        let answer = contract.write(tool, &result).map_err(|why| CallError::Broken(why.into()))?;
        answer.map_err(CallError::Tool)
    }

    async fn run(&self, interface: &str, function: &str, request: Val) -> wasmtime::Result<Val> {
        let process = Process::shared();
        let mut wasi = WasiCtx::builder();
        wasi.env("FRESHDESK_BASE_URL", &self.base_url).env("FRESHDESK_API_KEY", &self.key);
        let state = State { wasi: wasi.build(), http: WasiHttpCtx::new(), table: ResourceTable::new() };
        let mut store = Store::new(&process.engine, state);
        let instance = process.plugin.instantiate_async(&mut store).await?;
        let interface = instance.get_export_index(&mut store, None, interface);
        let function = instance.get_export_index(&mut store, interface.as_ref(), function);
        let function = function.and_then(|index| instance.get_func(&mut store, index));
        let mut result = [Val::Bool(false)];
        function.expect("the plugin has the function").call_async(&mut store, &[request], &mut result).await?;
        let [result] = result;
        Ok(result)
    }
}
