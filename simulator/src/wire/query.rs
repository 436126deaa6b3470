//! The query of a request.

use super::errors::{FieldError, Refusal};

/// The parameters of a query, decoded. Of a parameter that is sent twice the last one counts.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query as forms are encoded: `+` is a space, so an address with a plus must send `%2B`.
    pub(crate) fn read(query: &str) -> Query {
        Query(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that are separated by commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.get(name).map(|value| value.split(',').map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Whether `include` names this.
    pub(crate) fn includes(&self, name: &str) -> bool {
        self.list("include").iter().any(|own| own == name)
    }

    /// Complains about every parameter that is not in `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<FieldError> {
        let unknown = self.0.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        unknown.map(|(name, _)| FieldError::unknown(name)).collect()
    }

    /// A parameter that is a whole number above zero.
    pub(crate) fn number(&self, name: &str, errors: &mut Vec<FieldError>) -> Option<u64> {
        let value = self.get(name)?;
        let number = value.parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            errors.push(FieldError::new(name, "datatype_mismatch", "It should be a/an Positive Integer"));
        }
        number
    }

    /// A parameter that is one of these words.
    pub(crate) fn word(
        &self,
        name: &str,
        words: &[&'static str],
        errors: &mut Vec<FieldError>,
    ) -> Option<&'static str> {
        let value = self.get(name)?;
        let word = words.iter().copied().find(|word| *word == value);
        if word.is_none() {
            errors.push(FieldError::value(name, format!("It should be one of these values: '{}'", words.join(","))));
        }
        word
    }

    /// Refuses every parameter of an endpoint that has none.
    pub(crate) fn none(query: &str) -> Result<(), Refusal> {
        Refusal::unless_empty(Query::read(query).unknown(&[]))
    }
}
