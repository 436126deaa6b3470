//! Things that go wrong on request.

use std::time::Duration;

/// One thing that goes wrong, with the requests it befalls.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The verb it waits for; any when absent.
    pub method: Option<String>,
    /// The beginning of the path below `/api/v2`, such as `/tickets`; any when absent.
    pub path: Option<String>,
    /// How many requests it still befalls.
    pub times: u32,
    /// What happens to them.
    pub action: FaultAction,
}

/// What happens to a request that a fault befalls.
#[derive(Clone, Debug)]
pub enum FaultAction {
    /// The request runs at once, its answer comes this much later.
    Delay(Duration),
    /// The connection is closed without an answer; the request does not run.
    Reset,
    /// The request runs, then the connection is closed without an answer.
    ResetAfter,
    /// The request runs; the headers promise the whole body, that many bytes of it come, then the connection is closed.
    Truncate(usize),
    /// The request runs; its body comes in pieces.
    SlowBody {
        /// How many bytes a piece has, at least one.
        chunk: usize,
        /// How long each piece lets the reader wait.
        pause: Duration,
    },
    /// The request does not run and costs nothing; this is the answer.
    Respond {
        /// The HTTP status.
        status: u16,
        /// All of the headers; `content-length` is added.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
}

impl Fault {
    /// A fault that befalls the next request, whatever it is.
    pub fn once(action: FaultAction) -> Fault {
        Fault { method: None, path: None, times: 1, action }
    }

    /// A fault that befalls the next request with this verb and this beginning of the path below `/api/v2`.
    pub fn on(method: &str, path: &str, action: FaultAction) -> Fault {
        Fault { method: Some(method.to_owned()), path: Some(path.to_owned()), times: 1, action }
    }

    /// Whether it befalls a request with this verb and this path below `/api/v2`.
    pub fn befalls(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self.method.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|own| path.starts_with(own))
    }

    /// Takes the action of the first fault that befalls this request, and drops a fault that is used up.
    pub fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultAction> {
        let index = faults.iter().position(|fault| fault.befalls(method, path))?;
        let fault = &mut faults[index];
        fault.times -= 1;
        let action = fault.action.clone();
        faults.retain(|fault| fault.times > 0);
        Some(action)
    }
}
