//! A slot for one connection, which is made when it is needed and again when it ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::super::StoreError;
use super::connect::{Line, Server};

/// Where a connection is, once it is made.
#[derive(Default)]
pub(super) struct Slot {
    line: Mutex<Option<Arc<Line>>>,
    /// Held by who makes a connection: when the last try failed, and why.
    making: tokio::sync::Mutex<Option<(Instant, StoreError)>>,
}

impl Slot {
    /// With a connection that is there already.
    pub(super) fn of(line: Line) -> Self {
        Self { line: Mutex::new(Some(Arc::new(line))), making: Default::default() }
    }

    /// The connection; a new one where there is none, or it ended. All who wait for one that cannot be made are told so at
    /// the same time, so that nobody waits for the tries of others one after the other.
    pub(super) async fn line(&self, server: &Server) -> Result<Arc<Line>, StoreError> {
        if let Some(line) = self.there() {
            return Ok(line);
        }
        let asked = Instant::now();
        let mut failed = self.making.lock().await;
        if let Some(line) = self.there() {
            return Ok(line);
        }
        if let Some((at, why)) = &*failed
            && *at >= asked
        {
            return Err(why.clone());
        }
        match server.connect().await {
            Ok(line) => Ok(Arc::clone(self.lock().insert(Arc::new(line)))),
            Err(why) => {
                *failed = Some((Instant::now(), why.clone()));
                Err(why)
            }
        }
    }

    /// Gives a connection up, if it is still the one of this slot.
    pub(super) fn give_up(&self, line: &Arc<Line>) {
        let mut slot = self.lock();
        if slot.as_ref().is_some_and(|there| Arc::ptr_eq(there, line)) {
            *slot = None;
        }
    }

    fn there(&self) -> Option<Arc<Line>> {
        self.lock().as_ref().filter(|line| !line.client.is_closed()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Line>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
