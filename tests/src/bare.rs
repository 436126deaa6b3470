//! The plugin under wasmtime alone: its default sender, its standard interfaces, and none of our host but the reading of
//! the contract.

use std::sync::OnceLock;

use freshdesk_host::CallError;
use freshdesk_host::SandboxError;
use freshdesk_host::contract::Contract;
use serde_json::Value;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The import of the plugin that its host answers.
const CREDENTIALS: &str = "freshdesk:tools/credentials@0.1.0";

/// The plugin, and what it is given.
pub(crate) enum Bare {
    /// It is composed with the adapter, which reads these variables.
    Adapted(Vec<(String, String)>),
    /// It is told that the helpdesk is at this URL and that its host attaches the key, which nobody does.
    Keyless(String),
}

/// What is made once a process.
struct Process {
    engine: Engine,
    adapted: InstancePre<State>,
    keyless: InstancePre<State>,
    contract: Contract,
}

/// An instance's state.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    /// What the credentials import names; the adapter does not ask for it.
    base_url: String,
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
        let mut linker: Linker<State> = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let adapted = linker.instantiate_pre(&Component::new(&engine, freshdesk_components::PLUGIN_WITH_ENV)?)?;
        linker.instance(CREDENTIALS)?.func_new("get", |store, _, _, results| {
            let helpdesk = Val::Record(vec![
                ("base-url".to_owned(), Val::String(store.data().base_url.clone())),
                ("authorization".to_owned(), Val::Variant("attached-by-host".to_owned(), None)),
            ]);
            results.fill(Val::Result(Ok(Some(Box::new(helpdesk)))));
            Ok(())
        })?;
        let keyless = linker.instantiate_pre(&Component::new(&engine, freshdesk_components::PLUGIN)?)?;
        Ok(Self { engine, adapted, keyless, contract: Contract::load().expect("the contract is readable") })
    }

    fn shared() -> &'static Self {
        static PROCESS: OnceLock<Process> = OnceLock::new();
        PROCESS.get_or_init(|| Self::start().expect("wasmtime runs the plugin"))
    }
}

impl Bare {
    /// The plugin for the helpdesk at `base_url`, as the agent whose key this is.
    pub(crate) fn new(base_url: &str, key: &str) -> Self {
        Self::with(&[("FRESHDESK_BASE_URL", base_url), ("FRESHDESK_API_KEY", key)])
    }

    /// The plugin with these variables.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self::Adapted(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Runs a tool.
    pub(crate) async fn call(&self, tool: &str, input: &Value) -> Result<Value, CallError> {
        let contract = &Process::shared().contract;
        let tool = contract.tool(tool).ok_or_else(|| CallError::UnknownTool(tool.to_owned()))?;
        let request = contract.read(tool, input).map_err(|problems| contract.invalid_input(&problems))?;
        let result = self.run(tool.interface(), tool.function(), request).await;
        let result = result.map_err(|error| CallError::Broken(SandboxError::Broke(format!("{error:#}"))))?;
        let answer = contract.write(tool, &result).map_err(|why| CallError::Broken(why.into()))?;
        Ok(answer?)
    }

    async fn run(&self, interface: &str, function: &str, request: Val) -> wasmtime::Result<Val> {
        let process = Process::shared();
        let (plugin, variables, base_url) = match self {
            Self::Adapted(variables) => (&process.adapted, variables.as_slice(), ""),
            Self::Keyless(base_url) => (&process.keyless, [].as_slice(), base_url.as_str()),
        };
        let wasi = WasiCtx::builder().envs(variables).build();
        let state =
            State { wasi, http: WasiHttpCtx::new(), table: ResourceTable::new(), base_url: base_url.to_owned() };
        let mut store = Store::new(&process.engine, state);
        let instance = plugin.instantiate_async(&mut store).await?;
        let interface = instance.get_export_index(&mut store, None, interface);
        let function = instance.get_export_index(&mut store, interface.as_ref(), function);
        let function = function.and_then(|index| instance.get_func(&mut store, index));
        let mut result = [Val::Bool(false)];
        function.expect("the plugin has the function").call_async(&mut store, &[request], &mut result).await?;
        let [result] = result;
        Ok(result)
    }
}
