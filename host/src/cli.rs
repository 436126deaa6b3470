//! The command's arguments, and what it prints.

use std::collections::HashMap;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

use crate::{Account, ApiKey, CallError, Development, Host, Label, Settings, demo};

/// Runs the Freshdesk plugin in a sandbox and holds the key outside of it.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show an agent's triage against a simulated Freshdesk on this machine; needs no account and no network
    Demo,
    /// Run one tool for the account in FRESHDESK_DOMAIN and FRESHDESK_API_KEY
    ///
    /// Prints the answer as JSON. When the tool fails, prints the error as JSON and exits with 1.
    Call {
        /// The tool, such as freshdesk_ticket_get
        tool: String,
        /// Its arguments as a JSON object, or - to read them from standard input
        json: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// List the tools
    Tools {
        /// As JSON, with the schemas of arguments and answers
        #[arg(long)]
        json: bool,
    },
}

/// How Freshdesk is reached.
#[derive(Args, Debug)]
struct Reach {
    /// The helpdesk: acme, or acme.freshdesk.com
    #[arg(long, env = "FRESHDESK_DOMAIN")]
    domain: Option<String>,
    /// Seconds that the whole call may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    deadline: u64,
    /// Run this component instead of the one built in
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Let a reply name another agent to speak as, by user_id
    #[arg(long)]
    speak_as_others: bool,
    /// For trials: connect to ADDRESS for HOST, as in acme.freshdesk.com=127.0.0.1:8443
    #[arg(long, value_name = "HOST=ADDRESS", value_parser = parse_resolve)]
    resolve: Vec<(String, SocketAddr)>,
    /// For trials: trust the authority whose certificate, in PEM, is in FILE
    #[arg(long, value_name = "FILE")]
    trust_root: Vec<PathBuf>,
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
            Command::Call { tool, json, reach } => call(&tool, &json, &reach).await,
            Command::Tools { json } => tools(json).map(|()| ExitCode::SUCCESS),
        }
    }
}

async fn call(tool: &str, json: &str, reach: &Reach) -> Result<ExitCode> {
    let input = arguments(json)?;
    let account = Arc::new(reach.account()?);
    let component = match &reach.component {
        Some(file) => fs::read(file).with_context(|| format!("cannot read {}", file.display()))?.into(),
        None => std::borrow::Cow::Borrowed(freshdesk_components::PLUGIN),
    };
    let host = Host::new(&component, &reach.settings()?)?;
    match host.call(&account, tool, &input).await {
        Ok(answer) => {
            print(&answer)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(CallError::Tool { error, story }) => {
            print(&error.to_json())?;
            if !story.is_empty() {
                anstream::eprintln!("freshdesk-host: {story}");
            }
            Ok(ExitCode::from(1))
        }
        Err(CallError::UnknownTool(name)) => {
            let names: Vec<_> = host.tools().iter().map(|tool| tool.name()).collect();
            bail!("there is no tool {name:?}; there are:\n  {}", names.join("\n  "));
        }
        Err(error @ CallError::Broken(_)) => bail!("{}", error.log()),
    }
}

/// The arguments of a call, from the command line or standard input.
fn arguments(json: &str) -> Result<Value> {
    let mut text = json.to_owned();
    if json == "-" {
        text.clear();
        io::stdin().read_to_string(&mut text).context("cannot read the arguments from standard input")?;
    }
    serde_json::from_str(&text).context("the arguments are not JSON")
}

impl Reach {
    fn account(&self) -> Result<Account> {
        let Some(domain) = self.domain.as_deref().filter(|domain| !domain.is_empty()) else {
            bail!("set FRESHDESK_DOMAIN to your helpdesk, such as acme.freshdesk.com");
        };
        let helpdesk = Label::parse(domain).context("the domain")?;
        let Ok(key) = env::var("FRESHDESK_API_KEY") else {
            bail!("set FRESHDESK_API_KEY to your API key: in Freshdesk, your avatar, Profile settings, View API key");
        };
        if key.trim() == domain.trim() {
            bail!(
                "FRESHDESK_DOMAIN and FRESHDESK_API_KEY are the same: one is the helpdesk's name, the other your key"
            );
        }
        let key = ApiKey::new(&key).context("FRESHDESK_API_KEY")?;
        Ok(Account::new(helpdesk, key))
    }

    fn settings(&self) -> Result<Settings> {
        let read = |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
        let development = Development {
            resolve: HashMap::from_iter(self.resolve.iter().cloned()),
            trust_roots: self.trust_root.iter().map(read).collect::<Result<_>>()?,
        };
        let (deadline, speak_as_others) = (Duration::from_secs(self.deadline), self.speak_as_others);
        Ok(Settings { deadline, cache: cache(), speak_as_others, development })
    }
}

/// Where compiled plugins are kept: below the user's cache directory, if the user has one.
pub(crate) fn cache() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("freshdesk-host"))
}

fn parse_resolve(text: &str) -> Result<(String, SocketAddr), String> {
    let (host, address) = text.split_once('=').ok_or("give HOST=ADDRESS, as in acme.freshdesk.com=127.0.0.1:8443")?;
    let address = address.parse().map_err(|_| format!("{address:?} is no address with a port"))?;
    Ok((host.to_ascii_lowercase(), address))
}

fn tools(as_json: bool) -> Result<()> {
    let contract = crate::sandbox::contract::Contract::load()?;
    if as_json {
        let tools = contract.tools().iter().map(|tool| {
            json!({
                "name": tool.name(),
                "description": tool.description(),
                "inputSchema": tool.input_schema(),
                "outputSchema": tool.output_schema(),
            })
        });
        return print(&Value::Array(tools.collect()));
    }
    for tool in contract.tools() {
        anstream::println!("{BOLD}{}{BOLD:#}\n    {}\n", tool.name(), tool.description());
    }
    anstream::println!("Arguments and answers in full: freshdesk-host tools --json");
    Ok(())
}

const BOLD: anstyle::Style = anstyle::Style::new().bold();

fn print(value: &Value) -> Result<()> {
    anstream::println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
