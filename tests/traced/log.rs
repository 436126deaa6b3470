//! What a hostile guest can have the host write into its log.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use freshdesk_tests::World;
use serde_json::json;
use tracing_subscriber::util::SubscriberInitExt;

/// Counts what is written to it.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Each refusal is a line of the log, whose text is the guest's.
#[test]
fn requests_that_are_refused_do_not_fill_the_log() {
    let written = Counting::default();
    let log = written.clone();
    let _noted = tracing_subscriber::fmt().with_writer(move || log.clone()).finish().set_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::hostile().await;
        drop(world.outcome("tickets_list", json!({"email": "pester 2000"})).await);
        let honest = world.outcome("tickets_list", json!({"email": "honest"})).await;
        assert_eq!(honest.unwrap()["query"], "200");
    });
    let written = written.0.load(Ordering::Relaxed);
    assert!((1..1_000_000).contains(&written), "{written} bytes");
}
