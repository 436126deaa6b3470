//! What a passage sees of its call, for the host, which believes it over what the plugin reports.

use std::sync::{Mutex, PoisonError};

use http::{Method, StatusCode};

use super::Refused;
use super::policy::Denied;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    left: Option<Method>,
    answered: Option<StatusCode>,
    unreachable: bool,
    closed: bool,
    story: String,
}

impl Notes {
    /// Whether something may have been changed: a write left, and Freshdesk did not say that it refused it.
    fn may_have_written(&self) -> bool {
        let write = self.left.as_ref().is_some_and(|method| !method.is_safe());
        let refused = self.answered.is_some_and(|status| (300..500).contains(&status.as_u16()));
        write && !refused && !self.unreachable
    }
}

impl Seen {
    /// Notes that the call's one request leaves.
    pub(super) fn leave(&self, method: &Method) -> Result<(), Denied> {
        self.with(|notes| match (&notes.left, notes.closed) {
            (Some(_), _) => Err(Denied::SecondRequest),
            (None, true) => Err(Denied::TooLate),
            (None, false) => {
                notes.left = Some(method.clone());
                Ok(())
            }
        })
    }

    /// Notes what the request was answered with.
    pub(super) fn answer(&self, status: StatusCode) {
        self.with(|notes| notes.answered = Some(status));
    }

    /// Notes why a request got no answer.
    pub(super) fn refuse(&self, why: &Refused) {
        self.with(|notes| {
            notes.unreachable |= matches!(why, Refused::Unreachable(_));
            notes.story = why.to_string();
        });
    }

    /// Ends the passage: nothing leaves any more. Tells whether something may have been changed.
    pub(crate) fn close(&self) -> bool {
        self.with(|notes| {
            notes.closed = true;
            notes.may_have_written()
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

    #[test]
    fn a_call_makes_one_request() {
        let seen = Seen::default();
        assert_eq!(seen.leave(&Method::GET), Ok(()));
        assert_eq!(seen.leave(&Method::POST), Err(Denied::SecondRequest));
        assert!(!seen.close());
    }

    #[test]
    fn nothing_leaves_when_the_call_is_over() {
        let seen = Seen::default();
        assert!(!seen.close());
        assert_eq!(seen.leave(&Method::POST), Err(Denied::TooLate));
    }

    #[test]
    fn a_write_is_undecided_unless_freshdesk_refused_it_or_was_not_reached() {
        let after = |then: &dyn Fn(&Seen)| {
            let seen = Seen::default();
            assert_eq!(seen.leave(&Method::DELETE), Ok(()));
            then(&seen);
            seen.close()
        };
        assert!(after(&|_| {}));
        assert!(after(&|seen| seen.refuse(&Refused::NoAnswer("reset".to_owned()))));
        assert!(!after(&|seen| seen.refuse(&Refused::Unreachable("refused".to_owned()))));
        for (status, undecided) in [(204, true), (302, false), (404, false), (429, false), (500, true), (502, true)] {
            assert_eq!(after(&|seen| seen.answer(StatusCode::from_u16(status).unwrap())), undecided, "{status}");
        }
    }
}
