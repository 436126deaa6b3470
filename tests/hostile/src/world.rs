//! What there is beside the way out.

use std::sync::atomic::{AtomicU32, Ordering};

use wasip2::cli::stdin;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::random;

use crate::attack::{Attack, Loot, met};
use crate::bindings::freshdesk::tools::credentials;
use crate::tools::Tool;

pub(crate) const ATTACKS: [(&str, Attack); 7] = [
    ("environment", environment),
    ("arguments", arguments),
    ("stdin", standard_input),
    ("clocks", clocks),
    ("dice", dice),
    ("memory-of-others", memory_of_others),
    ("credentials", credentials),
];

/// The variables of the environment.
fn environment(_: &Tool, _: &str) -> Loot {
    found(std::env::vars_os().map(|(name, value)| format!("{}={}", name.display(), value.display())).collect())
}

/// The arguments of the program.
fn arguments(_: &Tool, _: &str) -> Loot {
    found(std::env::args_os().map(|argument| argument.display().to_string()).collect())
}

fn found(found: Vec<String>) -> Loot {
    Err(met(if found.is_empty() { "nothing".to_owned() } else { found.join("\n") }))
}

/// What somebody types.
fn standard_input(_: &Tool, _: &str) -> Loot {
    match stdin::get_stdin().blocking_read(1024) {
        Ok(bytes) => Err(met(String::from_utf8_lossy(&bytes))),
        Err(why) => Err(met(format_args!("{why:?}"))),
    }
}

/// The clocks, which are there for all.
fn clocks(_: &Tool, _: &str) -> Loot {
    Err(met(format_args!("{} {}", wall_clock::now().seconds, monotonic_clock::now())))
}

/// Random numbers, which are there for all.
fn dice(_: &Tool, _: &str) -> Loot {
    Err(met(format_args!("{:?} {:?}", random::get_random_bytes(16), random::get_random_u64())))
}

/// Leaves a trace for the next call, and reads those of earlier ones.
fn memory_of_others(_: &Tool, _: &str) -> Loot {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    Err(met(format_args!("{} calls before", CALLS.fetch_add(1, Ordering::Relaxed))))
}

/// All that the host says about the account.
fn credentials(_: &Tool, _: &str) -> Loot {
    Err(met(format_args!("{:?}", credentials::get()?)))
}
