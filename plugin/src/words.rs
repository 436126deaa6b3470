//! Freshdesk's numbers and the contract's words: `docs/freshdesk.md` §5.

use serde_json::{Map, Value};

use crate::bindings::exports::freshdesk::tools::agents::{AgentState, AgentType, TicketScope};
use crate::bindings::exports::freshdesk::tools::tickets::{
    ConversationSource, OrderDirection, TicketEmbed, TicketFilter, TicketListEmbed, TicketOrder,
};
use crate::bindings::freshdesk::tools::types::{CustomFields, CustomValue, Priority, Source, Status};

/// A type whose cases are numbers to Freshdesk.
pub(crate) trait Numbered: Copy + 'static {
    /// The cases that Freshdesk documents, with their numbers.
    const CASES: &'static [(u32, Self)];

    /// The number of a case that is not among [`Self::CASES`].
    fn own(self) -> Option<u32> {
        None
    }

    /// The case for a number that is not among [`Self::CASES`].
    fn of_own(_number: u32) -> Option<Self> {
        None
    }

    /// The case that `value` is the number of.
    fn of(value: &Value) -> Option<Self> {
        let number = u32::try_from(value.as_u64()?).ok()?;
        let known = Self::CASES.iter().find(|(n, _)| *n == number).map(|(_, case)| *case);
        known.or_else(|| Self::of_own(number))
    }

    /// Freshdesk's number.
    fn number(self) -> u32 {
        let same = |case: &Self| std::mem::discriminant(case) == std::mem::discriminant(&self);
        let known = Self::CASES.iter().find(|(_, case)| same(case)).map(|(number, _)| *number);
        self.own().or(known).unwrap_or_default()
    }
}

impl Numbered for Priority {
    const CASES: &'static [(u32, Self)] = &[(1, Self::Low), (2, Self::Medium), (3, Self::High), (4, Self::Urgent)];
}

impl Numbered for Status {
    const CASES: &'static [(u32, Self)] =
        &[(2, Self::Open), (3, Self::Pending), (4, Self::Resolved), (5, Self::Closed)];

    fn own(self) -> Option<u32> {
        if let Self::Custom(number) = self { Some(number) } else { None }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Custom(number))
    }
}

impl Numbered for Source {
    const CASES: &'static [(u32, Self)] = &[
        (1, Self::Email),
        (2, Self::Portal),
        (3, Self::Phone),
        (7, Self::Chat),
        (9, Self::FeedbackWidget),
        (10, Self::OutboundEmail),
    ];

    fn own(self) -> Option<u32> {
        if let Self::Other(number) = self { Some(number) } else { None }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Other(number))
    }
}

impl Numbered for ConversationSource {
    const CASES: &'static [(u32, Self)] =
        &[(0, Self::Reply), (2, Self::Note), (6, Self::Survey), (8, Self::ForwardedEmail), (9, Self::Phone)];

    fn own(self) -> Option<u32> {
        if let Self::Other(number) = self { Some(number) } else { None }
    }

    fn of_own(number: u32) -> Option<Self> {
        Some(Self::Other(number))
    }
}

impl Numbered for TicketScope {
    const CASES: &'static [(u32, Self)] = &[(1, Self::Global), (2, Self::Group), (3, Self::Restricted)];
}

impl Numbered for AgentType {
    const CASES: &'static [(u32, Self)] = &[(1, Self::SupportAgent), (2, Self::FieldAgent), (3, Self::Collaborator)];
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
        for (number, _) in T::CASES {
            assert_eq!(T::of(&Value::from(*number)).map(T::number), Some(*number));
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
