//! The people who ask.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Moment;

/// A contact: `docs/freshdesk.md §6.4`.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// The id, from the same space as the ids of agents.
    pub id: u64,
    /// The full name.
    pub name: String,
    /// The first e-mail address.
    pub email: Option<String>,
    /// Further e-mail addresses.
    pub other_emails: Vec<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The mobile number.
    pub mobile: Option<String>,
    /// The name at the social network that was Twitter.
    pub twitter_id: Option<String>,
    /// The id at Facebook.
    pub facebook_id: Option<String>,
    /// The id that the account's own system uses.
    pub unique_external_id: Option<String>,
    /// The company.
    pub company_id: Option<u64>,
    /// Whether the contact sees all tickets of the company.
    pub view_all_tickets: Option<bool>,
    /// Further companies, as sent.
    pub other_companies: Vec<Value>,
    /// The postal address.
    pub address: Option<String>,
    /// Notes about the contact.
    pub description: Option<String>,
    /// The job title.
    pub job_title: Option<String>,
    /// The language, such as `en`.
    pub language: String,
    /// The time zone, by its Rails name.
    pub time_zone: String,
    /// The tags.
    pub tags: Vec<String>,
    /// The custom fields that are set, by name.
    pub custom_fields: BTreeMap<String, Value>,
    /// Whether the contact has verified the address.
    pub active: bool,
    /// Whether the contact is in the trash. It still holds its e-mail address.
    pub deleted: bool,
    /// When the contact was made.
    pub created_at: Moment,
    /// When the contact was last changed.
    pub updated_at: Moment,
}

impl Contact {
    /// A contact of whom only this is known.
    pub fn new(id: u64, name: &str, email: Option<&str>, now: Moment) -> Contact {
        Contact {
            id,
            name: name.to_owned(),
            email: email.map(str::to_owned),
            other_emails: Vec::new(),
            phone: None,
            mobile: None,
            twitter_id: None,
            facebook_id: None,
            unique_external_id: None,
            company_id: None,
            view_all_tickets: None,
            other_companies: Vec::new(),
            address: None,
            description: None,
            job_title: None,
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            tags: Vec::new(),
            custom_fields: BTreeMap::new(),
            active: false,
            deleted: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether this is one of the contact's e-mail addresses, whatever its case.
    pub fn has_email(&self, email: &str) -> bool {
        self.email.iter().chain(&self.other_emails).any(|own| own.eq_ignore_ascii_case(email))
    }
}
