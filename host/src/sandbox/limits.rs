//! What an instance may take of the host, each number with its reason. A call's time is limited by its deadline, which ends
//! it also while it sleeps.

use std::time::Duration;

use wasmtime::{Config, Enabled, PoolingAllocationConfig, StoreLimits, StoreLimitsBuilder};

use super::ready::STOCK;

/// How often a guest that computes gives way to other calls, and at which tick it first does. At the second: the plugin
/// computes for less than a tick, and is not interrupted.
pub(super) const TICK: Duration = Duration::from_millis(2);
pub(super) const FIRST: u64 = 2;

/// Linear memory of a module: the longest answer, read into JSON, takes about ten times its 8 MiB.
const MEMORY: usize = 128 << 20;

/// Address space of a memory. Four gigabytes let the guest's code do without checks of its bounds, but ten thousand of them
/// are more than a process can have on some machines; the checks cost a call nothing that could be measured.
const MEMORY_SPACE: u64 = MEMORY as u64;

/// Memories of an instance: one for the plugin, one for an adapter composed with it.
const MEMORIES: u32 = 2;

/// Core instances: a component's modules, and those that its wiring is made of. The plugin has three, with an adapter six.
const INSTANCES: u32 = 20;

/// Tables, and the elements of each: the plugin's largest is its table of some hundred functions.
const TABLES: u32 = 4;
const TABLE_ELEMENTS: usize = 10_000;

/// Resources at a time, such as headers, streams and bodies, which lie outside of its memory. A call has about ten.
pub(super) const RESOURCES: usize = 100;

/// Bytes that one function of the host, or an answer, may copy out of a guest: twice the longest answer of Freshdesk.
pub(super) const COPIED: usize = 16 << 20;

/// Headers that a guest may put together, in bytes. What may leave is less: see egress.
pub(super) const FIELDS: usize = 16 << 10;

/// Native stack of an instance, and how much of it the guest's own code may use; the rest is for the host's functions.
const STACK: usize = 512 << 10;
const GUEST_STACK: usize = 256 << 10;

/// Bytes of memory and stack that stay mapped when an instance is gone and are overwritten for the next, which is quicker
/// than to have the system take and give them. The plugin writes to about 60 kB of its memory in a call; where the system
/// can say which pages were written (Linux 6.7), only these are overwritten and kept.
const KEPT_MEMORY: usize = 128 << 10;
const KEPT_STACK: usize = 32 << 10;
const KEPT_TABLE: usize = 4 << 10;

/// Limits of one instance that hold whatever allocates it.
pub(super) fn of_store() -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(MEMORY)
        .memories(MEMORIES as usize)
        .instances(INSTANCES as usize)
        .tables(TABLES as usize)
        .table_elements(TABLE_ELEMENTS)
        .build()
}

/// Has the engine make room for the instances of so many calls beforehand, and for those that have none yet or any more.
pub(super) fn pool(config: &mut Config, calls: u32) {
    let mut pool = PoolingAllocationConfig::new();
    let calls = calls.saturating_add(2 * STOCK as u32);
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(INSTANCES))
        .total_memories(calls.saturating_mul(MEMORIES))
        .total_tables(calls.saturating_mul(TABLES))
        .total_stacks(calls)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(MEMORY)
        .table_elements(TABLE_ELEMENTS)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(KEPT_MEMORY)
        .async_stack_keep_resident(KEPT_STACK)
        .table_keep_resident(KEPT_TABLE);
    config.allocation_strategy(pool);
    config.memory_reservation(MEMORY_SPACE).memory_guard_size(0);
    config.async_stack_size(STACK).max_wasm_stack(GUEST_STACK);
}
