//! The five tools about tickets: `docs/freshdesk.md` §7.1 to §7.5.

use crate::Plugin;
use crate::bindings::exports::freshdesk::tools::tickets::{
    Conversation, Guest, Ticket, TicketCreateRequest, TicketGetRequest, TicketPage, TicketUpdateRequest, TicketView,
    TicketsListRequest, TicketsReplyRequest,
};
use crate::bindings::freshdesk::tools::types::Error;
use crate::check::Check;
use crate::freshdesk::Freshdesk;
use crate::request::Query;
use crate::words;

/// The last page of tickets that Freshdesk lists (§4).
const LAST_PAGE: u32 = 300;

impl Guest for Plugin {
    fn ticket_create(request: TicketCreateRequest) -> Result<Ticket, Error> {
        wire::check_new(&request)?;
        let freshdesk = Freshdesk::connect()?;
        freshdesk.post("tickets", wire::new(request))?.object(|o| wire::ticket(o, &freshdesk))
    }

    fn ticket_get(request: TicketGetRequest) -> Result<TicketView, Error> {
        Check::default().id("ticket_id", request.ticket_id).done()?;
        let query = Query::default().with_words("include", request.include.into_iter().flatten().map(words::embed));
        let freshdesk = Freshdesk::connect()?;
        let answer = freshdesk.get(&format!("tickets/{}", request.ticket_id), &query)?;
        answer.object(|o| wire::view(o, &freshdesk))
    }

    fn ticket_update(request: TicketUpdateRequest) -> Result<Ticket, Error> {
        wire::check_changes(&request)?;
        let freshdesk = Freshdesk::connect()?;
        let answer = freshdesk.put(&format!("tickets/{}", request.ticket_id), wire::changes(request))?;
        answer.object(|o| wire::ticket(o, &freshdesk))
    }

    fn tickets_list(request: TicketsListRequest) -> Result<TicketPage, Error> {
        Check::default()
            .id("requester_id", request.requester_id)
            .id("company_id", request.company_id)
            .text("email", request.email.as_deref())
            .text("unique_external_id", request.unique_external_id.as_deref())
            .text("updated_since", request.updated_since.as_deref())
            .page(request.page, Some(LAST_PAGE))
            .per_page(request.per_page)
            .done()?;
        let query = wire::query(request);
        let freshdesk = Freshdesk::connect()?;
        let answer = freshdesk.get("tickets", &query)?;
        let (tickets, page) = answer.page(&query, Some(LAST_PAGE), |o| wire::list_item(o, &freshdesk))?;
        Ok(TicketPage { tickets, page })
    }

    fn tickets_reply(request: TicketsReplyRequest) -> Result<Conversation, Error> {
        Check::default()
            .id("ticket_id", request.ticket_id)
            .id("user_id", request.user_id)
            .text("body", request.body.as_str())
            .text("from_email", request.from_email.as_deref())
            .done()?;
        let path = format!("tickets/{}/reply", request.ticket_id);
        Freshdesk::connect()?.post(&path, wire::reply(request))?.object(wire::conversation)
    }
}

/// Freshdesk's form of these requests and answers: §6.1 to §6.3.
mod wire {
    use crate::bindings::exports::freshdesk::tools::tickets::{
        Company, Conversation, Requester, Ticket, TicketCreateRequest, TicketListItem, TicketUpdateRequest, TicketView,
        TicketsListRequest, TicketsReplyRequest,
    };
    use crate::bindings::freshdesk::tools::types::{Error, Priority, Status};
    use crate::check::Check;
    use crate::freshdesk::Freshdesk;
    use crate::object::Object;
    use crate::request::{Body, Query};
    use crate::words::{self, Numbered};

    /// Entries of a conversation that a ticket embeds at most (§6.2).
    const EMBEDDED_CONVERSATIONS: usize = 10;

