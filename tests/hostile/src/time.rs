//! Using up time: the host's, or its threads'.

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::{self, Pollable};

use crate::attack::{Attack, Loot, met};
use crate::tools::Tool;

pub(crate) const ATTACKS: [(&str, Attack); 7] = [
    ("loop", endless_loop),
    ("loop-in-drop", loop_in_drop),
    ("sleep", sleep),
    ("naps", naps),
    ("ask-clock", ask_clock),
    ("poll-crowd", poll_crowd),
    ("poll-none", poll_none),
];

const MILLISECOND: u64 = 1_000_000;

/// Lets this many milliseconds pass without using the processor.
pub(crate) fn wait(milliseconds: u64) {
    monotonic_clock::subscribe_duration(milliseconds * MILLISECOND).block();
}

/// The same, in pieces: requests that were started go on meanwhile.
pub(crate) fn pause(milliseconds: u64) {
    (0..milliseconds).for_each(|_| wait(1));
}

/// Computes for ever.
fn endless_loop(_: &Tool, _: &str) -> Loot {
    let mut number = 1_u64;
    while std::hint::black_box(number) != 0 {
        number = number.wrapping_mul(6_364_136_223_846_793_005) | 1;
    }
    Err(met(number))
}

/// Computes for ever where it was to clean up.
fn loop_in_drop(tool: &Tool, _: &str) -> Loot {
    struct Clinging<'a>(&'a Tool);
    impl Drop for Clinging<'_> {
        fn drop(&mut self) {
            let _ = endless_loop(self.0, "");
        }
    }
    let _clinging = Clinging(tool);
    Err(met("done"))
}

/// Sleeps for a thousand years.
fn sleep(_: &Tool, _: &str) -> Loot {
    wait(1000 * 365 * 86_400_000 / 2);
    Err(met("slept well"))
}

/// Sleeps a millisecond, for ever. No instruction is counted meanwhile.
fn naps(_: &Tool, _: &str) -> Loot {
    loop {
        wait(1);
    }
}

/// Asks the host for the time, for ever.
fn ask_clock(_: &Tool, _: &str) -> Loot {
    while monotonic_clock::now() > 0 {}
    Err(met("no time"))
}

/// Waits for a million things at once that never come, which are one thing.
fn poll_crowd(_: &Tool, times: &str) -> Loot {
    let never = monotonic_clock::subscribe_duration(u64::MAX);
    let crowd: Vec<&Pollable> = vec![&never; times.parse().unwrap_or(1_000_000)];
    Err(met(format_args!("{:?}", poll::poll(&crowd))))
}

/// Waits for nothing at all.
fn poll_none(_: &Tool, _: &str) -> Loot {
    Err(met(format_args!("{:?}", poll::poll(&[]))))
}
