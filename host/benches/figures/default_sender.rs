//! The plugin under wasmtime alone, sending as `wasmtime_wasi_http::default_send_request` does: a new connection and a new
//! TLS configuration for every request, over HTTP/1.1.
//!
//! The default sender itself trusts the public roots and no others, so that it cannot reach a simulator over TLS. What it
//! does is done here step by step, with one root more; the timeouts between two pieces of an answer are left out.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use freshdesk_components::PLUGIN;
use freshdesk_host::contract::{Contract, Tool};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, PoolingAllocationConfig, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::calls::{TOOL, arguments};
use crate::common::simulator::Introduction;
use crate::native::{AUTHORIZATION_VALUE, tls};

/// The import of the plugin that its host answers.
const CREDENTIALS: &str = "freshdesk:tools/credentials@0.1.0";

/// How a request and its connection end.
type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// Wasmtime with the plugin.
pub(crate) struct DefaultSender {
    engine: Engine,
    plugin: InstancePre<State>,
    contract: Contract,
    sender: Sender,
}

/// An instance's state.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    sender: Sender,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.sender }
    }
}

impl DefaultSender {
    /// Wasmtime with its default settings, or with its instances pooled as our host's are, so that the two differ in how they
    /// send and in little else.
    pub(crate) fn new(simulator: &Introduction, pooled: bool) -> Result<Self> {
        let mut config = Config::new();
        if pooled {
            let mut pool = PoolingAllocationConfig::new();
            pool.max_memory_size(128 << 20)
                .linear_memory_keep_resident(256 << 10)
                .async_stack_keep_resident(32 << 10)
                .table_keep_resident(4 << 10);
            config.allocation_strategy(pool).memory_reservation(128 << 20).memory_guard_size(0);
        }
        let (engine, plugin) = compiled(&config).map_err(told)?;
        let sender = Sender { simulator: Arc::new(simulator.clone()), addr: simulator.addr };
        Ok(Self { engine, plugin, contract: Contract::load()?, sender })
    }

    /// Gets the ticket.
    pub(crate) async fn call(&self) -> Result<Value> {
        let tool = self.contract.tool(TOOL).context("the tool is missing")?;
        let request = self.contract.read(tool, &arguments()).map_err(|problems| anyhow!("{problems:?}"))?;
        let result = self.run(tool, request).await.map_err(told)?;
        Ok(self.contract.write(tool, &result)??)
    }

    async fn run(&self, tool: &Tool, request: Val) -> wasmtime::Result<Val> {
        let (wasi, sender) = (WasiCtx::builder().build(), self.sender.clone());
        let state = State { wasi, http: WasiHttpCtx::new(), table: ResourceTable::new(), sender };
        let mut store = Store::new(&self.engine, state);
        let instance = self.plugin.instantiate_async(&mut store).await?;
        let interface = instance.get_export_index(&mut store, None, tool.interface());
        let function = instance.get_export_index(&mut store, interface.as_ref(), tool.function());
        let function = function.and_then(|index| instance.get_func(&mut store, index));
        let function = function.ok_or_else(|| wasmtime::Error::msg("the plugin lacks the function"))?;
        let mut result = [Val::Bool(false)];
        function.call_async(&mut store, &[request], &mut result).await?;
        let [result] = result;
        Ok(result)
    }
}

/// The plugin, compiled and linked.
fn compiled(config: &Config) -> wasmtime::Result<(Engine, InstancePre<State>)> {
    let engine = Engine::new(config)?;
    let mut linker: Linker<State> = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    linker.instance(CREDENTIALS)?.func_new("get", |store, _, _, results| {
        let helpdesk = Val::Record(vec![
            ("base-url".to_owned(), Val::String(format!("https://{}", store.data().sender.addr))),
            ("authorization".to_owned(), Val::Variant("attached-by-host".to_owned(), None)),
        ]);
        results.fill(Val::Result(Ok(Some(Box::new(helpdesk)))));
        Ok(())
    })?;
    let plugin = linker.instantiate_pre(&Component::new(&engine, PLUGIN)?)?;
    Ok((engine, plugin))
}

fn told(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("{error:#}")
}

/// Sends as wasmtime does when nobody says otherwise. It attaches the key, for the request to be the same.
#[derive(Clone)]
struct Sender {
    simulator: Arc<Introduction>,
    addr: SocketAddr,
}

impl WasiHttpHooks for Sender {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Io), Error>> + Send> {
        let simulator = Arc::clone(&self.simulator);
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static(AUTHORIZATION_VALUE));
        Box::new(async move { send(&simulator, request).await })
    }
}

async fn send(simulator: &Introduction, mut request: Request<WasiBody>) -> Result<(Response<WasiBody>, Io), Error> {
    let addr = request.uri().authority().ok_or(Error::HttpRequestUriInvalid)?.to_string();
    let stream = TcpStream::connect(&addr).await.map_err(Error::Connect)?;
    let config = tls(simulator).map_err(|_| Error::ConfigurationError)?;
    let name = ServerName::from(simulator.addr.ip());
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(Error::Tls)?;
    let (mut sender, connection) = http1::Builder::new().handshake(TokioIo::new(stream)).await?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = Uri::try_from(path).map_err(|_| Error::HttpRequestUriInvalid)?;
    let mut connection = Box::pin(connection);
    let sending = sender.send_request(request);
    let answer = tokio::select! {
        biased;
        answer = sending => answer?,
        ended = &mut connection => {
            ended?;
            return Err(Error::HttpResponseIncomplete);
        }
    };
    let answer = answer.map(|body| body.map_err(Error::from).boxed_unsync());
    Ok((answer, Box::new(async move { Ok(connection.await?) }) as Io))
}
