//! What an answer says about the budget that it was charged to.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

/// Longest time that a helpdesk can ask to be left alone. Windows take a minute, and old plans count by the hour.
const LONGEST_WAIT: u64 = 3600;

/// What an answer says. Any of it can be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Report {
    /// Credits per window.
    pub(super) total: Option<u32>,
    /// Credits that are left in the window.
    pub(super) remaining: Option<u32>,
    /// Credits that this call cost.
    pub(super) cost: Option<u32>,
    /// Set when the call was refused because a limit is reached.
    pub(super) throttled: Option<Throttled>,
}

/// How long a limit stays reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Throttled {
    /// So long, as the helpdesk says in whole seconds, rounded up.
    For(Duration),
    /// As long as the window takes; the helpdesk does not say.
    RestOfWindow,
}

impl Report {
    /// Reads what an answer with this status and these headers says.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            total: whole_number(headers, "x-ratelimit-total"),
            remaining: whole_number(headers, "x-ratelimit-remaining"),
            cost: whole_number(headers, "x-ratelimit-used-currentrequest"),
            throttled: Self::throttled(status, headers).then(|| retry_after(headers)),
        }
    }

    /// Whether an answer says that a limit is reached: a 429, or a 403 that says when to come back.
    pub(crate) fn throttled(status: StatusCode, headers: &HeaderMap) -> bool {
        status == StatusCode::TOO_MANY_REQUESTS
            || (status == StatusCode::FORBIDDEN && headers.contains_key(RETRY_AFTER))
    }

    /// Credits that everybody has spent in the window, this call included.
    pub(super) fn used(&self) -> Option<i64> {
        let (total, remaining) = self.total.zip(self.remaining)?;
        Some(i64::from(total.saturating_sub(remaining)))
    }
}

/// A count, which Freshdesk also writes as `50.0`.
fn whole_number(headers: &HeaderMap, name: &str) -> Option<u32> {
    let number: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
    // Beyond either end the cast gives that end.
    number.is_finite().then_some(number as u32)
}

/// At least a second: to come back at once would only be refused again.
fn retry_after(headers: &HeaderMap) -> Throttled {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    seconds
        .map_or(Throttled::RestOfWindow, |seconds| Throttled::For(Duration::from_secs(seconds.clamp(1, LONGEST_WAIT))))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(status: u16, headers: &[(&'static str, &'static str)]) -> Report {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_static(value)));
        Report::read(StatusCode::from_u16(status).unwrap(), &headers.collect())
    }

    #[test]
    fn counts_are_read_as_decimals_and_cut() {
        let count = |text| read(200, &[("x-ratelimit-remaining", text)]).remaining;
        for (text, expected) in [("50.0", Some(50)), ("49.9", Some(49)), (" 7 ", Some(7)), ("0.0", Some(0))] {
            assert_eq!(count(text), expected, "{text:?}");
        }
        for (text, expected) in [("-3.0", Some(0)), ("1e300", Some(u32::MAX)), ("NaN", None), ("inf", None), ("", None)]
        {
            assert_eq!(count(text), expected, "{text:?}");
        }
        let report = read(
            200,
            &[
                ("x-ratelimit-total", "50.0"),
                ("x-ratelimit-remaining", "47.0"),
                ("x-ratelimit-used-currentrequest", "3"),
            ],
        );
        assert_eq!(report, Report { total: Some(50), remaining: Some(47), cost: Some(3), throttled: None });
        assert_eq!(report.used(), Some(3));
        assert_eq!(read(502, &[]), Report::default());
    }

    #[test]
    fn a_time_to_come_back_counts_only_where_a_limit_is_reached() {
        let throttled = |status, text| read(status, &[("retry-after", text)]).throttled;
        let seconds = |seconds| Some(Throttled::For(Duration::from_secs(seconds)));
        assert_eq!(
            (throttled(429, "34"), throttled(403, " 34 "), throttled(503, "34")),
            (seconds(34), seconds(34), None)
        );
        assert_eq!((throttled(429, "0"), throttled(429, "18446744073709551615")), (seconds(1), seconds(3600)));
        for text in ["99999999999999999999", "soon", "", "Wed, 21 Oct 2026 07:28:00 GMT", "1.5"] {
            assert_eq!(throttled(429, text), Some(Throttled::RestOfWindow), "{text:?}");
        }
        assert_eq!((read(429, &[]).throttled, read(403, &[]).throttled), (Some(Throttled::RestOfWindow), None));
    }
}
