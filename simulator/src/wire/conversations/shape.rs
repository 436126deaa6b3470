//! How a conversation looks in a list and as the answer to a reply.

use serde_json::{Value, json};

use crate::state::Conversation;
use crate::wire::html;
use crate::wire::moment::shown;

/// The answer to a reply, which does not tell incoming, private and source.
pub(super) fn sent(conversation: &Conversation) -> Value {
    json!({
        "id": conversation.id,
        "ticket_id": conversation.ticket_id,
        "user_id": conversation.user_id,
        "body": conversation.body,
        "body_text": html::stripped(&conversation.body, " "),
        "from_email": conversation.from_email,
        "to_emails": conversation.to_emails,
        "cc_emails": conversation.cc_emails,
        "bcc_emails": conversation.bcc_emails,
        "attachments": [],
        "source_additional_info": null,
        "created_at": shown(conversation.created_at),
        "updated_at": shown(conversation.updated_at),
    })
}

/// An item of a list, or embedded in a ticket.
pub(crate) fn listed(conversation: &Conversation) -> Value {
    let mut value = sent(conversation);
    value["incoming"] = json!(conversation.incoming);
    value["private"] = json!(conversation.private);
    value["source"] = json!(conversation.source);
    value["category"] = json!(conversation.category);
    value["support_email"] = json!(conversation.support_email);
    value["auto_response"] = json!(false);
    for absent in [
        "email_failure_count",
        "outgoing_failures",
        "thread_id",
        "thread_message_id",
        "last_edited_at",
        "last_edited_user_id",
        "automation_id",
        "automation_type_id",
    ] {
        value[absent] = Value::Null;
    }
    value
}
