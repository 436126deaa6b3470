//! The command's arguments, and what it prints.

mod accounts;
mod audit;
mod call;
mod keeping;
mod mcp;
mod reach;
mod serve;
mod telemetry;
mod tenants;
mod tokens;
mod tools;
mod vault;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;
use std::{borrow::Cow, env, fs};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use serde_json::Value;

use crate::accounts::moment;
use crate::{demo, verify};

/// What `--version` prints: the command's version, and which component it carries.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\nfreshdesk.wasm {}", env!("CARGO_PKG_VERSION"), freshdesk_components::PLUGIN_DIGEST));

/// Runs the Freshdesk plugin in a sandbox and holds the keys outside of it.
#[derive(Debug, Parser)]
#[command(version, long_version = VERSION.as_str(), max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show an agent's triage against a simulated Freshdesk on this machine; needs no account and no network
    Demo,
    /// Run one tool: for the account in FRESHDESK_DOMAIN and FRESHDESK_API_KEY, or for a connected one
    ///
    /// Prints the answer as JSON and exits with 0. When the tool fails, prints the error as JSON and exits with 1. When
    /// the command cannot run, says why on standard error and exits with 2.
    Call(call::Call),
    /// Ask Freshdesk whose key FRESHDESK_API_KEY is, which shows that it works
    Who(call::Who),
    /// Verify that a component never sees the key: runs all tools of it with a random one, and looks for that
    ///
    /// Prints what the component imports, what it could reach, and where the key was found. Exits with 0 when it was
    /// nowhere, and with 1 when it was somewhere. Needs no account and no network.
    Verify {
        /// The component; the one built in when absent
        file: Option<PathBuf>,
    },
    /// List the tools, or tell one in full
    Tools {
        /// The tool, such as freshdesk_ticket_get
        tool: Option<String>,
        /// As JSON, with the schemas of arguments and answers
        #[arg(long)]
        json: bool,
    },
    /// Serve the page on which users connect Freshdesk, and tell tenants of what changes
    Serve(serve::Serve),
    /// Serve the tools over MCP on standard input and output: for a user, or for the account of the environment
    ///
    /// An MCP client starts it. Standard output has the protocol alone; what goes wrong is on standard error.
    Mcp(Box<mcp::Mcp>),
    /// Accounts: each is one user's connection to Freshdesk
    #[command(subcommand)]
    Accounts(accounts::Accounts),
    /// Tenants: the applications whose users connect
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Tokens, by which a tenant and its agents show who they are
    #[command(subcommand)]
    Tokens(tokens::Tokens),
    /// The vault in which the keys are sealed
    #[command(subcommand)]
    Vault(vault::Vault),
    /// The trail of what was done with accounts and keys
    #[command(subcommand)]
    Audit(audit::Audit),
}

impl Cli {
    /// Does what the arguments say.
    ///
    /// # Errors
    ///
    /// Fails when the command could not be carried out; a tool's own error is no failure of the command.
    pub async fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Demo => demo::run().await.map(|()| ExitCode::SUCCESS),
            Command::Call(call) => call.run().await,
            Command::Who(who) => who.run().await,
            Command::Verify { file } => verified(file.as_deref()).await,
            Command::Tools { tool, json } => tools::tools(tool.as_deref(), json).map(|()| ExitCode::SUCCESS),
            Command::Serve(serve) => serve.run().await.map(|()| ExitCode::SUCCESS),
            Command::Mcp(mcp) => mcp.run().await.map(|()| ExitCode::SUCCESS),
            Command::Accounts(accounts) => accounts.run().await.map(|()| ExitCode::SUCCESS),
            Command::Tenants(tenants) => tenants.run().await.map(|()| ExitCode::SUCCESS),
            Command::Tokens(tokens) => tokens.run().await.map(|()| ExitCode::SUCCESS),
            Command::Vault(vault) => vault.run().await,
            Command::Audit(audit) => audit.run().await,
        }
    }
}

async fn verified(file: Option<&Path>) -> Result<ExitCode> {
    let name = file.map_or("the plugin built in".to_owned(), |file| file.display().to_string());
    let outside = verify::run(&component(file)?, &name).await?;
    Ok(if outside { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The component in a file, or the one built in.
fn component(file: Option<&Path>) -> Result<Cow<'static, [u8]>> {
    match file {
        Some(file) => Ok(fs::read(file).with_context(|| format!("cannot read {}", file.display()))?.into()),
        None => Ok(freshdesk_components::PLUGIN.into()),
    }
}

/// Where compiled plugins are kept: below the user's cache directory, if the user has one.
pub(crate) fn cache() -> Option<PathBuf> {
    Some(directory("XDG_CACHE_HOME", ".cache")?.join("freshdesk-host"))
}

/// A directory of the user's, by its variable or below the home.
fn directory(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}

fn print(value: &Value) -> Result<()> {
    anstream::println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
