//! What is embedded in an answer on request, and what that costs: `docs/freshdesk.md §2` and `§6.2`.

use super::errors::FieldError;
use super::query::Query;

/// The names that an endpoint embeds, and the credits each of them costs.
#[derive(Debug)]
pub(crate) struct Includes {
    pub(crate) names: &'static [&'static str],
    pub(crate) credits: u32,
}

/// On a view, one credit each.
pub(crate) const ON_VIEW: Includes =
    Includes { names: &["conversations", "requester", "company", "stats", "sla_policy"], credits: 1 };

/// On a list, two credits each.
pub(crate) const ON_LIST: Includes = Includes { names: &["stats", "requester", "description", "company"], credits: 2 };

impl Includes {
    /// The credits of a call with this query, at least one.
    pub(crate) fn cost(&self, query: &str) -> u32 {
        let asked = Query::read(query);
        let known = self.names.iter().filter(|name| asked.list("include").iter().any(|own| own == *name)).count();
        1 + self.credits * u32::try_from(known).unwrap_or(0)
    }

    /// Complains about a name that is not embedded here.
    pub(crate) fn check(&self, query: &Query) -> Option<FieldError> {
        let known = query.list("include").iter().all(|name| self.names.contains(&name.as_str()));
        let message = format!("It should be one of these values: '{}'", self.names.join(","));
        (!known).then(|| FieldError::value("include", message))
    }
}
