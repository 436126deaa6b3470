//! A host that serves, as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::office::PATIENCE;

/// A host that serves, until it is dropped.
pub(crate) struct Server {
    /// Its address: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    child: Child,
    log: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a command that serves; its log is added to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut said = String::new();
        let url = loop {
            let Some(line) = lines.next() else { panic!("it did not serve: {said}") };
            writeln!(log, "{line}").unwrap();
            if let Some((_, url)) = line.split_once("serving at ") {
                break url.trim().to_owned();
            }
            said += &line;
        };
        let log = std::thread::spawn(move || lines.for_each(|line| writeln!(log, "{line}").unwrap()));
        Self { url, child, log: Some(log) }
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, wherever it is.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal, and waits until it has ended and all of its log is written.
    pub(crate) fn end(mut self, signal: Signal) -> ExitStatus {
        tokio::task::block_in_place(|| {
            kill_process(Pid::from_child(&self.child), signal).unwrap();
            let begun = Instant::now();
            let status = loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    break status;
                }
                assert!(begun.elapsed() < PATIENCE, "it did not end");
                std::thread::sleep(Duration::from_millis(5));
            };
            self.log.take().unwrap().join().unwrap();
            status
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
