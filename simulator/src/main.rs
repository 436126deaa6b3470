//! Runs a simulator by hand until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use freshdesk_simulator::{Plan, Settings, Simulator, State, Transport, seed};

/// A Freshdesk on a loopback address, with a helpdesk worth looking at.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; only loopback addresses are served
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Speak plain HTTP instead of TLS
    #[arg(long)]
    plain: bool,
    /// Write the generated authority's certificate in PEM to this file
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    authority: Option<PathBuf>,
    /// How long a window of the rate limits is
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    window: u64,
    /// The plan, which decides the rate limits
    #[arg(long, value_enum, default_value_t = PlanName::Enterprise)]
    plan: PlanName,
}

/// The plans that are sold.
#[derive(Clone, Copy, ValueEnum)]
enum PlanName {
    Trial,
    Growth,
    Pro,
    Enterprise,
}

impl PlanName {
    fn plan(self) -> Plan {
        match self {
            PlanName::Trial => Plan::Trial,
            PlanName::Growth => Plan::Growth,
            PlanName::Pro => Plan::Pro,
            PlanName::Enterprise => Plan::Enterprise,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut state = State::seeded();
    let helpdesk = state.helpdesk(seed::LABEL);
    helpdesk.subscribe(arguments.plan.plan());
    helpdesk.window = Duration::from_secs(arguments.window);
    let transport = if arguments.plain { Transport::Plain } else { Transport::Tls };
    let simulator = Simulator::start(Settings { listen: arguments.listen, transport, state }).await?;
    if let (Some(file), Some(pem)) = (&arguments.authority, simulator.authority_pem()) {
        std::fs::write(file, pem).with_context(|| format!("cannot write {}", file.display()))?;
    }
    introduce(&simulator, &arguments);
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Tells where it is and how to talk to it.
fn introduce(simulator: &Simulator, arguments: &Arguments) {
    let trust = match &arguments.authority {
        Some(file) => format!("--cacert {} ", file.display()),
        None if arguments.plain => String::new(),
        None => "--insecure ".to_owned(),
    };
    println!("{} answers as {}.freshdesk.com", simulator.base_url(), seed::LABEL);
    for agent in simulator.state().helpdesk(seed::LABEL).agents.values() {
        if let Some(key) = &agent.api_key {
            println!("  {key}  {} <{}>", agent.name, agent.email);
        }
    }
    println!("Try:");
    let url = simulator.base_url();
    println!("  curl {trust}-u {}:X '{url}/api/v2/tickets/{}?include=stats'", seed::ADMIN_KEY, seed::TICKET_ID);
    if let Some(file) = &arguments.authority {
        println!(
            "  FRESHDESK_DOMAIN={} FRESHDESK_API_KEY={} cargo run -- call freshdesk_ticket_get '{{\"ticket_id\": {}}}' \\\n    \
             --resolve {0}.freshdesk.com={} --trust-root {}",
            seed::LABEL,
            seed::ADMIN_KEY,
            seed::TICKET_ID,
            simulator.addr(),
            file.display()
        );
    }
    println!("Ctrl-C ends it.");
}
