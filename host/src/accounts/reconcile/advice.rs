//! What to look for where nobody knows what a write has done.

use super::super::moment;
use super::looks::{Arguments, Look};
use crate::error::harmless;

/// Longest part of a text that is repeated to who sent it, in characters.
const LONGEST: usize = 80;

/// A call of which nobody knows what it has done.
pub(super) struct Lost<'a> {
    arguments: &'a Arguments,
    /// When it began, as a time of the day.
    pub(super) since: String,
}

impl Lost<'_> {
    /// The caller's own words, or the beginning of them.
    pub(super) fn text(&self, name: &str) -> String {
        let text = self.arguments.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let short = harmless(text, LONGEST);
        if short.len() < text.len() { format!("{short}…") } else { short }
    }

    pub(super) fn number(&self, name: &str) -> String {
        self.arguments.get(name).map(ToString::to_string).unwrap_or_default()
    }
}

/// What the caller is to look for who made this call, which began then. It repeats the caller's own words alone.
pub(super) fn advice(look: &Look, arguments: &Arguments, begun: i64, keyed: bool) -> String {
    let since = moment(begun).get(11..19).unwrap_or_default().to_owned();
    let look = (look.advise)(&Lost { arguments, since });
    let again = "The same idempotency key looks again, for 23 hours, and writes nothing; a new key writes again.";
    if keyed { format!("{look} {again}") } else { look }
}
