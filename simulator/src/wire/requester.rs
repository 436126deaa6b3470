//! The person who asks: found by one of six identifiers, or made (`docs/freshdesk.md §7.1`).

use super::body::Fields;
use super::errors::FieldError;
use crate::state::{Contact, Helpdesk, Moment};

/// What may identify a requester, in the order in which it is tried.
const IDENTIFIERS: [&str; 6] = ["requester_id", "email", "phone", "twitter_id", "unique_external_id", "facebook_id"];

/// Whether any identifier is sent.
pub(crate) fn is_named(fields: &Fields) -> bool {
    IDENTIFIERS.iter().any(|name| fields.value(name).is_some())
}

/// Complains about identifiers that must name somebody who exists, and about a phone number without a name.
pub(crate) fn check(helpdesk: &Helpdesk, fields: &Fields) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for name in ["requester_id", "facebook_id"] {
        if fields.value(name).is_some() && found_by(helpdesk, fields, name).is_none() {
            errors.push(FieldError::value(name, format!("There is no contact matching the given {name}")));
        }
    }
    let by_phone_alone = fields.has("phone") && !fields.has("email") && !fields.has("requester_id");
    if by_phone_alone && fields.text("name").is_none() && find(helpdesk, fields).is_none() {
        errors.push(FieldError::new("name", "missing_field", "It should be a/an String"));
    }
    errors
}

/// The id of the requester. Somebody unknown becomes a contact.
pub(crate) fn find_or_make(helpdesk: &mut Helpdesk, fields: &Fields, now: Moment) -> u64 {
    if let Some(id) = find(helpdesk, fields) {
        return id;
    }
    let email = fields.text("email");
    let given = fields.text("name").or_else(|| email.as_deref()?.split('@').next().map(str::to_owned));
    let name = given.or_else(|| fields.text("twitter_id")).or_else(|| fields.text("unique_external_id"));
    let contact = helpdesk.add_contact(&name.unwrap_or_default(), email.as_deref(), now);
    contact.phone = fields.text("phone");
    contact.twitter_id = fields.text("twitter_id");
    contact.unique_external_id = fields.text("unique_external_id");
    contact.id
}

/// Whoever the first identifier that is sent finds.
fn find(helpdesk: &Helpdesk, fields: &Fields) -> Option<u64> {
    let sent = IDENTIFIERS.iter().filter(|name| fields.value(name).is_some());
    sent.filter_map(|name| found_by(helpdesk, fields, name)).next()
}

fn found_by(helpdesk: &Helpdesk, fields: &Fields, name: &str) -> Option<u64> {
    if name == "requester_id" {
        return helpdesk.person(fields.number(name)?).map(|person| person.id);
    }
    let wanted = fields.text(name)?;
    if name == "email" {
        return helpdesk.person_by_email(&wanted);
    }
    let own = |contact: &&Contact| match name {
        "phone" => [&contact.phone, &contact.mobile].into_iter().flatten().any(|own| *own == wanted),
        "twitter_id" => contact.twitter_id.as_ref() == Some(&wanted),
        "facebook_id" => contact.facebook_id.as_ref() == Some(&wanted),
        _ => contact.unique_external_id.as_ref() == Some(&wanted),
    };
    helpdesk.contacts.values().find(own).map(|contact| contact.id)
}
