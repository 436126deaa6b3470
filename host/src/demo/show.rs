//! Prints the demo for a person: calls and answers as lines, with colours on a terminal.

use std::net::SocketAddr;
use std::time::Duration;

use anstream::println;
use anstyle::{AnsiColor, Style};
use freshdesk_simulator::Exchange;
use serde_json::Value;

use crate::Label;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const TOOL: Style = AnsiColor::Cyan.on_default();

/// Longest text of one line, in characters.
const LINE: usize = 79;

/// Says what is about to run.
pub(super) fn opening(helpdesk: &Label, address: SocketAddr, plugin: usize, ready: Duration) {
    println!("{BOLD}Support triage by an agent that never sees a key{BOLD:#}\n");
    println!("  {DIM}helpdesk{DIM:#}  {}, simulated at {address} over TLS", helpdesk.host());
    println!("  {DIM}plugin{DIM:#}    {} kB of WebAssembly, ready after {} ms", plugin / 1000, ready.as_millis());
    println!("  {DIM}key{DIM:#}       held by the host, attached when a request has left the sandbox\n");
}

/// Shows a call before it is made.
pub(super) fn call(number: usize, why: &str, tool: &str, input: &Value) {
    println!("{BOLD}{number}  {why}{BOLD:#}");
    println!("   {TOOL}{tool}{TOOL:#}");
    for (name, value) in input.as_object().into_iter().flatten() {
        println!("     {DIM}{name:<12}{DIM:#} {}", shorten(&plain(value), LINE - 20));
    }
}

/// Shows what was answered, by what it is.
pub(super) fn answer(answer: &Value, took: Duration) {
    let took = format!("{DIM}({:.1} ms){DIM:#}", took.as_secs_f64() * 1000.0);
    if let Some(tickets) = answer["tickets"].as_array() {
        let more = if answer["has_more"] == true { "more on the next page" } else { "all on this page" };
        println!("   {GOOD}✓{GOOD:#} {} tickets, {more} {took}", tickets.len());
        tickets.iter().for_each(ticket_line);
    } else if answer["ticket_id"].is_u64() {
        let (to, copies) = (plain(&answer["to_emails"]), plain(&answer["cc_emails"]));
        println!("   {GOOD}✓{GOOD:#} sent to {to}, copy to {copies} {took}");
    } else {
        let (id, url) = (plain(&answer["id"]), plain(&answer["url"]));
        println!("   {GOOD}✓{GOOD:#} ticket {id}, {}, {} {took}", plain(&answer["status"]), plain(&answer["priority"]));
        println!("     {DIM}{url}{DIM:#}");
        if answer["conversations"].is_array() {
            conversation(answer);
        }
    }
    println!();
}

fn ticket_line(ticket: &Value) {
    println!(
        "     {:<6} {:<8} {:<7} {:<37} {DIM}{}{DIM:#}",
        plain(&ticket["id"]),
        shorten(&plain(&ticket["status"]), 8),
        plain(&ticket["priority"]),
        shorten(&plain(&ticket["subject"]), 37),
        plain(&ticket["requester"]["name"]),
    );
}

fn conversation(ticket: &Value) {
    let customer = plain(&ticket["requester"]["name"]);
    if let Some(text) = ticket["description_text"].as_str() {
        println!("     {DIM}subject{DIM:#}   {}", plain(&ticket["subject"]));
        println!("     {DIM}wrote{DIM:#}     {}", shorten(&format!("{customer}: {text}"), LINE - 15));
    }
    for entry in ticket["conversations"].as_array().into_iter().flatten() {
        let kind = match (entry["private"] == true, entry["incoming"] == true) {
            (true, _) => "noted",
            (_, true) => "wrote",
            _ => "replied",
        };
        println!("     {DIM}{kind:<9}{DIM:#} {}", shorten(&plain(&entry["body_text"]), LINE - 15));
    }
}

/// Says what was seen on the other side, and what to try next.
pub(super) fn closing(journal: &[Exchange], handshakes: u64) {
    println!("{BOLD}What Freshdesk saw{BOLD:#}");
    if let Some(first) = journal.first() {
        println!("   {} {} {}", first.method, first.path, first.version);
        for (name, value) in &first.headers {
            match name.as_str() {
                "authorization" => println!("     {GOOD}{name}: Basic •••• (attached by the host){GOOD:#}"),
                _ => println!("     {DIM}{name}: {value}{DIM:#}"),
            }
        }
    }
    let with_key = journal.iter().filter(|exchange| exchange.header("authorization").is_some()).count();
    println!("   {} requests, {with_key} with the key, over {handshakes} TLS connection", journal.len());
    println!("   None carried a key when it left the plugin: one that does is not let out.\n");
    println!("{BOLD}Try next{BOLD:#}");
    for (command, what) in [
        ("cargo run -- tools", "the ten tools"),
        ("cargo run -- call --help", "one tool, for your own Freshdesk"),
        ("cargo run -p freshdesk-simulator", "a Freshdesk to play with"),
        ("cargo test --workspace", "every promise, tested"),
    ] {
        println!("   {TOOL}{command:<34}{TOOL:#} {DIM}{what}{DIM:#}");
    }
}

/// A value as a person writes it: lists with commas, texts without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The beginning of a text, on one line.
fn shorten(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