    pub(super) fn check_new(request: &TicketCreateRequest) -> Result<(), Error> {
        let texts = [
            ("email", &request.email),
            ("phone", &request.phone),
            ("facebook_id", &request.facebook_id),
            ("twitter_id", &request.twitter_id),
            ("unique_external_id", &request.unique_external_id),
        ];
        let unnamed = request.requester_id.is_none() && texts.iter().all(|(_, text)| text.is_none());
        let nameless = request.phone.is_some() && request.email.is_none() && request.name.is_none();
        let check = Check::default()
            .refuse_if(
                unnamed,
                "requester_id",
                "name the requester by requester_id, email, phone, facebook_id, twitter_id or unique_external_id",
            )
            .refuse_if(nameless, "name", "is required with a phone and no email")
            .id("requester_id", request.requester_id)
            .id("group_id", request.group_id)
            .id("responder_id", request.responder_id)
            .id("product_id", request.product_id)
            .id("email_config_id", request.email_config_id)
            .id("company_id", request.company_id)
            .id("parent_id", request.parent_id);
        texts.into_iter().fold(check, |check, (field, text)| check.text(field, text.as_deref())).done()
    }

    pub(super) fn new(request: TicketCreateRequest) -> Body {
        Body::default()
            .with("subject", request.subject)
            .with("description", request.description)
            .with("email", request.email)
            .with("requester_id", request.requester_id)
            .with("name", request.name)
            .with("phone", request.phone)
            .with("facebook_id", request.facebook_id)
            .with("twitter_id", request.twitter_id)
            .with("unique_external_id", request.unique_external_id)
            // Freshdesk's documented defaults, which most helpdesks' forms want said (§7.1).
            .with("priority", Some(request.priority.unwrap_or(Priority::Low).number()))
            .with("status", Some(request.status.unwrap_or(Status::Open).number()))
            .with("source", request.source.map(Numbered::number))
            .with("type", request.type_)
            .with("group_id", request.group_id)
            .with("responder_id", request.responder_id)
            .with("tags", request.tags)
            .with("cc_emails", request.cc_emails)
            .with("custom_fields", request.custom_fields.map(words::custom_fields))
            .with("product_id", request.product_id)
            .with("email_config_id", request.email_config_id)
            .with("company_id", request.company_id)
            .with("parent_id", request.parent_id)
            .with("due_by", request.due_by)
            .with("fr_due_by", request.fr_due_by)
    }

    pub(super) fn check_changes(request: &TicketUpdateRequest) -> Result<(), Error> {
        let nothing = "give at least one field to change";
        Check::default()
            .id("ticket_id", request.ticket_id)
            .refuse_if(changes(request.clone()).is_empty(), "", nothing)
            .id("group_id", request.group_id.flatten())
            .id("responder_id", request.responder_id.flatten())
            .id("requester_id", request.requester_id)
            .id("product_id", request.product_id.flatten())
            .id("company_id", request.company_id.flatten())
            .text("email", request.email.as_deref())
            .text("phone", request.phone.as_deref())
            .text("facebook_id", request.facebook_id.as_deref())
            .text("twitter_id", request.twitter_id.as_deref())
            .text("unique_external_id", request.unique_external_id.as_deref())
            .done()
    }

    pub(super) fn changes(request: TicketUpdateRequest) -> Body {
        Body::default()
            .with("subject", request.subject)
            .with("description", request.description)
            .with("priority", request.priority.map(Numbered::number))
            .with("status", request.status.map(Numbered::number))
            .with("type", request.type_)
            .with("group_id", request.group_id)
            .with("responder_id", request.responder_id)
            .with("tags", request.tags)
            .with("custom_fields", request.custom_fields.map(words::custom_fields))
            .with("due_by", request.due_by)
            .with("fr_due_by", request.fr_due_by)
            .with("requester_id", request.requester_id)
            .with("email", request.email)
            .with("name", request.name)
            .with("phone", request.phone)
            .with("facebook_id", request.facebook_id)
            .with("twitter_id", request.twitter_id)
            .with("unique_external_id", request.unique_external_id)
            .with("product_id", request.product_id)
            .with("company_id", request.company_id)
    }

