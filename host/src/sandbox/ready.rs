//! Instances that were made before anybody called, and those whose calls are over. A thread makes and clears them, so that no
//! call waits for either.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::guest::Guest;
use super::limits;
use crate::egress::Door;

/// Instances that wait, and as many at most that are to be cleared. The thread that does both looks every [`PAUSE`], and a
/// processor makes ten calls in this time.
pub(super) const STOCK: usize = 32;

/// Time until the thread looks again: what a call left behind is there for that long at most.
const PAUSE: Duration = Duration::from_millis(2);

/// Times that it looks in vain before it sleeps until there is a call.
const PATIENCE: u32 = 100;

/// Time for an instance to be made. The plugin's takes 30 µs; a component that computes when it starts is made by its calls.
const MAKING: Duration = Duration::from_secs(1);

/// An instance in its store.
pub(super) type Made = (Store<Guest>, Instance);

/// Instances of one component.
pub(super) struct Ready {
    plugin: InstancePre<Guest>,
    stock: Mutex<Stock>,
}

#[derive(Default)]
struct Stock {
    waiting: Vec<Made>,
    over: Vec<Store<Guest>>,
    /// Whether anybody has called: who calls once needs no other instance.
    called: bool,
    /// Instances are not made beforehand, since one could not be.
    unwilling: bool,
    keeper: Option<Thread>,
    asleep: bool,
}

impl Stock {
    /// Wakes the thread that tends it, if it sleeps.
    fn wake(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.keeper.iter().for_each(Thread::unpark);
        }
    }
}

impl Ready {
    pub(super) fn new(plugin: InstancePre<Guest>) -> Arc<Self> {
        Arc::new(Self { plugin, stock: Mutex::default() })
    }

    /// An instance that waited, if there is one.
    pub(super) fn take(self: &Arc<Self>) -> Option<Made> {
        let mut stock = self.stock();
        if !std::mem::replace(&mut stock.called, true) {
            return None;
        }
        if stock.keeper.is_none() {
            let ready = Arc::downgrade(self);
            stock.keeper = Some(thread::spawn(move || keep(&ready)).thread().clone());
        }
        stock.wake();
        stock.waiting.pop()
    }

    /// Makes an instance, with `before` seeing its store first.
    pub(super) async fn make(&self, door: Door, before: impl FnOnce(&mut Store<Guest>)) -> wasmtime::Result<Made> {
        let mut store = Store::new(self.plugin.engine(), Guest::new(door));
        store.limiter(Guest::limits);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(limits::FIRST);
        store.set_hostcall_fuel(limits::COPIED);
        before(&mut store);
        let instance = self.plugin.instantiate_async(&mut store).await?;
        Ok((store, instance))
    }

    /// Has an instance cleared whose call is over.
    pub(super) fn clear(&self, store: Store<Guest>) {
        let mut stock = self.stock();
        if stock.keeper.is_some() && stock.over.len() < STOCK {
            stock.over.push(store);
            stock.wake();
        } else {
            drop(stock);
            drop(store);
        }
    }

    /// Clears what is over, and fills the stock. Tells whether there was anything to do.
    fn tend(&self, runtime: &Runtime) -> bool {
        let over = std::mem::take(&mut self.stock().over);
        let mut worked = !over.is_empty();
        drop(over);
        while self.wants_more() {
            worked = true;
            match runtime.block_on(async { timeout(MAKING, self.make(Door::default(), |_| {})).await }) {
                Ok(Ok(made)) => self.stock().waiting.push(made),
                _ => self.stock().unwilling = true,
            }
        }
        worked
    }

    /// Has the thread woken by the next call, unless one has just ended.
    fn rest(&self) -> bool {
        let mut stock = self.stock();
        stock.asleep = stock.over.is_empty();
        stock.asleep
    }

    fn wants_more(&self) -> bool {
        let stock = self.stock();
        stock.waiting.len() < STOCK && !stock.unwilling
    }

    /// The stock is whole whenever it is readable, also after a panic.
    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.stock().keeper.iter().for_each(Thread::unpark);
    }
}

/// Tends the stock for as long as somebody has it.
fn keep(ready: &Weak<Ready>) {
    let Ok(runtime) = Builder::new_current_thread().enable_time().build() else { return };
    let mut in_vain = 0;
    while let Some(ready) = ready.upgrade() {
        in_vain = if ready.tend(&runtime) { 0 } else { in_vain + 1 };
        let asleep = in_vain > PATIENCE && ready.rest();
        drop(ready);
        if asleep { thread::park() } else { thread::sleep(PAUSE) }
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::{Component, Linker};

    use super::*;

    fn ready(component: &str) -> Arc<Ready> {
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).unwrap();
        let component = Component::new(&engine, wat::parse_str(component).unwrap()).unwrap();
        Ready::new(Linker::new(&engine).instantiate_pre(&component).unwrap())
    }

    /// Whether it comes to be so within some seconds.
    fn soon(ready: &Ready, is_so: impl Fn(&Stock) -> bool) -> bool {
        (0..2000).any(|_| {
            thread::sleep(PAUSE);
            is_so(&ready.stock())
        })
    }

    #[test]
    fn instances_are_made_for_who_calls_more_than_once_and_cleared_afterwards() {
        let ready = ready("(component)");
        assert!(ready.take().is_none() && ready.stock().keeper.is_none());
        assert!(ready.take().is_none());
        assert!(soon(&ready, |stock| stock.waiting.len() == STOCK));
        for _ in 0..STOCK {
            let (store, _) = ready.take().unwrap();
            ready.clear(store);
        }
        assert!(soon(&ready, |stock| stock.waiting.len() == STOCK && stock.over.is_empty()));
    }

    #[test]
    fn what_a_call_leaves_behind_is_cleared_though_the_thread_sleeps() {
        let ready = ready("(component)");
        assert!(ready.take().is_none() && ready.take().is_none());
        assert!(soon(&ready, |stock| stock.waiting.len() == STOCK));
        let (store, _) = ready.take().unwrap();
        assert!(soon(&ready, |stock| stock.asleep));
        ready.clear(store);
        assert!(soon(&ready, |stock| stock.over.is_empty()));
    }

    #[test]
    fn a_component_that_cannot_be_made_is_not_tried_again() {
        let trap = "(component (core module $m (func $f unreachable) (start $f)) (core instance (instantiate $m)))";
        let ready = ready(trap);
        assert!(ready.take().is_none() && ready.take().is_none());
        assert!(soon(&ready, |stock| stock.unwilling && stock.waiting.is_empty()));
    }
}
