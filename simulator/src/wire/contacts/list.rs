//! `GET /contacts`, which counts against a limit of its own.

use super::shape;
use crate::state::Contact;
use crate::wire::call::Call;
use crate::wire::errors::Refusal;
use crate::wire::message::Answer;
use crate::wire::page::Page;
use crate::wire::query::Query;

/// Lists the contacts that are not in the trash by name.
pub(crate) fn list(call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let mut errors =
        query.unknown(&["email", "mobile", "phone", "company_id", "unique_external_id", "page", "per_page"]);
    let page = Page::read(&query, &mut errors);
    let company = query.number("company_id", &mut errors);
    Refusal::unless_empty(errors)?;
    let same = |name: &str, own: &Option<String>| query.get(name).is_none_or(|wanted| own.as_deref() == Some(wanted));
    let fits = |contact: &&Contact| {
        !contact.deleted
            && query.get("email").is_none_or(|email| contact.has_email(email))
            && same("mobile", &contact.mobile)
            && same("phone", &contact.phone)
            && same("unique_external_id", &contact.unique_external_id)
            && company.is_none_or(|company| contact.company_id == Some(company))
    };
    let mut contacts: Vec<&Contact> = call.helpdesk.contacts.values().filter(fits).collect();
    contacts.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    let (contacts, more) = page.cut(contacts);
    let items = contacts.into_iter().map(|contact| shape::listed(call.helpdesk, contact)).collect();
    Ok(page.answer(&call, items, more))
}
