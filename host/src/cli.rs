//! The command's arguments, and what it prints.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::{Account, ApiKey, CallError, Development, Host, Label, Person, Settings, Tool, demo, verify};

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
    /// Prints the answer as JSON and exits with 0. When the tool fails, prints the error as JSON and exits with 1. When
    /// the command cannot run, says why on standard error and exits with 2.
    Call {
        /// The tool, such as freshdesk_ticket_get
        tool: String,
        /// Its arguments as a JSON object, or - to read them from standard input
        json: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Ask Freshdesk whose key FRESHDESK_API_KEY is, which shows that it works
    Who {
        #[command(flatten)]
        reach: Reach,
    },
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
    /// Let a reply name the agent to speak as, by user_id
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
            Command::Who { reach } => who(&reach).await,
            Command::Verify { file } => verify(file.as_deref()).await,
            Command::Tools { tool, json } => tools(tool.as_deref(), json).map(|()| ExitCode::SUCCESS),
        }
    }
}

async fn call(tool: &str, json: &str, reach: &Reach) -> Result<ExitCode> {
    let contract = Contract::load()?;
    if contract.tool(tool).is_none() {
        let names: Vec<_> = contract.tools().iter().map(Tool::name).collect();
        bail!("there is no tool {tool:?}; there are:\n  {}", names.join("\n  "));
    }
    let input = arguments(json)?;
    let account = Arc::new(reach.account()?);
    let component = component(reach.component.as_deref())?;
    let host = Host::new(&component, &reach.settings(account.helpdesk())?)?;
    outcome(host.call(&account, tool, &input).await)
}

async fn who(reach: &Reach) -> Result<ExitCode> {
    let account = Arc::new(reach.account()?);
    let host = Host::new(&component(reach.component.as_deref())?, &reach.settings(account.helpdesk())?)?;
    let Person { id, name, email } = match host.who(&account).await {
        Ok(person) => person,
        Err(error) => return outcome(Err(error)),
    };
    outcome(Ok(json!({"helpdesk": account.helpdesk().host(), "id": id, "name": name, "email": email})))
}

/// Prints an answer or a tool's error as JSON.
fn outcome(result: Result<Value, CallError>) -> Result<ExitCode> {
    match result {
        Ok(answer) => {
            print(&answer)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(CallError::Tool { error, story }) => {
            print(&error.to_json())?;
            if !story.is_empty() {
                anstream::eprintln!("freshdesk-host: {story}");
            }
            if error.case == "revoked" {
                anstream::eprintln!("freshdesk-host: look at FRESHDESK_API_KEY: {WHERE_KEYS_ARE}");
            }
            Ok(ExitCode::from(1))
        }
        Err(error) => bail!("{}", error.log()),
    }
}

/// The component in a file, or the one built in.
fn component(file: Option<&Path>) -> Result<Cow<'static, [u8]>> {
    match file {
        Some(file) => Ok(fs::read(file).with_context(|| format!("cannot read {}", file.display()))?.into()),
        None => Ok(freshdesk_components::PLUGIN.into()),
    }
}

async fn verify(file: Option<&Path>) -> Result<ExitCode> {
    let name = file.map_or("the plugin built in".to_owned(), |file| file.display().to_string());
    let outside = verify::run(&component(file)?, &name).await?;
    Ok(if outside { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Where a support agent finds the key.
const WHERE_KEYS_ARE: &str = "in Freshdesk, your avatar, Profile settings, View API key";

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
        let Some(key) = env::var("FRESHDESK_API_KEY").ok().filter(|key| !key.is_empty()) else {
            bail!("set FRESHDESK_API_KEY to your API key: {WHERE_KEYS_ARE}");
        };
        let key = ApiKey::new(&key).context("FRESHDESK_API_KEY")?;
        Ok(Account::new(helpdesk, key))
    }

    fn settings(&self, helpdesk: &Label) -> Result<Settings> {
        let read = |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
        if let Some((host, _)) = self.resolve.iter().find(|(host, _)| *host != helpdesk.host()) {
            bail!("--resolve {host}=… is of no use: the helpdesk is {}", helpdesk.host());
        }
        let development = Development {
            resolve: HashMap::from_iter(self.resolve.iter().cloned()),
            trust_roots: self.trust_root.iter().map(read).collect::<Result<_>>()?,
        };
        let (deadline, speak_as_others) = (Duration::from_secs(self.deadline), self.speak_as_others);
        Ok(Settings { deadline, calls: 1, cache: cache(), speak_as_others, development, ..Settings::default() })
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

fn tools(name: Option<&str>, as_json: bool) -> Result<()> {
    let contract = Contract::load()?;
    let tools: Vec<_> = contract.tools().iter().filter(|tool| name.is_none_or(|name| name == tool.name())).collect();
    match (tools.as_slice(), name) {
        ([], _) => bail!("there is no such tool: see freshdesk-host tools"),
        (_, _) if as_json => print(&Value::Array(tools.into_iter().map(published).collect())),
        ([tool], Some(_)) => {
            tell(tool);
            Ok(())
        }
        _ => {
            for tool in tools {
                anstream::println!("{BOLD}{}{BOLD:#}\n{}\n", tool.name(), wrapped(tool.description(), 4));
            }
            anstream::println!("One tool with its parameters: freshdesk-host tools NAME");
            anstream::println!("All, with JSON Schemas:       freshdesk-host tools --json");
            Ok(())
        }
    }
}

/// A tool as an agent is told of it.
fn published(tool: &Tool) -> Value {
    json!({
        "name": tool.name(),
        "description": tool.description(),
        "inputSchema": tool.input_schema(),
        "outputSchema": tool.output_schema(),
    })
}

/// Prints a tool with its parameters for a person.
fn tell(tool: &Tool) {
    anstream::println!("{BOLD}{}{BOLD:#}\n{}\n", tool.name(), wrapped(tool.description(), 4));
    let schema = tool.input_schema();
    let required = |name: &String| schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required(name) { " (required)" } else { "" };
        anstream::println!(
            "    {BOLD}{name}{BOLD:#}{mark}\n{}",
            wrapped(property["description"].as_str().unwrap_or_default(), 8)
        );
    }
}

/// How wide a line may be, so that it fits every terminal.
const WIDTH: usize = 79;

/// A text broken into lines that begin with `indent` spaces.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![" ".repeat(indent)];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.trim().is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => *line += &format!(" {word}"),
            _ => lines.push(" ".repeat(indent) + word),
        }
    }
    lines.join("\n")
}

const BOLD: anstyle::Style = anstyle::Style::new().bold();

fn print(value: &Value) -> Result<()> {
    anstream::println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
