//! Shows a witness all that an instance can read, each time that it and the host take turns. It takes an engine that
//! allows its guests to be debugged.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::{AsContextMut, CallHook, Instance, Store, Val};

use super::guest::Guest;
use crate::witness::Witness;

/// Bytes of a memory that are compared at a time with what they were.
const PIECE: usize = 4096;

/// Has `witness` look whenever the guest begins to run, calls the host, hears from it, and ends.
pub(super) fn turns(store: &mut Store<Guest>, witness: Arc<dyn Witness>) {
    let mut known = Known::default();
    store.call_hook(move |context, turn| {
        let place = match turn {
            CallHook::CallingWasm => "before it ran",
            CallHook::ReturningFromWasm => "after it ran",
            CallHook::CallingHost => "when it called the host",
            CallHook::ReturningFromHost => "when the host had answered",
        };
        known.look(context, place, &*witness);
        Ok(())
    });
}

/// What the memories held when they were last shown, by where they are.
#[derive(Default)]
struct Known(HashMap<usize, Vec<u8>>);

impl Known {
    /// Shows the globals, and what is new in the memories, of every module's instance.
    fn look(&mut self, mut store: impl AsContextMut, place: &str, witness: &dyn Witness) {
        for instance in store.as_context_mut().debug_all_instances() {
            for index in 0.. {
                let Some(memory) = instance.debug_memory(&mut store, index) else { break };
                self.changes(memory.data(&store), &mut |bytes| witness.sees(&format!("in a memory, {place}"), bytes));
            }
            witness.sees(&format!("in the globals, {place}"), &globals(&mut store, instance));
        }
    }

    /// Shows the pieces that changed, with a piece before and after: what is longer than a piece is no key.
    fn changes(&mut self, memory: &[u8], show: &mut dyn FnMut(&[u8])) {
        let before = self.0.entry(memory.as_ptr() as usize).or_default();
        let pieces = memory.len().div_ceil(PIECE);
        let changed: Vec<bool> = memory
            .chunks(PIECE)
            .zip(before.chunks(PIECE).map(Some).chain(std::iter::repeat(None)))
            .map(|(now, then)| Some(now) != then)
            .collect();
        let near = |index: usize| changed[index.saturating_sub(1)..pieces.min(index + 2)].contains(&true);
        let mut index = 0;
        while index < pieces {
            let end = (index..pieces).find(|index| !near(*index)).unwrap_or(pieces);
            if end > index {
                show(&memory[index * PIECE..memory.len().min(end * PIECE)]);
            }
            index = end + 1;
        }
        before.clear();
        before.extend_from_slice(memory);
    }
}

/// The values of an instance's globals, one after the other.
fn globals(store: &mut impl AsContextMut, instance: Instance) -> Vec<u8> {
    let mut bytes = Vec::new();
    for index in 0.. {
        let Some(global) = instance.debug_global(&mut *store, index) else { break };
        match global.get(&mut *store) {
            Val::I32(value) => bytes.extend(value.to_le_bytes()),
            Val::I64(value) => bytes.extend(value.to_le_bytes()),
            Val::F32(bits) => bytes.extend(bits.to_le_bytes()),
            Val::F64(bits) => bytes.extend(bits.to_le_bytes()),
            Val::V128(value) => bytes.extend(value.as_u128().to_le_bytes()),
            // References lead to nothing that a guest could read as bytes.
            _ => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(known: &mut Known, memory: &[u8]) -> Vec<Vec<u8>> {
        let mut shown = Vec::new();
        known.changes(memory, &mut |bytes| shown.push(bytes.to_vec()));
        shown
    }

    #[test]
    fn what_changed_is_shown_with_what_is_around_it() {
        let mut known = Known::default();
        let mut memory = vec![0; 10 * PIECE + 7];
        assert_eq!(shown(&mut known, &memory), [memory.clone()]);
        assert!(shown(&mut known, &memory).is_empty());
        memory[5 * PIECE] = 1;
        memory[10 * PIECE + 6] = 1;
        assert_eq!(shown(&mut known, &memory), [&memory[4 * PIECE..7 * PIECE], &memory[9 * PIECE..]]);
        memory[0] = 1;
        assert_eq!(shown(&mut known, &memory), [&memory[..2 * PIECE]]);
    }
}