    pub(super) fn query(request: TicketsListRequest) -> Query {
        Query::default()
            .with("filter", request.filter.map(words::filter))
            .with("requester_id", request.requester_id)
            .with("email", request.email)
            .with("unique_external_id", request.unique_external_id)
            .with("company_id", request.company_id)
            .with("updated_since", request.updated_since)
            .with_words("include", request.include.into_iter().flatten().map(words::list_embed))
            .with("order_by", request.order_by.map(words::order))
            .with("order_type", request.order_type.map(words::direction))
            .with("page", request.page)
            .with("per_page", request.per_page)
    }

    pub(super) fn reply(request: TicketsReplyRequest) -> Body {
        Body::default()
            .with("body", Some(request.body))
            .with("cc_emails", request.cc_emails)
            .with("bcc_emails", request.bcc_emails)
            .with("from_email", request.from_email)
            .with("user_id", request.user_id)
    }

    pub(super) fn ticket(o: &mut Object, freshdesk: &Freshdesk) -> Option<Ticket> {
        let id = o.id("id")?;
        Some(Ticket {
            id,
            url: freshdesk.ticket_url(id),
            subject: o.text("subject"),
            status: o.take("status", Numbered::of),
            priority: o.take("priority", Numbered::of),
            source: o.take("source", Numbered::of),
            type_: o.text("type"),
            requester_id: o.id("requester_id"),
            responder_id: o.id("responder_id"),
            group_id: o.id("group_id"),
            company_id: o.id("company_id"),
            tags: o.texts("tags"),
            custom_fields: o.custom_fields(),
            due_by: o.text("due_by"),
            created_at: o.text("created_at"),
            updated_at: o.text("updated_at"),
            extra: o.rest(),
        })
    }

    pub(super) fn view(o: &mut Object, freshdesk: &Freshdesk) -> Option<TicketView> {
        let conversations = o.each_of("conversations", conversation);
        let item = list_item(o, freshdesk)?;
        Some(TicketView {
            more_conversations: conversations.as_ref().map(|entries| entries.len() >= EMBEDDED_CONVERSATIONS),
            conversations,
            description_text: item.description_text,
            requester: item.requester,
            company: item.company,
            stats: item.stats,
            ticket: item.ticket,
        })
    }

    pub(super) fn list_item(o: &mut Object, freshdesk: &Freshdesk) -> Option<TicketListItem> {
        Some(TicketListItem {
            description_text: o.text("description_text"),
            requester: o.object_of("requester", requester),
            company: o.object("company").map(|mut o| company(&mut o)),
            stats: o.object_of("stats", Object::texts_by_name),
            ticket: ticket(o, freshdesk)?,
        })
    }

    fn requester(o: &mut Object) -> Option<Requester> {
        Some(Requester { id: o.id("id")?, name: o.text("name"), email: o.text("email"), extra: o.rest() })
    }

    fn company(o: &mut Object) -> Company {
        Company { id: o.id("id"), name: o.text("name"), extra: o.rest() }
    }

    pub(super) fn conversation(o: &mut Object) -> Option<Conversation> {
        Some(Conversation {
            id: o.id("id")?,
            user_id: o.id("user_id"),
            body_text: o.text("body_text"),
            incoming: o.flag("incoming"),
            private: o.flag("private"),
            source: o.take("source", Numbered::of),
            from_email: o.text("from_email"),
            // The documentation's name for the recipients is replied_to (§6.3).
            to_emails: Some(o.texts("to_emails")).filter(|to| !to.is_empty()).unwrap_or_else(|| o.texts("replied_to")),
            cc_emails: o.texts("cc_emails"),
            created_at: o.text("created_at"),
            extra: o.rest(),
        })
    }
}
