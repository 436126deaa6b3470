//! Applications that write while a store is copied.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::Application;
use crate::office::wait_for;

/// Tickets by the key with which each was made.
pub(super) type Made = BTreeMap<String, u64>;

/// Three threads that make tickets for a user, each with a key of its own, until they are told to stop.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    made: Arc<Mutex<Made>>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Begins to write.
    pub(super) fn begin(application: &Application, identifier: &'static str) -> Self {
        let (stop, made) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Made::new())));
        let threads = (0..3).map(|thread| {
            let (application, stop, made) = (application.clone(), Arc::clone(&stop), Arc::clone(&made));
            std::thread::spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let key = format!("load-{thread}-{number}");
                    let (status, id) = application.ticket(identifier, &key);
                    assert_eq!(status, 200, "{key}");
                    made.lock().unwrap().insert(key, id.unwrap());
                }
            })
        });
        let threads = threads.collect();
        Self { stop, made, threads }
    }

    /// What was made so far.
    pub(super) fn made(&self) -> Made {
        self.made.lock().unwrap().clone()
    }

    /// Waits until so many more were made.
    pub(super) fn await_more(&self, more: usize) {
        let before = self.made().len();
        wait_for("tickets", || self.made().len() >= before + more);
    }

    /// Stops, and tells what was made.
    pub(super) fn end(self) -> Made {
        self.stop.store(true, Ordering::Relaxed);
        tokio::task::block_in_place(|| self.threads.into_iter().for_each(|thread| thread.join().unwrap()));
        Arc::into_inner(self.made).unwrap().into_inner().unwrap()
    }
}
