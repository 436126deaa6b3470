//! Times on the wire: `docs/freshdesk.md §1`.

use serde_json::Value;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::state::Moment;

/// A time as Freshdesk shows it: UTC, whole seconds.
pub(crate) fn shown(moment: Moment) -> Value {
    let utc = moment.to_offset(UtcOffset::UTC);
    let (date, time) = (utc.date(), utc.time());
    Value::String(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    ))
}

/// A time that may be missing, then null.
pub(crate) fn shown_or_null(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, shown)
}

/// Reads `YYYY-MM-DD`, `…THH:MM`, `…THH:MM:SS`, the latter two with `Z`, `±hh`, `±hhmm` or `±hh:mm` or nothing, which is UTC.
pub(crate) fn read(text: &str) -> Option<Moment> {
    let (date, rest) = match text.split_once('T') {
        Some((date, rest)) => (date, Some(rest)),
        None => (text, None),
    };
    let date = day(date)?;
    let Some(rest) = rest else {
        return Some(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc());
    };
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone);
    let digits: Vec<u8> = clock.split(':').map(two_digits).collect::<Option<_>>()?;
    let time = match digits[..] {
        [hour, minute] => Time::from_hms(hour, minute, 0),
        [hour, minute, second] => Time::from_hms(hour, minute, second),
        _ => return None,
    };
    Some(PrimitiveDateTime::new(date, time.ok()?).assume_offset(offset(zone)?))
}

/// Reads a day, `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let month = Month::try_from(two_digits(month)?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, two_digits(day)?).ok()
}

fn two_digits(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn offset(zone: &str) -> Option<UtcOffset> {
    if zone.is_empty() || zone == "Z" {
        return Some(UtcOffset::UTC);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.get(1..)?.replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (two_digits(&digits)?, 0),
        4 => (two_digits(digits.get(..2)?)?, two_digits(digits.get(2..)?)?),
        _ => return None,
    };
    UtcOffset::from_hms(sign * i8::try_from(hours).ok()?, sign * i8::try_from(minutes).ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::{read, shown};

    #[test]
    fn every_documented_form_is_read() {
        let forms = [
            ("2026-03-04", "2026-03-04T00:00:00Z"),
            ("2026-03-04T05:06", "2026-03-04T05:06:00Z"),
            ("2026-03-04T05:06Z", "2026-03-04T05:06:00Z"),
            ("2026-03-04T05:06:07", "2026-03-04T05:06:07Z"),
            ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07Z"),
            ("2026-03-04T05:06:07+02:00", "2026-03-04T03:06:07Z"),
            ("2026-03-04T05:06:07-02", "2026-03-04T07:06:07Z"),
            ("2026-03-04T05:06:07+0530", "2026-03-03T23:36:07Z"),
        ];
        for (sent, kept) in forms {
            assert_eq!(read(sent).map(shown), Some(kept.into()), "{sent}");
        }
    }

    #[test]
    fn other_forms_are_none() {
        for sent in ["", "yesterday", "2026-3-4", "2026-13-01", "2026-03-04 05:06", "2026-03-04T25:00", "2026-03-04T05"]
        {
            assert_eq!(read(sent), None, "{sent}");
        }
    }
}
