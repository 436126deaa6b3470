//! A key that nobody has, and whoever looks for it.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use crate::egress::Redactor;
use crate::witness::Witness;

/// A random key, and where it was found, in whichever encoding.
pub struct Canary {
    key: String,
    form: Redactor,
    found: Mutex<BTreeSet<String>>,
    looks: AtomicU64,
    bytes: AtomicU64,
}

impl Canary {
    /// A key of 20 letters and digits, as Freshdesk's are, that no text has by chance.
    pub fn new() -> Arc<Self> {
        let key: String = std::iter::repeat_with(fastrand::alphanumeric).take(20).collect();
        Self::of(&key)
    }

    /// Looks for a secret that there is: one word of ASCII.
    pub fn of(secret: &str) -> Arc<Self> {
        let (key, form) = (secret.to_owned(), Redactor::new(secret));
        Arc::new(Self { key, form, found: Mutex::default(), looks: AtomicU64::new(0), bytes: AtomicU64::new(0) })
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The places where it was found since the last time that this was asked.
    pub fn found(&self) -> Vec<String> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *found).into_iter().collect()
    }

    /// How often it was looked for, and in how many bytes.
    pub fn looked(&self) -> (u64, u64) {
        (self.looks.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Witness for Canary {
    fn sees(&self, place: &str, bytes: &[u8]) {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if self.form.finds(bytes) {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(place.to_owned());
        }
    }
}

/// Where log lines go to be looked at.
#[derive(Clone)]
pub struct Log(pub Arc<Canary>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.sees("in the log", line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
