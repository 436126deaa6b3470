//! `POST /contacts`: `docs/freshdesk.md §7.6`.

use super::shape;
use crate::state::{Contact, Feature, Helpdesk};
use crate::wire::attribute::{self, Attribute, Kind, Purpose, clearable, needed, settable};
use crate::wire::body::Fields;
use crate::wire::call::Call;
use crate::wire::custom_field;
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::message::Answer;
use crate::wire::query::Query;

const ATTRIBUTES: &[Attribute] = &[
    needed("name", Kind::Text),
    clearable("email", Kind::Email),
    clearable("phone", Kind::Text),
    clearable("mobile", Kind::Text),
    clearable("twitter_id", Kind::Text),
    clearable("unique_external_id", Kind::Text),
    clearable("social_handler", Kind::Objects),
    clearable("other_emails", Kind::Emails),
    clearable("company_id", Kind::Number),
    clearable("view_all_tickets", Kind::Truth),
    clearable("other_companies", Kind::Objects),
    clearable("address", Kind::Text),
    clearable("description", Kind::Text),
    clearable("job_title", Kind::Text),
    clearable("tags", Kind::Tags),
    clearable("custom_fields", Kind::ContactFields),
    clearable("language", Kind::Text),
    clearable("time_zone", Kind::Text),
    settable("avatar", Kind::Files),
    clearable("lookup_parameter", Kind::Text),
];

/// What makes a contact reachable; one of them is mandatory.
const REACHES: [&str; 6] = ["email", "mobile", "phone", "twitter_id", "unique_external_id", "social_handler"];

const FEATURES: &[(&str, Feature)] = &[
    ("other_companies", Feature::MultipleCompanies),
    ("language", Feature::MultipleLanguages),
    ("time_zone", Feature::MultipleTimeZones),
];

/// Makes a contact.
pub(crate) fn create(mut call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    call.check_features(FEATURES)?;
    let mut errors = attribute::check(ATTRIBUTES, Purpose::Create, &call.fields, call.helpdesk);
    errors.extend(check(call.helpdesk, &call.fields));
    Refusal::unless_empty(errors)?;
    let duplicates = duplicates(call.helpdesk, &call.fields);
    if !duplicates.is_empty() {
        return Err(Refusal::Conflict(duplicates));
    }
    let contact = make(&mut call);
    let id = contact.id;
    let answer = Answer::json(201, &shape::created(call.helpdesk, &contact));
    call.helpdesk.contacts.insert(id, contact);
    Ok(answer.with("location", &call.location(&format!("contacts/{id}"))))
}

fn check(helpdesk: &Helpdesk, fields: &Fields) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !REACHES.iter().any(|name| fields.value(name).is_some()) {
        let message = "Please fill at least 1 of email, mobile, phone, twitter_id, unique_external_id fields";
        errors.push(FieldError::new("email", "missing_field", message));
    }
    if fields.truth("view_all_tickets").is_some() && fields.number("company_id").is_none() {
        let message = "Company ID is required for a contact to view all tickets";
        errors.push(FieldError::new("company_id", "missing_field", message));
    }
    if fields.number("company_id").is_some_and(|id| !helpdesk.companies.contains_key(&id)) {
        errors.push(FieldError::value("company_id", "There is no company matching the given company_id"));
    }
    errors
}

/// The attributes that another person has already, be that person in the trash.
fn duplicates(helpdesk: &Helpdesk, fields: &Fields) -> Vec<FieldError> {
    let by = |test: &dyn Fn(&Contact) -> bool| {
        helpdesk.contacts.values().find(|contact| test(contact)).map(|contact| contact.id)
    };
    let email = fields.text("email").and_then(|email| helpdesk.person_by_email(&email));
    let others = fields.texts("other_emails").unwrap_or_default();
    let other = others.iter().find_map(|email| helpdesk.person_by_email(email));
    let twitter = fields.text("twitter_id");
    let external = fields.text("unique_external_id");
    let taken = [
        ("email", email),
        ("other_emails", other),
        ("twitter_id", by(&|contact| twitter.is_some() && contact.twitter_id == twitter)),
        ("unique_external_id", by(&|contact| external.is_some() && contact.unique_external_id == external)),
    ];
    taken.into_iter().filter_map(|(name, id)| Some(FieldError::duplicate(name, id?))).collect()
}

fn make(call: &mut Call<'_>) -> Contact {
    let id = call.helpdesk.fresh_id();
    let fields = &call.fields;
    let email = fields.text("email");
    let mut contact = Contact {
        other_emails: fields.texts("other_emails").unwrap_or_default(),
        phone: fields.text("phone"),
        mobile: fields.text("mobile"),
        twitter_id: fields.text("twitter_id"),
        unique_external_id: fields.text("unique_external_id"),
        company_id: fields.number("company_id"),
        view_all_tickets: fields.truth("view_all_tickets"),
        other_companies: fields.value("other_companies").and_then(|list| list.as_array().cloned()).unwrap_or_default(),
        address: fields.text("address"),
        description: fields.text("description"),
        job_title: fields.text("job_title"),
        language: fields.text("language").unwrap_or_else(|| "en".to_owned()),
        time_zone: fields.text("time_zone").unwrap_or_else(|| call.helpdesk.time_zone.clone()),
        tags: fields.texts("tags").unwrap_or_default(),
        ..Contact::new(id, &fields.text("name").unwrap_or_default(), email.as_deref(), call.now)
    };
    custom_field::apply(&mut contact.custom_fields, fields.value("custom_fields"));
    contact
}
