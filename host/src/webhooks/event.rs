//! What a tenant is told: the body of an event.

use serde_json::json;

use crate::accounts::{State, moment};
use crate::store::records::EventRow;

/// The kind of all events that there are so far.
const KIND: &str = "account.status_changed";

/// An event as JSON, the same bytes each time it is sent. It holds what the tenant knows of its user already, the helpdesk's
/// label, and the two states: no key, no e-mail of Freshdesk's and nothing of a ticket.
pub(super) fn body(event: &EventRow) -> String {
    json!({
        "type": KIND,
        "timestamp": moment(event.at),
        "data": {
            "tenant": event.user.tenant(),
            "identifier": event.user.identifier(),
            "account_id": event.account,
            "helpdesk": event.helpdesk,
            "old_state": event.old.map(State::as_str),
            "new_state": event.new.as_str(),
            "reason": event.reason,
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::User;

    #[test]
    fn an_event_says_whose_account_changed_from_what_to_what_and_why() {
        let event = EventRow {
            id: "evt_1".to_owned(),
            user: User::new("acme-app", "user-42").unwrap(),
            account: "acc_7".to_owned(),
            old: Some(State::Active),
            new: State::Revoked,
            helpdesk: Some("acme".to_owned()),
            reason: "key_refused".to_owned(),
            at: 1_795_820_400_123,
            attempts: 3,
        };
        let said = concat!(
            r#"{"type":"account.status_changed","timestamp":"2026-11-27T23:00:00.123Z","data":{"tenant":"acme-app","#,
            r#""identifier":"user-42","account_id":"acc_7","helpdesk":"acme","old_state":"active","new_state":"revoked","#,
            r#""reason":"key_refused"}}"#
        );
        assert_eq!(body(&event), said);
        let new = EventRow { old: None, new: State::Pending, helpdesk: None, ..event };
        assert!(body(&new).contains(r#""helpdesk":null,"old_state":null,"new_state":"pending""#));
    }
}
