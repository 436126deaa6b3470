//! What a request is made of: a query for what is read, a JSON object for what is written.

use form_urlencoded::Serializer;
use serde_json::{Map, Value};

/// A query string: only parameters that have a value are in it.
#[derive(Default)]
pub(crate) struct Query(String);

impl Query {
    /// The query as it is sent.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Adds a parameter, percent-encoded, if it has a value.
    pub(crate) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let value = value.to_string();
            let pair = Serializer::new(String::new()).append_pair(name, &value).finish();
            let separator = if self.0.is_empty() { "" } else { "&" };
            // Freshdesk's documentation shows the commas of a list as they are.
            self.0 += &format!("{separator}{}", pair.replace("%2C", ","));
        }
        self
    }

    /// Adds a comma-separated parameter, each word once, if there are any words.
    pub(crate) fn with_words(self, name: &str, words: impl IntoIterator<Item = &'static str>) -> Self {
        let mut once: Vec<&str> = Vec::new();
        for word in words {
            if !once.contains(&word) {
                once.push(word);
            }
        }
        self.with(name, (!once.is_empty()).then(|| once.join(",")))
    }

    /// The path with the query after it.
    pub(crate) fn after(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?{}", self.0) }
    }
}

/// A request's JSON object: only attributes that have a value are in it.
#[derive(Default)]
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// The object as it is sent.
    pub(crate) fn into_text(self) -> String {
        Value::Object(self.0).to_string()
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an attribute if it has a value. The value `Some(None)` is JSON's null, which clears it.
    pub(crate) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_encodes_everything_but_the_comma() {
        let query = Query::default().with("email", Some("a+b%c&d=e@x.com")).with("page", Some(2));
        assert_eq!(query.after("tickets"), "tickets?email=a%2Bb%25c%26d%3De%40x.com&page=2");
        assert_eq!(
            Query::default().with_words("include", ["stats", "requester", "stats"]).0,
            "include=stats,requester"
        );
        assert_eq!(Query::default().with("email", None::<&str>).with_words("include", []).after("t"), "t");
    }
}
