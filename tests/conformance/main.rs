//! The server that MCP's official conformance suite is run against: its fixture of tools, prompts and resources, on the
//! host's own MCP surface. `tests/conformance/run` runs it.
//!
//! Takes the address to listen on, and prints where it is reached.

mod asks;
mod fixture;
mod forms;
mod prompts;
mod resources;
mod tools;

use std::env;
use std::net::SocketAddr;
use std::sync::Arc;

use freshdesk_host::mcp::{McpSettings, service};
use tokio::net::TcpListener;

use fixture::Fixture;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let listener = TcpListener::bind(address).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    println!("{origin}/mcp");
    let settings = McpSettings { origins: vec![origin], ..McpSettings::default() };
    let fixture = Arc::new(Fixture::default());
    axum::serve(listener, service(move || Arc::clone(&fixture), &settings)).await?;
    Ok(())
}
