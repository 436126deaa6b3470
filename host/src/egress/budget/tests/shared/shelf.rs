//! A shelf in memory, which takes its time and can fail.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::super::{Fold, Log, Page, Reading, Shelf};
use super::super::millis;

/// Any moment long after 1970.
const BEGAN: i64 = 1_795_000_000_000_000;

/// A shelf.
pub(super) struct Memo {
    began: Instant,
    delay: Duration,
    /// How far its clock is ahead, in microseconds.
    ahead: AtomicI64,
    pub(super) logs: Mutex<HashMap<String, Log>>,
    /// How often it was asked.
    pub(super) trips: AtomicUsize,
    /// It does not write, and says so.
    pub(super) is_down: AtomicBool,
    /// It writes, and says that it does not.
    pub(super) loses_answers: AtomicBool,
    /// It writes everything a second time, as one whose first answer was lost on the way.
    pub(super) writes_twice: AtomicBool,
}

impl Memo {
    /// One that answers after a millisecond.
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            delay: millis(1),
            ahead: AtomicI64::new(0),
            logs: Mutex::default(),
            trips: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
            loses_answers: AtomicBool::new(false),
            writes_twice: AtomicBool::new(false),
        }
    }

    /// Sets its clock ahead.
    pub(super) fn ahead(&self, time: Duration) {
        self.ahead.store(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    pub(super) fn trips(&self) -> usize {
        self.trips.load(Ordering::Relaxed)
    }

    pub(super) fn logs(&self) -> MutexGuard<'_, HashMap<String, Log>> {
        self.logs.lock().unwrap()
    }

    fn write(&self, helpdesk: &str, page: Page) -> Log {
        let mut logs = self.logs();
        let fresh = || Log { base: page.now, book: String::new(), entries: String::new() };
        let log = logs.entry(helpdesk.to_owned()).or_insert_with(fresh);
        if let Some(Fold { base, to, book }) = page.fold
            && base == log.base
        {
            let entries = log.entries.split_off((to - base) as usize);
            *log = Log { base: to, book, entries };
        }
        log.entries += &page.entries;
        if self.writes_twice.load(Ordering::Relaxed) {
            log.entries += &page.entries;
        }
        let known = (page.from - log.base) as usize;
        match page.from < log.base {
            true => log.clone(),
            false => {
                Log { base: log.base, book: String::new(), entries: log.entries.get(known..).unwrap_or("").to_owned() }
            }
        }
    }
}

impl Shelf for Memo {
    fn append<'a>(&'a self, helpdesk: &'a str, page: Page) -> Reading<'a> {
        self.trips.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            sleep(self.delay / 2).await;
            if self.is_down.load(Ordering::Relaxed) {
                return Err("it is down".to_owned());
            }
            let log = self.write(helpdesk, page);
            sleep(self.delay / 2).await;
            match self.loses_answers.load(Ordering::Relaxed) {
                true => Err("it does not answer".to_owned()),
                false => Ok(log),
            }
        })
    }

    fn now_us(&self) -> i64 {
        BEGAN + self.ahead.load(Ordering::Relaxed) + i64::try_from(self.began.elapsed().as_micros()).unwrap()
    }
}
