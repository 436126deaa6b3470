//! What a passage sees of its call, for the host, which believes it over what the plugin reports.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use http::{Method, StatusCode};

use super::Refused;
use super::policy::Denied;
use crate::error::harmless;

/// Refusals of one call that are logged.
const REFUSALS: usize = 5;

/// Longest story of a refusal, in characters: some of it is the guest's text.
const LONGEST_REFUSAL: usize = 300;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    request: Option<Method>,
    fate: Fate,
    no_turn: Option<u64>,
    closed: bool,
    refused: usize,
    story: String,
}

/// What became of the call's request, as it was sent last.
#[derive(Clone, Copy, Default)]
enum Fate {
    /// It has not left.
    #[default]
    Inside,
    /// It may have left, then, and nothing came back.
    Out(Instant),
    /// Freshdesk answered.
    Answered(StatusCode),
}

/// How a call ended, as far as egress saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Freshdesk answered what it was asked.
    Answered,
    /// Freshdesk changed what it was asked to change.
    Changed,
    /// It was asked to change something, and did not say that it refused. It may have.
    Undecided,
    /// It refused the key.
    Revoked,
    /// The helpdesk's budget had no turn in time, but will in so many seconds.
    NoTurn(u64),
    /// It refused otherwise, it could not be asked, or a read got no answer.
    Refused,
}

impl Notes {
    fn ending(&self) -> Ending {
        let write = self.request.as_ref().is_some_and(|method| !method.is_safe());
        match (self.fate, self.no_turn) {
            (Fate::Answered(status), _) if status.is_success() && write => Ending::Changed,
            (Fate::Answered(status), _) if status.is_success() => Ending::Answered,
            (Fate::Answered(StatusCode::UNAUTHORIZED), _) => Ending::Revoked,
            (Fate::Out(_), _) if write => Ending::Undecided,
            (Fate::Answered(status), _) if write && undecided(status) => Ending::Undecided,
            (_, Some(seconds)) => Ending::NoTurn(seconds),
            _ => Ending::Refused,
        }
    }
}

/// Whether what was asked for may have been done all the same.
fn undecided(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

impl Seen {
    /// Notes the call's one request.
    pub(super) fn request(&self, method: &Method) -> Result<(), Denied> {
        self.with(|notes| match (&notes.request, notes.closed) {
            (Some(_), _) => Err(Denied::SecondRequest),
            (None, true) => Err(Denied::TooLate),
            (None, false) => {
                notes.request = Some(method.clone());
                Ok(())
            }
        })
    }

    /// Notes that the request is about to leave, unless the call is over.
    pub(super) fn leave(&self) -> Result<(), Denied> {
        self.with(|notes| {
            if notes.closed {
                return Err(Denied::TooLate);
            }
            notes.fate = Fate::Out(Instant::now());
            Ok(())
        })
    }

    /// Notes that it did not leave after all.
    pub(super) fn stay(&self) {
        self.with(|notes| notes.fate = Fate::Inside);
    }

    /// Notes what it was answered with.
    pub(super) fn answer(&self, status: StatusCode) {
        self.with(|notes| notes.fate = Fate::Answered(status));
    }

    /// Notes why a request got no answer. Tells whether it is worth a line in the log: a guest can ask in vain forever.
    pub(super) fn refuse(&self, why: &Refused) -> bool {
        self.with(|notes| {
            notes.refused += 1;
            if let Refused::NoTurn(no_turn) = why {
                notes.no_turn = no_turn.retry_after().map(|time| time.as_secs_f64().ceil() as u64);
            }
            notes.story = harmless(&why.to_string(), LONGEST_REFUSAL);
            notes.refused <= REFUSALS
        })
    }

    /// Ends the passage: nothing leaves any more. Tells how the call ended.
    pub(crate) fn close(&self) -> Ending {
        self.with(|notes| {
            notes.closed = true;
            notes.ending()
        })
    }

    /// When the request left that was not answered.
    pub(crate) fn out_since(&self) -> Option<Instant> {
        self.with(|notes| match notes.fate {
            Fate::Out(left) => Some(left),
            _ => None,
        })
    }

    /// Why the last request without an answer got none; empty if all were answered.
    pub(crate) fn story(&self) -> String {
        self.with(|notes| notes.story.clone())
    }

    /// Notes are whole whenever they are readable, also after a panic.
    fn with<T>(&self, act: impl FnOnce(&mut Notes) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(method: &Method, then: &dyn Fn(&Seen)) -> Ending {
        let seen = Seen::default();
        assert_eq!(seen.request(method), Ok(()));
        assert_eq!(seen.leave(), Ok(()));
        then(&seen);
        seen.close()
    }

    #[test]
    fn a_call_makes_one_request() {
        let seen = Seen::default();
        assert_eq!(seen.request(&Method::GET), Ok(()));
        assert_eq!(seen.request(&Method::POST), Err(Denied::SecondRequest));
        assert_eq!(seen.close(), Ending::Refused);
    }

    #[test]
    fn nothing_leaves_when_the_call_is_over() {
        let seen = Seen::default();
        assert_eq!(seen.close(), Ending::Refused);
        assert_eq!(seen.request(&Method::POST), Err(Denied::TooLate));
        let seen = Seen::default();
        assert_eq!(seen.request(&Method::POST), Ok(()));
        seen.close();
        assert_eq!(seen.leave(), Err(Denied::TooLate));
    }

    #[test]
    fn a_write_is_undecided_unless_freshdesk_refused_it_or_was_not_reached() {
        let delete = |then: &dyn Fn(&Seen)| after(&Method::DELETE, then);
        assert_eq!(delete(&|_| {}), Ending::Undecided);
        let reset = |seen: &Seen| assert!(seen.refuse(&Refused::NoAnswer("reset".to_owned())));
        assert_eq!(delete(&reset), Ending::Undecided);
        assert_eq!(delete(&Seen::stay), Ending::Refused);
        for (status, ending) in [
            (204, Ending::Changed),
            (302, Ending::Refused),
            (401, Ending::Revoked),
            (404, Ending::Refused),
            (408, Ending::Undecided),
            (429, Ending::Refused),
            (500, Ending::Undecided),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(delete(&|seen| seen.answer(status)), ending, "{status}");
        }
    }

    #[test]
    fn a_read_is_never_undecided() {
        assert_eq!(after(&Method::GET, &|_| {}), Ending::Refused);
        assert_eq!(after(&Method::GET, &|seen| seen.answer(StatusCode::OK)), Ending::Answered);
        assert_eq!(after(&Method::GET, &|seen| seen.answer(StatusCode::BAD_GATEWAY)), Ending::Refused);
        assert_eq!(after(&Method::GET, &|seen| seen.answer(StatusCode::UNAUTHORIZED)), Ending::Revoked);
    }
}
