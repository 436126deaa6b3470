//! The headers that every answer of a helpdesk has: `docs/freshdesk.md §1.1`.

use time::UtcOffset;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::message::Answer;
use crate::state::{Helpdesk, Moment};

/// Those that never change.
const CONSTANT: [(&str, &str); 10] = [
    ("pragma", "no-cache"),
    ("cache-control", "no-store"),
    ("expires", "Wed, 13 Oct 2010 00:00:00 UTC"),
    ("x-freshdesk-api-version", "latest=v2; requested=v2"),
    ("x-fw-ratelimiting-managed", "true"),
    ("x-server-processing-time-ms", "226"),
    ("x-envoy-upstream-service-time", "223"),
    ("server", "cloudflare"),
    ("set-cookie", "_x_w=1; path=/; secure; HttpOnly"),
    ("set-cookie", "_x_m=1; path=/; secure; HttpOnly"),
];

/// How a date is written by HTTP.
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// Adds them, with the helpdesk's time, the credits that are left as decimals and the credits of this call as an integer.
pub(crate) fn add(answer: &mut Answer, helpdesk: &Helpdesk, now: Moment, serial: u64) {
    let date = now.to_offset(UtcOffset::UTC).format(DATE).unwrap_or_default();
    let status = format!("{} {}", answer.status.as_u16(), answer.status.canonical_reason().unwrap_or_default());
    let request_id = format!("5f3e5d0c-0000-4000-8000-{serial:012x}");
    let trace_id = format!("00-5f3e5d0c000040008000{serial:012x}-5f3e5d0c00004000-01");
    let total = format!("{:.1}", f64::from(helpdesk.limits.total));
    let remaining = format!("{:.1}", f64::from(helpdesk.spend.remaining(&helpdesk.limits)));
    let credits = answer.credits.to_string();
    let variable = [
        ("date", date.as_str()),
        ("status", status.trim_end()),
        ("x-request-id", &request_id),
        ("x-trace-id", &trace_id),
        ("x-ratelimit-total", &total),
        ("x-ratelimit-remaining", &remaining),
        ("x-ratelimit-used-currentrequest", &credits),
    ];
    let bare = Answer { headers: std::mem::take(&mut answer.headers), ..Answer::empty(200) };
    let full = CONSTANT.into_iter().chain(variable).fold(bare, |bare, (name, value)| bare.with(name, value));
    answer.headers = full.headers;
}
