//! Using up memory: the sandbox's, or the host's.

use wasip2::cli::{stderr, stdout};
use wasip2::clocks::monotonic_clock;
use wasip2::http::types::{Fields, OutgoingRequest, OutgoingResponse, RequestOptions};
use wasip2::io::streams::OutputStream;
use wasip2::random::random;

use crate::attack::{Attack, Loot, met};
use crate::tools::Tool;
use crate::wire::Request;

pub(crate) const ATTACKS: [(&str, Attack); 15] = [
    ("memory", memory),
    ("fields", fields),
    ("entries", entries),
    ("requests", requests),
    ("responses", responses),
    ("pollables", pollables),
    ("options", options),
    ("recursion", recursion),
    ("panic", panic),
    ("log", log),
    ("print", print),
    ("print-zeroes", print_zeroes),
    ("random", random_bytes),
    ("text", text),
    ("exit", exit),
];

const MILLION: usize = 1_000_000;

/// Takes memory until there is none left, and tells how many MiB it got.
fn memory(_: &Tool, _: &str) -> Loot {
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(100_000);
    loop {
        let mut piece: Vec<u8> = Vec::new();
        if piece.try_reserve_exact(1 << 20).is_err() {
            break;
        }
        piece.resize(1 << 20, 0xAA);
        taken.push(std::hint::black_box(piece));
    }
    let mebibytes = taken.len();
    // The answer needs some of it.
    drop(taken);
    Err(met(format_args!("{mebibytes} MiB")))
}

/// Makes a million resources of a kind and lets none of them go.
fn hoard<T>(make: impl Fn() -> T) -> Loot {
    (0..MILLION).for_each(|_| std::mem::forget(make()));
    Err(met("a million resources"))
}

fn fields(_: &Tool, _: &str) -> Loot {
    hoard(Fields::new)
}

/// Puts a million entries into one resource.
fn entries(_: &Tool, _: &str) -> Loot {
    let fields = Fields::new();
    for number in 0..MILLION {
        if let Err(why) = fields.append(&format!("x-{number}"), &vec![b'x'; 1000]) {
            return Err(met(format_args!("{why:?} after {} MiB", (number * 1000) >> 20)));
        }
    }
    Err(met("a million entries"))
}

fn requests(_: &Tool, _: &str) -> Loot {
    hoard(|| OutgoingRequest::new(Fields::new()))
}

fn responses(_: &Tool, _: &str) -> Loot {
    hoard(|| OutgoingResponse::new(Fields::new()))
}

fn pollables(_: &Tool, _: &str) -> Loot {
    hoard(|| monotonic_clock::subscribe_duration(u64::MAX))
}

fn options(_: &Tool, _: &str) -> Loot {
    hoard(RequestOptions::new)
}

/// Calls itself without end.
fn recursion(_: &Tool, _: &str) -> Loot {
    fn deeper(depth: u64) -> u64 {
        if std::hint::black_box(depth) == u64::MAX { 0 } else { 1 + deeper(std::hint::black_box(depth + 1)) }
    }
    Err(met(deeper(0)))
}

/// Panics with a message of choice.
#[expect(clippy::panic, reason = "a hostile plugin breaks")]
fn panic(_: &Tool, message: &str) -> Loot {
    panic!("{message}");
}

/// Writes a GiB to standard error.
fn log(_: &Tool, _: &str) -> Loot {
    flood(&stderr::get_stderr())
}

/// Writes a GiB to standard output.
fn print(_: &Tool, _: &str) -> Loot {
    flood(&stdout::get_stdout())
}

/// Has the host write as many zeros as can be counted.
fn print_zeroes(_: &Tool, _: &str) -> Loot {
    Err(met(format_args!("{:?}", stdout::get_stdout().write_zeroes(u64::MAX))))
}

fn flood(stream: &OutputStream) -> Loot {
    let line = [b'x'; 4096];
    for written in 0..(1_usize << 30) / line.len() {
        if let Err(why) = stream.blocking_write_and_flush(&line) {
            return Err(met(format_args!("{why:?} after {} bytes", written * line.len())));
        }
    }
    Err(met("a GiB"))
}

/// Asks for this many random bytes.
fn random_bytes(_: &Tool, length: &str) -> Loot {
    Err(met(random::get_random_bytes(length.parse().unwrap_or(u64::MAX)).len()))
}

/// Makes the tool's own request, and answers this text so many times: `1000 x`.
fn text(tool: &Tool, text: &str) -> Loot {
    let (times, text) = text.split_once(' ').unwrap_or((text, "\n"));
    let status = Request::own(tool)?.send()?.status;
    if status >= 300 { Err(met(status)) } else { Ok(text.repeat(times.parse().unwrap_or_default())) }
}

/// Ends the program, as if all were well.
fn exit(_: &Tool, code: &str) -> Loot {
    std::process::exit(code.parse().unwrap_or_default());
}
