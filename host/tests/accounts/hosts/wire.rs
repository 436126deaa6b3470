//! The way between a host and its database, which can be cut and held up.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// What becomes of what is sent over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It passes.
    Whole = 0,
    /// Connections end, and new ones do so at once.
    Cut = 1,
    /// Nothing passes, and nobody is told.
    Stalled = 2,
}

/// A way to a server, which ends with the process.
pub(super) struct Wire {
    /// Its port on this machine.
    pub(super) port: u16,
    state: Arc<AtomicU8>,
}

impl Wire {
    /// A way to this address.
    pub(super) fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(State::Whole as u8));
        let current = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if current.load(Ordering::Relaxed) == State::Cut as u8 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&server) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let state = Arc::clone(&current);
                    std::thread::spawn(move || pass(from, to, &state));
                }
            }
        });
        Self { port, state }
    }

    /// Changes what becomes of what is sent.
    pub(super) fn is(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }
}

/// Passes on what is said while it may, and ends both sides with the first that ends.
fn pass(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    from.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let mut bytes = [0; 16 * 1024];
    while passes(state) {
        match from.read(&mut bytes) {
            Ok(0) => break,
            // It may have come after the state changed.
            Ok(read) if passes(state) => {
                if to.write_all(&bytes[..read]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Ok(_) | Err(_) => break,
        }
    }
    for side in [from, to] {
        let _ = side.shutdown(Shutdown::Both);
    }
}

/// Waits while nothing passes. False where the connection is to end.
fn passes(state: &AtomicU8) -> bool {
    while state.load(Ordering::Relaxed) == State::Stalled as u8 {
        std::thread::sleep(Duration::from_millis(10));
    }
    state.load(Ordering::Relaxed) != State::Cut as u8
}
