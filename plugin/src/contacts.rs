//! The tool about contacts: `docs/freshdesk.md` §7.6.

use crate::Plugin;
use crate::bindings::exports::freshdesk::tools::contacts::{Contact, ContactCreateRequest, Guest};
use crate::bindings::freshdesk::tools::types::Error;
use crate::freshdesk::Freshdesk;

impl Guest for Plugin {
    fn contact_create(request: ContactCreateRequest) -> Result<Contact, Error> {
        wire::check_new(&request)?;
        Freshdesk::connect()?.post("contacts", wire::new(request))?.object(wire::contact)
    }
}

/// Freshdesk's form of these requests and answers: §6.4.
mod wire {
    use serde_json::{Value, json};

    use crate::bindings::exports::freshdesk::tools::contacts::{CompanyMembership, Contact, ContactCreateRequest};
    use crate::bindings::freshdesk::tools::types::Error;
    use crate::check::Check;
    use crate::object::Object;
    use crate::request::Body;
    use crate::words;

    pub(super) fn check_new(request: &ContactCreateRequest) -> Result<(), Error> {
        let texts = [
            ("email", &request.email),
            ("phone", &request.phone),
            ("mobile", &request.mobile),
            ("twitter_id", &request.twitter_id),
            ("unique_external_id", &request.unique_external_id),
        ];
        let unreachable = texts.iter().all(|(_, text)| text.is_none());
        let companyless = request.view_all_tickets == Some(true) && request.company_id.is_none();
        let further = request.other_companies.iter().flatten().any(|company| company.company_id == 0);
        let check = Check::default()
            .text("name", request.name.as_str())
            .refuse_if(
                unreachable,
                "email",
                "give at least one of email, phone, mobile, twitter_id or unique_external_id",
            )
            .refuse_if(companyless, "company_id", "is required with view_all_tickets")
            .refuse_if(further, "other_companies", "an id is never 0")
            .id("company_id", request.company_id);
        texts.into_iter().fold(check, |check, (field, text)| check.text(field, text.as_deref())).done()
    }

    pub(super) fn new(request: ContactCreateRequest) -> Body {
        let memberships = |all: Vec<_>| all.into_iter().map(membership).collect::<Value>();
        Body::default()
            .with("name", Some(request.name))
            .with("email", request.email)
            .with("phone", request.phone)
            .with("mobile", request.mobile)
            .with("twitter_id", request.twitter_id)
            .with("unique_external_id", request.unique_external_id)
            .with("other_emails", request.other_emails)
            .with("company_id", request.company_id)
            .with("view_all_tickets", request.view_all_tickets)
            .with("other_companies", request.other_companies.map(memberships))
            .with("job_title", request.job_title)
            .with("language", request.language)
            .with("time_zone", request.time_zone)
            .with("tags", request.tags)
            .with("description", request.description)
            .with("address", request.address)
            .with("custom_fields", request.custom_fields.map(words::custom_fields))
    }

    fn membership(of: CompanyMembership) -> Value {
        match of.view_all_tickets {
            Some(all) => json!({"company_id": of.company_id, "view_all_tickets": all}),
            None => json!({"company_id": of.company_id}),
        }
    }

    pub(super) fn contact(o: &mut Object) -> Option<Contact> {
        Some(Contact {
            id: o.id("id")?,
            name: o.text("name"),
            email: o.text("email"),
            phone: o.text("phone"),
            mobile: o.text("mobile"),
            unique_external_id: o.text("unique_external_id"),
            company_id: o.id("company_id"),
            job_title: o.text("job_title"),
            tags: o.texts("tags"),
            custom_fields: o.custom_fields(),
            created_at: o.text("created_at"),
            updated_at: o.text("updated_at"),
            extra: o.rest(),
        })
    }
}
