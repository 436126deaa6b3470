//! Adds up the time that calls spend in each of the host's spans.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id};
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The span around a call; the others of the host are steps of it.
pub(crate) const CALL: &str = "call";

/// How long each step of a call took.
pub(crate) type Steps = HashMap<&'static str, Duration>;

/// Collects the steps of calls that are made one after the other.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<Collected>>);

#[derive(Default)]
struct Collected {
    running: Steps,
    calls: Vec<Steps>,
}

/// When a span was entered first.
struct Entered(Instant);

impl Spans {
    /// Collects in this process, from now on; to be called once.
    pub(crate) fn collect() -> Result<Self, tracing::subscriber::SetGlobalDefaultError> {
        let spans = Self::default();
        let layer = spans.clone().with_filter(Targets::new().with_target("freshdesk_host", Level::DEBUG));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;
        Ok(spans)
    }

    /// The calls that have ended since this was asked last.
    pub(crate) fn take(&self) -> Vec<Steps> {
        self.with(|collected| mem::take(&mut collected.calls))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Collected) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {}

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && span.extensions().get::<Entered>().is_none()
        {
            span.extensions_mut().insert(Entered(Instant::now()));
        }
    }

    /// A step lasts until it is left for the last time: some spans are kept for a while after.
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = Instant::now();
        let Some(span) = context.span(id) else { return };
        let Some(time) = span.extensions().get::<Entered>().map(|entered| now - entered.0) else { return };
        self.with(|collected| collected.running.insert(span.name(), time));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if context.span(&id).is_some_and(|span| span.name() == CALL) {
            self.with(|collected| {
                let steps = mem::take(&mut collected.running);
                collected.calls.push(steps);
            });
        }
    }
}
