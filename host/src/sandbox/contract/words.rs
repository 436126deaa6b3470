//! Words: how names of the contract are spelt in JSON, and which of them Freshdesk has numbers for.

/// Freshdesk's numbers of the cases of the types that have them.
type Numbers = &'static [(&'static str, u32)];

/// The types whose cases Freshdesk numbers. Requests may use these numbers in place of the words.
pub(super) const NUMBERED: &[(&str, Numbers)] = &[
    ("priority", &[("low", 1), ("medium", 2), ("high", 3), ("urgent", 4)]),
    ("status", &[("open", 2), ("pending", 3), ("resolved", 4), ("closed", 5)]),
    (
        "source",
        &[("email", 1), ("portal", 2), ("phone", 3), ("chat", 7), ("feedback-widget", 9), ("outbound-email", 10)],
    ),
    ("ticket-scope", &[("global", 1), ("group", 2), ("restricted", 3)]),
    ("agent-type", &[("support-agent", 1), ("field-agent", 2), ("collaborator", 3)]),
];

/// Freshdesk's number of a case, if its type has numbers.
pub(super) fn number(type_name: &str, case: &str) -> Option<u32> {
    let (_, numbers) = NUMBERED.iter().find(|(name, _)| *name == type_name)?;
    numbers.iter().find(|(name, _)| *name == case).map(|(_, number)| *number)
}

/// A name of the contract as JSON spells it: `new-and-my-open` is `new_and_my_open`.
pub(super) fn snake_case(name: &str) -> String {
    name.replace('-', "_")
}

/// A doc comment as one line.
pub(super) fn fold(docs: Option<&str>) -> String {
    docs.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The known name that was probably meant: at most two letters away, or the whole of which the given one is a part.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    if !(2..=40).contains(&given.len()) {
        return None;
    }
    let close = known.iter().map(|name| (distance(given, name), *name)).min();
    close
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, name)| name)
        .or_else(|| known.iter().copied().find(|name| name.contains(given)))
}

/// How many letters must be added, taken away or exchanged to turn one name into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.bytes().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_with_underscores() {
        assert_eq!(snake_case("new-and-my-open"), "new_and_my_open");
        assert_eq!(snake_case("email"), "email");
    }

    #[test]
    fn a_doc_comment_becomes_one_line() {
        assert_eq!(fold(Some("One line\n that goes on.\n\nAnd more.\n")), "One line that goes on. And more.");
        assert_eq!(fold(None), "");
    }

    #[test]
    fn only_cases_of_numbered_types_have_numbers() {
        assert_eq!(number("source", "feedback-widget"), Some(9));
        assert_eq!(number("status", "custom"), None);
        assert_eq!(number("ticket-filter", "spam"), None);
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["subject", "ticket_id", "requester_id", "cc_emails"];
        assert_eq!(nearest("subjet", &known), Some("subject"));
        assert_eq!(nearest("ticketId", &known), Some("ticket_id"));
        assert_eq!(nearest("requester", &known), Some("requester_id"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest("übject", &known), Some("subject"));
    }
}
