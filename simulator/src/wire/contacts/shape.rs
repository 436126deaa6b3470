//! How a contact looks: `docs/freshdesk.md §6.4`.

use serde_json::{Value, json};

use crate::state::{Contact, Helpdesk};
use crate::wire::custom_field;
use crate::wire::moment::shown;

/// What the organisation's ids begin at: 19 digits, more than a double can hold.
const ORGANISATION: u64 = 1_920_345_543_000_345_536;

/// An item of a list.
pub(super) fn listed(helpdesk: &Helpdesk, contact: &Contact) -> Value {
    let (first_name, last_name) = contact.name.rsplit_once(' ').unwrap_or((&contact.name, ""));
    json!({
        "id": contact.id,
        "name": contact.name,
        "first_name": first_name,
        "last_name": last_name,
        "email": contact.email,
        "phone": contact.phone,
        "mobile": contact.mobile,
        "address": contact.address,
        "description": contact.description,
        "job_title": contact.job_title,
        "twitter_id": contact.twitter_id,
        "facebook_id": contact.facebook_id,
        "unique_external_id": contact.unique_external_id,
        "company_id": contact.company_id,
        "csat_rating": null,
        "preferred_source": null,
        "active": contact.active,
        "language": contact.language,
        "time_zone": contact.time_zone,
        "custom_fields": custom_field::shown(&helpdesk.contact_fields, &contact.custom_fields),
        "other_phone_numbers": [],
        "visitor_id": format!("5f3e5d0c-0000-4000-8000-{:012x}", contact.id),
        "org_contact_id": ORGANISATION + contact.id,
        "created_at": shown(contact.created_at),
        "updated_at": shown(contact.updated_at),
    })
}

/// The answer to a create.
pub(super) fn created(helpdesk: &Helpdesk, contact: &Contact) -> Value {
    let mut value = listed(helpdesk, contact);
    value["deleted"] = json!(contact.deleted);
    value["tags"] = json!(contact.tags);
    value["other_emails"] = json!(contact.other_emails);
    value["other_companies"] = json!(contact.other_companies);
    value["view_all_tickets"] = json!(contact.view_all_tickets);
    value["lists"] = json!([]);
    value["social_handler"] = json!([]);
    value["contact_type"] = json!("contact");
    value["org_contact_id_str"] = json!((ORGANISATION + contact.id).to_string());
    for absent in ["avatar", "first_seen", "last_seen", "guest_name", "guest_profile_pic"] {
        value[absent] = Value::Null;
    }
    value
}
