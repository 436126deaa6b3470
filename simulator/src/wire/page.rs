//! Pages of a list: `docs/freshdesk.md §4`.

use form_urlencoded::Serializer;
use serde_json::Value;

use super::call::Call;
use super::errors::FieldError;
use super::message::Answer;
use super::query::Query;

/// How many items a page has when nothing else is asked for, and at most.
const DEFAULT: u64 = 30;
const MAXIMUM: u64 = 100;

/// A page that is asked for.
pub(crate) struct Page {
    number: u64,
    size: u64,
}

impl Page {
    /// Reads `page` and `per_page`. A size above the maximum is an error, it is not cut down.
    pub(crate) fn read(query: &Query, errors: &mut Vec<FieldError>) -> Page {
        let number = query.number("page", errors).unwrap_or(1);
        let size = query.number("per_page", errors).unwrap_or(DEFAULT);
        if size > MAXIMUM {
            errors.push(FieldError::value("per_page", format!("It should be less than or equal to {MAXIMUM}")));
        }
        Page { number, size }
    }

    /// Complains when the page lies behind the last one that an endpoint serves.
    pub(crate) fn check_wall(&self, last: u64, errors: &mut Vec<FieldError>) {
        if self.number > last {
            let message =
                format!("You cannot access tickets beyond the {last}th page. Please provide a smaller page number.");
            errors.push(FieldError::value("page", message));
        }
    }

    /// The items on this page, and whether more follow.
    pub(crate) fn cut<T>(&self, items: Vec<T>) -> (Vec<T>, bool) {
        let skipped = usize::try_from((self.number - 1).saturating_mul(self.size)).unwrap_or(usize::MAX);
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = items.len() > skipped.saturating_add(size);
        (items.into_iter().skip(skipped).take(size).collect(), more)
    }

    /// The array of a page, with the address of the next one when there is one.
    pub(crate) fn answer(&self, call: &Call<'_>, items: Vec<Value>, more: bool) -> Answer {
        let answer = Answer::json(200, &Value::Array(items));
        if !more {
            return answer;
        }
        let mut next = Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(call.query.as_bytes()).filter(|(name, _)| name != "page") {
            next.append_pair(&name, &value);
        }
        next.append_pair("page", &(self.number + 1).to_string());
        answer.with("link", &format!("<{}{}?{}>; rel=\"next\"", call.base, call.path, next.finish()))
    }
}
