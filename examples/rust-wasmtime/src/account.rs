//! The account that an instance works for: it answers the contract's one import, and puts the key on what leaves.

use std::env;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime::error::Context;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::bindings::freshdesk::tools::{credentials, types};

/// What becomes of errors of a body that is still under way.
type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// An instance's state.
pub(crate) struct Account {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    way_out: WayOut,
}

/// Where the plugin's requests leave.
struct WayOut {
    base_url: String,
    authorization: HeaderValue,
}

impl Account {
    /// The account in `FRESHDESK_DOMAIN`, or in the simulator at `FRESHDESK_BASE_URL`, with the key in `FRESHDESK_API_KEY`.
    pub(crate) fn from_environment() -> Result<Self> {
        let base_url = match env::var("FRESHDESK_BASE_URL") {
            Ok(simulator) => simulator,
            Err(_) => {
                format!("https://{}.freshdesk.com", env::var("FRESHDESK_DOMAIN").context("set FRESHDESK_DOMAIN")?)
            }
        };
        let key = env::var("FRESHDESK_API_KEY").context("set FRESHDESK_API_KEY")?;
        let mut authorization = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:X"))))?;
        authorization.set_sensitive(true);
        Ok(Self {
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            way_out: WayOut { base_url, authorization },
        })
    }
}

impl credentials::Host for Account {
    fn get(&mut self) -> wasmtime::Result<Result<credentials::Helpdesk, types::Error>> {
        let base_url = self.way_out.base_url.clone();
        Ok(Ok(credentials::Helpdesk { base_url, authorization: credentials::Authorization::AttachedByHost }))
    }
}

impl types::Host for Account {}

impl WasiHttpHooks for WayOut {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        io: Io,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Io), Error>> + Send> {
        let to = request.uri();
        let to =
            format!("{}://{}", to.scheme_str().unwrap_or_default(), to.authority().map_or("", |name| name.as_str()));
        if to != self.base_url {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        }
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        <&mut dyn WasiHttpHooks>::default().send_request(request, options, io)
    }
}

impl WasiView for Account {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Account {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.way_out }
    }
}
