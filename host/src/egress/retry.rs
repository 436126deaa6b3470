//! When a request is sent again. The one question is whether it was executed: what changes something is sent again only
//! where it surely was not.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use http::{Method, Response, StatusCode};

use super::Refused;
use super::budget::Report;

/// How often what failed is tried again, beside the times that Freshdesk itself asks for: more would only delay an error
/// that the agent can act on.
const TIMES: usize = 2;

/// Time before the first time; twice as long before the second, and up to as much again at random, so that callers who
/// failed together do not come back together.
const FIRST: Duration = Duration::from_millis(100);

/// How often one of the times in which Freshdesk said when to come back is believed.
const THROTTLED: usize = 5;

/// What is left of the patience with one request.
pub(super) struct Retry {
    safe: bool,
    delays: ExponentialBackoff,
    fresh_connection: bool,
    throttled: usize,
}

impl Retry {
    pub(super) fn new(method: &Method) -> Self {
        let delays = ExponentialBuilder::new().with_min_delay(FIRST).with_max_times(TIMES).with_jitter().build();
        Self { safe: method.is_safe(), delays, fresh_connection: true, throttled: THROTTLED }
    }

    /// The time after which to send again, if at all, in a call that has `left` of its time.
    pub(super) fn after(&mut self, outcome: &Result<Response<Bytes>, Refused>, left: Duration) -> Option<Duration> {
        let delay = match outcome {
            // It was not executed. When there will be a turn, the budget knows.
            Ok(answer) if Report::throttled(answer.status(), answer.headers()) => {
                self.throttled = self.throttled.checked_sub(1)?;
                Some(Duration::ZERO)
            }
            Ok(answer) => self.delays.next().filter(|_| self.safe && passes(answer.status())),
            // The connection had died while it lay idle; a new one is likely to live.
            Err(Refused::Unsent(_)) if std::mem::take(&mut self.fresh_connection) => Some(Duration::ZERO),
            Err(Refused::Unsent(_) | Refused::Unreachable(_)) => self.delays.next(),
            Err(Refused::NoAnswer(_)) => self.delays.next().filter(|_| self.safe),
            Err(_) => None,
        };
        delay.filter(|delay| *delay < left)
    }
}

/// Whether what this status says may have passed in a moment.
fn passes(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(10);

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response<Bytes>, Refused> {
        let answer = Response::builder().status(status);
        let answer = retry_after.into_iter().fold(answer, |answer, seconds| answer.header("retry-after", seconds));
        Ok(answer.body(Bytes::new()).unwrap())
    }

    /// How often a request is sent again that fails in this way each time.
    fn times(method: &Method, outcome: &Result<Response<Bytes>, Refused>) -> usize {
        let mut retry = Retry::new(method);
        std::iter::from_fn(|| retry.after(outcome, LEFT)).take(100).count()
    }

    #[test]
    fn what_was_not_executed_is_sent_again_whatever_it_is() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            assert_eq!(times(&method, &answer(429, Some("1"))), THROTTLED, "{method}");
            assert_eq!(times(&method, &answer(429, None)), THROTTLED, "{method}");
            assert_eq!(times(&method, &answer(403, Some("1"))), THROTTLED, "{method}");
            assert_eq!(times(&method, &Err(Refused::Unreachable(String::new()))), TIMES, "{method}");
            assert_eq!(times(&method, &Err(Refused::Unsent(String::new()))), TIMES + 1, "{method}");
        }
    }

    /// B15: what may have been executed is sent again only where that does no harm.
    #[test]
    fn b15_only_a_read_is_sent_again_after_it_left() {
        for outcome in [answer(500, None), answer(502, None), answer(408, None), Err(Refused::NoAnswer(String::new()))]
        {
            assert_eq!(times(&Method::GET, &outcome), TIMES);
            for method in [Method::POST, Method::PUT, Method::DELETE] {
                assert_eq!(times(&method, &outcome), 0, "{method}");
            }
        }
    }

    /// B14: nothing else is sent again, and 401 least of all.
    #[test]
    fn b14_an_answer_that_stands_is_not_asked_for_again() {
        for status in [200, 204, 301, 302, 307, 400, 401, 403, 404, 405, 409, 413] {
            assert_eq!(times(&Method::GET, &answer(status, None)), 0, "{status}");
        }
        assert_eq!(times(&Method::GET, &Err(Refused::AnswerTooLong)), 0);
        assert_eq!(times(&Method::GET, &Err(Refused::Encoded(String::new()))), 0);
    }

    #[test]
    fn nothing_is_waited_for_beyond_the_calls_time() {
        let mut retry = Retry::new(&Method::GET);
        assert_eq!(retry.after(&answer(500, None), Duration::from_millis(50)), None);
    }

    #[test]
    fn a_connection_that_died_idle_is_replaced_at_once() {
        let mut retry = Retry::new(&Method::POST);
        assert_eq!(retry.after(&Err(Refused::Unsent(String::new())), LEFT), Some(Duration::ZERO));
        assert!(retry.after(&Err(Refused::Unsent(String::new())), LEFT).unwrap() >= FIRST);
    }
}
