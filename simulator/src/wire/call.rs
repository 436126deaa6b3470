//! A call that has passed the general checks.

use super::body::Fields;
use super::errors::Refusal;
use crate::state::{Feature, Helpdesk, Moment, Ticket};

/// What an operation works with.
pub(crate) struct Call<'a> {
    /// The helpdesk that is called.
    pub(crate) helpdesk: &'a mut Helpdesk,
    /// The agent whose key it is.
    pub(crate) caller: u64,
    /// The time of the call in whole seconds.
    pub(crate) now: Moment,
    /// The scheme and host that absolute addresses begin with.
    pub(crate) base: String,
    /// The path as sent.
    pub(crate) path: &'a str,
    /// The query as sent.
    pub(crate) query: &'a str,
    /// The attributes of the body; none when there is no body.
    pub(crate) fields: Fields,
    /// The id in the path; 0 when the path has none.
    pub(crate) id: u64,
}

impl Call<'_> {
    /// The absolute address of something below the API.
    pub(crate) fn location(&self, below: &str) -> String {
        format!("{}/api/v2/{below}", self.base)
    }

    /// Refuses the attributes in `table` that the call sends and whose feature the plan lacks.
    pub(crate) fn check_features(&self, table: &[(&str, Feature)]) -> Result<(), Refusal> {
        let lacking =
            |(name, feature): &&(&str, Feature)| self.fields.has(name) && !self.helpdesk.features.contains(feature);
        match table.iter().find(lacking) {
            None => Ok(()),
            Some((_, feature)) => Err(require_feature(*feature)),
        }
    }

    /// The ticket in the path. 404 when there is none, 403 when the caller's scope hides it.
    pub(crate) fn ticket(&mut self) -> Result<&mut Ticket, Refusal> {
        let caller = self.helpdesk.agents.get(&self.caller);
        let ticket = self.helpdesk.tickets.get_mut(&self.id).ok_or(Refusal::NotFound)?;
        if caller.is_some_and(|caller| caller.sees(ticket)) {
            ticket.settle(self.now);
            return Ok(ticket);
        }
        Err(Refusal::access_denied())
    }
}

/// The 403 of a plan without a feature.
pub(crate) fn require_feature(feature: Feature) -> Refusal {
    let message =
        format!("The {feature:?} feature is not supported in your plan. Please upgrade your account to use it.");
    Refusal::forbidden("require_feature", &message)
}
