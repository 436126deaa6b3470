//! When an event that was not delivered is sent again.

use std::time::Duration;

use http::HeaderValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Times between the tries of an event: soon, for what a restart of the receiver breaks, then for what its people have to put
/// right. Two days after the first try it is given up.
pub(super) const TIMES: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(12 * 3600),
    Duration::from_secs(24 * 3600),
];

/// The longest time that a receiver may ask for by Retry-After.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The time after which to try again, where so many tries came before the one that failed; none when it is given up. A fifth
/// more or less is left to `chance`, a number from 0 to 1, so that events that failed together do not come back together. What
/// the receiver asked for is honoured when it is longer.
pub(super) fn after(times: &[Duration], tries: i64, asked: Option<Duration>, chance: f64) -> Option<Duration> {
    let time = times.get(usize::try_from(tries).ok()?)?;
    let time = time.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0));
    Some(time.max(asked.unwrap_or_default().min(LONGEST)))
}

/// What a Retry-After header asks for, in seconds or until a date; none when it is unreadable.
pub(super) fn asked(header: &HeaderValue, now: i64) -> Option<Duration> {
    let text = header.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = OffsetDateTime::parse(text, &Rfc2822).ok()?.unix_timestamp();
    u64::try_from(until.saturating_sub(now / 1000)).ok().map(Duration::from_secs)
}

/// A number from 0 to 1; the middle when the operating system gives no randomness.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_grow_from_seconds_to_a_day_and_end() {
        let seconds: Vec<_> = (0..9).map(|tries| after(&TIMES, tries, None, 0.5).map(|time| time.as_secs())).collect();
        let expected = [5, 30, 120, 900, 3600, 21_600, 43_200, 86_400].map(Some);
        assert_eq!(seconds[..8], expected);
        assert_eq!(seconds[8], None);
        assert_eq!(after(&TIMES, -1, None, 0.5), None);
    }

    #[test]
    fn a_fifth_is_left_to_chance() {
        let between = |chance| after(&TIMES, 2, None, chance).unwrap();
        assert_eq!((between(0.0), between(1.0)), (Duration::from_secs(96), Duration::from_secs(144)));
        let drawn: Vec<_> = (0..100).map(|_| between(chance())).collect();
        assert!(drawn.iter().all(|time| (between(0.0)..=between(1.0)).contains(time)));
        assert!(drawn.iter().any(|time| *time != drawn[0]));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_up_to_a_day() {
        let asking = |seconds| after(&TIMES, 0, Some(Duration::from_secs(seconds)), 0.5).unwrap().as_secs();
        assert_eq!((asking(1), asking(90), asking(u64::MAX)), (5, 90, 86_400));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 1_795_820_400_000;
        let read = |text| asked(&HeaderValue::from_static(text), now).map(|time| time.as_secs());
        assert_eq!(read(" 120 "), Some(120));
        assert_eq!(read("Fri, 27 Nov 2026 23:02:00 GMT"), Some(120));
        for unreadable in ["", "soon", "-1", "1.5", "Fri, 27 Nov 2026 22:00:00 GMT"] {
            assert_eq!(read(unreadable), None, "{unreadable}");
        }
    }
}
