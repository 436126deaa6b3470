//! A listener before several hosts: each connection goes to the next of them, and to another one where a host is gone.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The listener, which ends with the process.
pub(super) struct Balancer {
    /// Its address: `http://127.0.0.1:PORT`.
    pub(super) url: String,
}

impl Balancer {
    /// Starts one before the hosts at these addresses.
    pub(super) fn start(hosts: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let next = AtomicUsize::new(0);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let first = next.fetch_add(1, Ordering::Relaxed);
                let mut hosts = hosts.iter().cycle().skip(first % hosts.len()).take(hosts.len());
                let host = hosts.find_map(|url| TcpStream::connect(url.strip_prefix("http://").unwrap()).ok());
                if let Some(host) = host {
                    join(&client, &host);
                }
            }
        });
        Self { url }
    }
}

/// Passes on what each of the two says, until it has ended.
fn join(one: &TcpStream, other: &TcpStream) {
    for (from, to) in [(one, other), (other, one)] {
        let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}
