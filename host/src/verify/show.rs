//! Prints what a component imports, what it could reach, and where a key was found.

use anstream::println;
use anstyle::{AnsiColor, Style};

use super::Shown;
use crate::Digest;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// What an import gives, by how its name begins.
const GIVES: [(&str, &str); 14] = [
    ("freshdesk:tools/credentials@", "the helpdesk's address, and that the host attaches the key"),
    ("freshdesk:tools/", "types of the contract"),
    ("wasi:http/outgoing-handler@", "the one request of the tool that runs, through egress"),
    ("wasi:http/", "requests and answers as values"),
    ("wasi:cli/environment@", "an environment without variables or arguments"),
    ("wasi:cli/exit@", "to end itself"),
    ("wasi:cli/stdin@", "an empty input"),
    ("wasi:cli/std", "an output that goes nowhere"),
    ("wasi:cli/terminal", "that there is no terminal"),
    ("wasi:clocks/", "the time"),
    ("wasi:io/", "streams of its own requests, and waiting"),
    ("wasi:random/", "random numbers"),
    ("wasi:sockets/", "REFUSED: the network"),
    ("wasi:filesystem/", "REFUSED: files"),
];

/// What the component is, and what it wants.
pub(super) fn component(component: &[u8], name: &str, imports: &[String]) {
    println!("{BOLD}{name}{BOLD:#}, {} kB", component.len() / 1000);
    println!("{}\n", Digest::of(component));
    println!("What it imports, and what that gives it here");
    for import in imports {
        let gives = GIVES.iter().find(|(prefix, _)| import.starts_with(prefix));
        println!("  {import:<40} {DIM}{}{DIM:#}", gives.map_or("REFUSED: unknown", |(_, gives)| gives));
    }
    println!();
}

/// What each tool could reach, how its call ended, and where the key was found.
pub(super) fn tools(shown: &[Shown], (looks, bytes): (u64, u64)) {
    println!("What it could reach, tool by tool, and whether a key came into its sight");
    for Shown { tool, reach, arrived, ended, found } in shown {
        let sign = if found.is_empty() { format!("{GOOD}✓{GOOD:#}") } else { format!("{BAD}✗{BAD:#}") };
        let arrived = if *arrived { "sent with the key" } else { "nothing sent" };
        println!("  {sign} {tool:<26} {reach:<36} {DIM}{arrived}, {ended}{DIM:#}");
        for place in found {
            println!("      {BAD}the key was found {place}{BAD:#}");
        }
    }
    let verdict = match shown.iter().all(|shown| shown.found.is_empty()) {
        true => format!("{GOOD}it was nowhere{GOOD:#}"),
        false => format!("{BAD}it was found{BAD:#}"),
    };
    println!("\nA random key, raw and in base64, hex, percent and JSON encodings, was looked for {looks} times");
    println!("in {} MB of memories, globals, answers and log lines: {verdict}.", bytes / 1_000_000);
    println!("As a control, the component was handed a key in an argument, and that one was found.");
}
