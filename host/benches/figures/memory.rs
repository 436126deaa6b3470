//! What this process takes of memory, as the kernel tells.

use std::fs;

use anyhow::{Context, Result};

/// Bytes that are resident now.
pub(crate) fn resident() -> Result<f64> {
    status("VmRSS:")
}

/// The most bytes that ever were.
pub(crate) fn most_resident() -> Result<f64> {
    status("VmHWM:")
}

fn status(name: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the kernel tells no such thing")?;
    kilobytes(line).context("the kernel tells it otherwise")
}

fn kilobytes(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

/// The mappings of this process, and the resident bytes of them by what they are for.
#[derive(Default)]
pub(crate) struct Mappings {
    pub(crate) count: f64,
    /// Memories of instances: pages of the plugin's image that were written, and what lies behind the image.
    pub(crate) memories: f64,
    /// Stacks on which instances run.
    pub(crate) stacks: f64,
    /// Everything else that has no file: the allocator's.
    pub(crate) heap: f64,
    /// Programs and other files.
    pub(crate) files: f64,
}

/// Address space of a stack without its guard page; the size is what tells stacks from other mappings.
const STACK: u64 = 512 << 10;

impl Mappings {
    pub(crate) fn read() -> Result<Self> {
        let smaps = fs::read_to_string("/proc/self/smaps")?;
        let mut all = Self::default();
        // Whether the mapping before lies within a memory, right before this one.
        let mut memory_ends = 0;
        let mut place: Option<Place> = None;
        for line in smaps.lines() {
            if let Some(bytes) = line.strip_prefix("Rss:").and_then(kilobytes) {
                match place {
                    Some(Place::Memory) => all.memories += bytes,
                    Some(Place::Stack) => all.stacks += bytes,
                    Some(Place::File) => all.files += bytes,
                    _ => all.heap += bytes,
                }
            } else if let Some((start, end, name)) = header(line) {
                all.count += 1.0;
                let in_memory = name.contains("wasm-memory-image") || (name.is_empty() && start == memory_ends);
                memory_ends = if in_memory { end } else { 0 };
                place = Some(match name {
                    _ if in_memory => Place::Memory,
                    "" if end - start == STACK => Place::Stack,
                    _ if name.starts_with('/') => Place::File,
                    _ => Place::Heap,
                });
            }
        }
        Ok(all)
    }
}

#[derive(Clone, Copy)]
enum Place {
    Memory,
    Stack,
    File,
    Heap,
}

/// Start, end and name of the mapping that such a line begins: `7f00-7f10 rw-p 00000000 00:00 0   [heap]`.
fn header(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    let (start, end) = (number(start)?, number(end)?);
    Some((start, end, words.nth(4).unwrap_or_default()))
}
