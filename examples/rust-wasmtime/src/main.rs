//! The plugin in a host of your own, by wasmtime alone: the key is put on outside of the sandbox, by wasmtime's hook.
//!
//! `account` is the host's side: the one import of the contract, and the way out. What our library does beside that (waiting
//! for turns, sending again, kept connections, checks of each request) is not here.

mod account;

use account::Account;
use bindings::exports::freshdesk::tools::tickets::{TicketEmbed, TicketGetRequest};
use bindings::freshdesk::tools::types::{Error, Priority};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::error::{Context, bail, ensure};
use wasmtime::{Engine, Result, Store};

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "generated from the contract")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "plugin",
        imports: { default: trappable },
        exports: { default: async },
    });
}

#[tokio::main]
async fn main() -> Result<()> {
    let engine = Engine::default();
    let component = Component::from_file(&engine, "target/components/freshdesk.wasm")?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    bindings::freshdesk::tools::credentials::add_to_linker::<_, HasSelf<Account>>(&mut linker, |account| account)?;
    let plugin = bindings::PluginPre::new(linker.instantiate_pre(&component)?)?;

    // A fresh instance a call: nothing of one call is left to the next.
    let get = async |ticket_id| {
        let mut store = Store::new(&engine, Account::from_environment()?);
        let plugin = plugin.instantiate_async(&mut store).await?;
        let request = TicketGetRequest { ticket_id, include: Some(vec![TicketEmbed::Requester]) };
        plugin.freshdesk_tools_tickets().call_ticket_get(&mut store, &request).await
    };

    let view = get(42817).await?.context("the ticket is there")?;
    println!("{} {}", view.ticket.id, view.ticket.subject.unwrap_or_default());
    ensure!(view.ticket.priority == Some(Priority::High), "ticket 42817 is of high priority");

    match get(1).await? {
        Err(Error::NotFound) => println!("ticket 1: not-found"),
        other => bail!("there is no ticket 1: {other:?}"),
    }
    Ok(())
}
