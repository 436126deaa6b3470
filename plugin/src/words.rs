//! Freshdesk's numbers and the contract's words: `docs/freshdesk.md` §5.

use serde_json::{Map, Value};

use crate::bindings::exports::freshdesk::tools::agents::{AgentState, AgentType, TicketScope};
use crate::bindings::exports::freshdesk::tools::tickets::{
    ConversationSource, OrderDirection, TicketEmbed, TicketFilter, TicketListEmbed, TicketOrder,
};
use crate::bindings::freshdesk::tools::types::{CustomFields, CustomValue, Priority, Source, Status};

/// A type whose cases are numbers to Freshdesk.
pub(crate) trait Numbered: Copy + 'static {
    /// The cases that Freshdesk documents.
    const CASES: &'static [Self];

    /// Freshdesk's number.
    fn number(self) -> u32;

    /// The case for a number that is none of the [`Self::CASES`].
    fn of_own(_number: u32) -> Option<Self> {
        None
    }

    /// The case that `value` is the number of.
    fn of(value: &Value) -> Option<Self> {
        let number = u32::try_from(value.as_u64()?).ok()?;
        let known = Self::CASES.iter().copied().find(|case| case.number() == number);
        known.or_else(|| Self::of_own(number))
    }
}

impl Numbered for Priority {
    const CASES: &'static [Self] = &[Self::Low, Self::Medium, Self::High, Self::Urgent];

    fn number(self) -> u32 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
            Self::Urgent => 4,
        }
    }
}

impl Numbered for Status {
    const CASES: &'static [Self] = &[Self::Open, Self::Pending, Self::Resolved, Self::Closed];

    fn number(self) -> u32 {
        match self {
            Self::Open => 2,
            Self::Pending => 3,
            Self::Resolved => 4,
            Self::Closed => 5,
            Self::Custom(number) => number,
        }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Custom(number))
    }
}

impl Numbered for Source {
    const CASES: &'static [Self] =
        &[Self::Email, Self::Portal, Self::Phone, Self::Chat, Self::FeedbackWidget, Self::OutboundEmail];

    fn number(self) -> u32 {
        match self {
            Self::Email => 1,
            Self::Portal => 2,
            Self::Phone => 3,
            Self::Chat => 7,
            Self::FeedbackWidget => 9,
            Self::OutboundEmail => 10,
            Self::Other(number) => number,
        }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Other(number))
    }
}

impl Numbered for ConversationSource {
    const CASES: &'static [Self] = &[Self::Reply, Self::Note, Self::Survey, Self::ForwardedEmail, Self::Phone];

    fn number(self) -> u32 {
        match self {
            Self::Reply => 0,
            Self::Note => 2,
            Self::Survey => 6,
            Self::ForwardedEmail => 8,
            Self::Phone => 9,
            Self::Other(number) => number,
        }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Other(number))
    }
}

impl Numbered for TicketScope {
    const CASES: &'static [Self] = &[Self::Global, Self::Group, Self::Restricted];

    fn number(self) -> u32 {
        match self {
            Self::Global => 1,
            Self::Group => 2,
            Self::Restricted => 3,
        }
    }
}

impl Numbered for AgentType {
    const CASES: &'static [Self] = &[Self::SupportAgent, Self::FieldAgent, Self::Collaborator];

    fn number(self) -> u32 {
        match self {
            Self::SupportAgent => 1,
            Self::FieldAgent => 2,
            Self::Collaborator => 3,
        }
    }
}

/// The word of an agent's `type` in an answer, which is a number in requests and in roles.
pub(crate) fn agent_type(value: &Value) -> Option<AgentType> {
    match value.as_str()? {
        "support_agent" => Some(AgentType::SupportAgent),
        "field_agent" => Some(AgentType::FieldAgent),
        "collaborator" => Some(AgentType::Collaborator),
        _ => None,
    }
}

/// Freshdesk's word for an embedded thing.
pub(crate) fn embed(embed: TicketEmbed) -> &'static str {
    match embed {
        TicketEmbed::Conversations => "conversations",
        TicketEmbed::Requester => "requester",
        TicketEmbed::Company => "company",
        TicketEmbed::Stats => "stats",
    }
}

/// Freshdesk's word for a thing embedded in a list.
pub(crate) fn list_embed(embed: TicketListEmbed) -> &'static str {
    match embed {
        TicketListEmbed::Description => "description",
        TicketListEmbed::Requester => "requester",
        TicketListEmbed::Company => "company",
        TicketListEmbed::Stats => "stats",
    }
}

/// Freshdesk's word for a view.
pub(crate) fn filter(filter: TicketFilter) -> &'static str {
    match filter {
        TicketFilter::NewAndMyOpen => "new_and_my_open",
        TicketFilter::Watching => "watching",
        TicketFilter::Spam => "spam",
        TicketFilter::Deleted => "deleted",
    }
}

/// Freshdesk's word for what to sort by.
pub(crate) fn order(order: TicketOrder) -> &'static str {
    match order {
        TicketOrder::CreatedAt => "created_at",
        TicketOrder::DueBy => "due_by",
        TicketOrder::UpdatedAt => "updated_at",
        TicketOrder::Status => "status",
    }
}

/// Freshdesk's word for a direction.
pub(crate) fn direction(direction: OrderDirection) -> &'static str {
    match direction {
        OrderDirection::Asc => "asc",
        OrderDirection::Desc => "desc",
    }
}

/// Freshdesk's word for how a seat is paid.
pub(crate) fn state(state: AgentState) -> &'static str {
    match state {
        AgentState::Fulltime => "fulltime",
        AgentState::Occasional => "occasional",
    }
}

/// Custom fields as the object Freshdesk takes; no value is null, which clears a field.
pub(crate) fn custom_fields(fields: CustomFields) -> Value {
    let json = |value| match value {
        CustomValue::Text(text) => Value::from(text),
        CustomValue::Flag(flag) => Value::from(flag),
        CustomValue::Integer(number) => Value::from(number),
        CustomValue::Decimal(number) => Value::from(number),
        CustomValue::Choices(choices) => Value::from(choices),
    };
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name, value.map_or(Value::Null, json));
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<T: Numbered>() {
        for case in T::CASES {
            let back = T::of(&Value::from(case.number())).unwrap();
            assert_eq!(std::mem::discriminant(&back), std::mem::discriminant(case));
        }
    }

    #[test]
    fn every_number_becomes_a_word_and_comes_back() {
        comes_back::<Priority>();
        comes_back::<Status>();
        comes_back::<Source>();
        comes_back::<ConversationSource>();
        comes_back::<TicketScope>();
        comes_back::<AgentType>();
    }

    /// B8: a status that a helpdesk defines for itself passes both ways.
    #[test]
    fn b8_numbers_of_the_helpdesks_own_pass_through() {
        for number in [6, 7, 13, 4_000_000_000] {
            assert_eq!(Status::of(&Value::from(number)).map(Status::number), Some(number));
            assert_eq!(Source::of(&Value::from(number % 7 + 11)).map(Source::number), Some(number % 7 + 11));
        }
        assert!(Priority::of(&Value::from(9)).is_none());
        assert!(Status::of(&Value::from("open")).is_none());
    }
}
