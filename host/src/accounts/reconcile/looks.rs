//! How what a write made is looked for, by the tools that read: one row a tool that writes.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::moment;
use super::advice::Lost;
use super::text::{gist, is_kept_as};

/// What the clocks of Freshdesk and of the store may differ by, in milliseconds.
pub(super) const SKEW: i64 = 60_000;

/// A row.
pub(in crate::accounts) struct Look {
    tool: &'static str,
    /// What it makes, in a word: records of which each is one call's. None where a state is set, which may be as it should
    /// be for many calls, and where nothing can be found.
    pub(super) makes: Option<&'static str>,
    /// What such a record is known by, or what is changed. It is the same for all calls that a record could be taken to be of.
    pub(super) known_by: fn(&Arguments) -> Vec<String>,
    /// What to ask, of which tool; none where it cannot be found.
    pub(super) ask: fn(&Wanted<'_>) -> Option<(&'static str, Value)>,
    /// What of an answer is as it was asked for, in the form of the tool's own answer; none where the answer does not show
    /// all that there is.
    pub(super) find: fn(&Wanted<'_>, &Value) -> Option<Vec<Value>>,
    /// What its caller is to look for where it was not found.
    pub(super) advise: fn(&Lost<'_>) -> String,
}

/// A request as one would spell it.
pub(in crate::accounts) type Arguments = Map<String, Value>;

/// What is not fixed by one call: status, priority, group and tags are not looked at, as helpdesks change them by rules of
/// their own the moment a ticket is made.
const LOOKS: [Look; 6] = [
    Look {
        tool: "freshdesk_ticket_create",
        makes: Some("ticket"),
        known_by: |wanted| vec![text(wanted, "subject").to_owned(), gist(text(wanted, "description"))],
        ask: |wanted| {
            // By another identifier tickets cannot be listed, and a list does not show it.
            let by = ["requester_id", "email", "unique_external_id"];
            let by = by.into_iter().find(|name| wanted.spelt.contains_key(*name))?;
            let (whose, since) = (&wanted.spelt[by], wanted.since());
            Some((
                "freshdesk_tickets_list",
                json!({by: whose, "updated_since": since, "include": ["description"], "per_page": 100}),
            ))
        },
        find: |wanted, page| {
            let fits = |ticket: &&Value| {
                word(ticket, "subject") == text(&wanted.spelt, "subject")
                    && is_kept_as(text(&wanted.spelt, "description"), word(ticket, "description"))
            };
            whole(page, "tickets").map(|tickets| wanted.in_time(tickets).filter(fits).cloned().collect())
        },
        advise: |lost| {
            let (subject, since) = (lost.text("subject"), &lost.since);
            format!(
                "Look for a ticket with the subject \"{subject}\" made since {since} UTC, by freshdesk_tickets_list."
            )
        },
    },
    Look {
        tool: "freshdesk_tickets_reply",
        makes: Some("conversation"),
        known_by: |wanted| {
            vec![wanted.get("ticket_id").map(Value::to_string).unwrap_or_default(), gist(text(wanted, "body"))]
        },
        ask: |wanted| {
            let ticket = wanted.spelt.get("ticket_id")?;
            Some(("freshdesk_ticket_get", json!({"ticket_id": ticket, "include": ["conversations"]})))
        },
        find: |wanted, view| {
            let author = wanted.spelt.get("user_id").cloned().or_else(|| wanted.person.map(Value::from))?;
            let fits = |said: &&Value| {
                said["user_id"] == author
                    && said["source"] == "reply"
                    && said["private"] != true
                    && said["incoming"] != true
                    && is_kept_as(text(&wanted.spelt, "body"), word(said, "body"))
            };
            // A ticket shows its ten oldest entries.
            let all = view["conversations"].as_array().filter(|_| view["more_conversations"] == false)?;
            Some(wanted.in_time(all).filter(fits).cloned().collect())
        },
        advise: |lost| {
            let (ticket, since) = (lost.number("ticket_id"), &lost.since);
            format!(
                "Look whether ticket {ticket} has this reply, written since {since} UTC: freshdesk_ticket_get shows the first ten entries."
            )
        },
    },
    Look {
        tool: "freshdesk_ticket_update",
        makes: None,
        known_by: |wanted| vec![wanted.get("ticket_id").map(Value::to_string).unwrap_or_default()],
        ask: |wanted| Some(("freshdesk_ticket_get", json!({"ticket_id": wanted.spelt.get("ticket_id")?}))),
        find: |wanted, ticket| Some(if is_as_wanted(wanted, ticket) { vec![ticket.clone()] } else { Vec::new() }),
        advise: |lost| {
            format!("Look by freshdesk_ticket_get whether ticket {} is as you asked for.", lost.number("ticket_id"))
        },
    },
    Look {
        tool: "freshdesk_agent_create",
        makes: Some("agent"),
        known_by: |wanted| vec![text(wanted, "email").to_lowercase()],
        ask: |wanted| {
            // A list does not show roles, and which one is given to whom none was asked for.
            let roles = wanted.spelt.get("role_ids")?.as_array().filter(|roles| !roles.is_empty());
            roles.map(|_| ("freshdesk_agents_list", json!({"email": text(&wanted.spelt, "email")})))
        },
        find: |wanted, page| {
            let same = |agent: &Value, name: &str| wanted.spelt.get(name).is_none_or(|value| agent[name] == *value);
            let fits = |agent: &&Value| {
                let contact = &agent["contact"];
                word(contact, "email").eq_ignore_ascii_case(text(&wanted.spelt, "email"))
                    && wanted.spelt.get("name").is_none_or(|name| contact["name"] == *name)
                    && wanted.spelt.get("agent_type").is_none_or(|kind| agent["type"] == *kind)
                    && ["ticket_scope", "occasional"].into_iter().all(|name| same(agent, name))
            };
            let with_lists = |agent: &Value| {
                let mut agent = agent.clone();
                for name in ["role_ids", "group_ids", "skill_ids"] {
                    agent[name] = wanted.spelt.get(name).cloned().unwrap_or_else(|| json!([]));
                }
                agent
            };
            whole(page, "agents").map(|agents| wanted.in_time(agents).filter(fits).map(with_lists).collect())
        },
        advise: |lost| format!("Look by freshdesk_agents_list for the agent with the email {}.", lost.text("email")),
    },
    // No tool reads contacts.
    Look {
        tool: "freshdesk_contact_create",
        makes: None,
        known_by: |_| Vec::new(),
        ask: |_| None,
        find: |_, _| None,
        advise: |lost| {
            let (name, since) = (lost.text("name"), &lost.since);
            format!(
                "Have somebody look in Freshdesk for the contact \"{name}\" made since {since} UTC: no tool here shows contacts."
            )
        },
    },
    // That somebody is no agent does not tell whether it was so before: Freshdesk may have answered that there is none.
    Look {
        tool: "freshdesk_agent_delete",
        makes: None,
        known_by: |_| Vec::new(),
        ask: |_| None,
        find: |_, _| None,
        advise: |lost| {
            format!("Look by freshdesk_agents_list whether agent {} is there still.", lost.number("agent_id"))
        },
    },
];

impl Look {
    /// Whether this tool makes records that are looked for.
    pub(in crate::accounts) fn is_for_records_of(tool: &str) -> bool {
        Self::of(tool).is_some_and(|look| look.makes.is_some())
    }

    /// How what this tool makes is looked for.
    pub(in crate::accounts) fn of(tool: &str) -> Option<&'static Self> {
        const TABLE: &[Look] = &LOOKS;
        TABLE.iter().find(|look| look.tool == tool)
    }
}

/// What is looked for.
pub(super) struct Wanted<'a> {
    /// The call's arguments.
    pub(super) spelt: Arguments,
    /// The same as they came, with what is to be cleared.
    pub(super) given: &'a Value,
    /// The agent whose account it is.
    pub(super) person: Option<u64>,
    /// When the call began and ended, by the store's clock; and now.
    pub(super) begun: i64,
    pub(super) ended: i64,
    pub(super) now: i64,
}

impl Wanted<'_> {
    /// The moment before which nothing of it was made, to the second, as Freshdesk reads it.
    fn since(&self) -> String {
        let mut since = moment(self.begun - SKEW);
        since.truncate("2026-11-22T09:30:00".len());
        since + "Z"
    }

    /// Those records that were made while the call ran.
    fn in_time<'r>(&self, records: &'r [Value]) -> impl Iterator<Item = &'r Value> {
        let (from, until) = (self.begun - SKEW, self.ended + SKEW);
        records.iter().filter(move |record| made_at(record).is_some_and(|(first, last)| last >= from && first <= until))
    }
}

/// When a record was made, by Freshdesk's clock, which shows whole seconds.
pub(super) fn made_at(record: &Value) -> Option<(i64, i64)> {
    let at = millis(&record["created_at"])?;
    Some((at, at + 999))
}

fn millis(at: &Value) -> Option<i64> {
    let at = OffsetDateTime::parse(at.as_str()?, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

fn text<'a>(wanted: &'a Arguments, name: &str) -> &'a str {
    wanted.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn word<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

/// The records of a page after which no other follows.
fn whole<'a>(page: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    page[name].as_array().filter(|_| page["has_more"] == false)
}

/// Whether a ticket that was changed since is in all as it was asked for.
fn is_as_wanted(wanted: &Wanted<'_>, ticket: &Value) -> bool {
    let changed = millis(&ticket["updated_at"]);
    let recently = changed.is_some_and(|at| (wanted.begun - SKEW..=wanted.now + SKEW).contains(&at));
    let set = wanted.spelt.iter().filter(|(name, _)| *name != "ticket_id");
    let cleared = wanted.given.as_object().into_iter().flatten().filter(|(_, value)| value.is_null());
    let mut set = set.chain(cleared.filter(|(name, _)| CLEARED.contains(&name.as_str())));
    recently && set.all(|(name, value)| is_set(wanted, ticket, name, value))
}

/// Fields that null clears; what else is null was left out.
const CLEARED: [&str; 5] = ["type", "group_id", "responder_id", "product_id", "company_id"];

/// Whether a field has the value that it should have. What names the requester otherwise than by id is not in a ticket.
fn is_set(wanted: &Wanted<'_>, ticket: &Value, name: &str, value: &Value) -> bool {
    match name {
        "description" => is_kept_as(value.as_str().unwrap_or_default(), word(ticket, name)),
        "tags" => sorted(&ticket[name]) == sorted(value),
        "due_by" | "fr_due_by" => millis(value).is_some() && millis(&ticket[name]) == millis(value),
        "custom_fields" => {
            let fields = wanted.given[name].as_object().into_iter().flatten();
            fields.into_iter().all(|(field, value)| alike(&ticket[name][field], value))
        }
        "subject" | "priority" | "status" | "requester_id" => ticket[name] == *value,
        name if CLEARED.contains(&name) => ticket[name] == *value,
        _ => false,
    }
}

/// Numbers may be written in several ways.
fn alike(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one == other)
}

fn sorted(texts: &Value) -> Vec<&str> {
    let mut texts: Vec<_> = texts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::writes;
    use crate::sandbox::contract::Contract;

    #[test]
    fn every_tool_that_writes_has_its_row() {
        let contract = Contract::load().unwrap();
        for tool in contract.tools() {
            assert_eq!(Look::of(tool.name()).is_some(), writes(tool.function()), "{}", tool.name());
        }
        assert!(LOOKS.iter().all(|look| contract.tool(look.tool).is_some()));
    }

    const NOON: i64 = 1_800_000_000_000;

    fn with(mut record: Value, field: &str, value: Value) -> Value {
        record[field] = value;
        record
    }

    fn wanted<'a>(spelt: Value, given: &'a Value) -> Wanted<'a> {
        let Value::Object(spelt) = spelt else { panic!("no object") };
        Wanted { spelt, given, person: Some(7), begun: NOON, ended: NOON + 1000, now: NOON + 3_600_000 }
    }

    #[test]
    fn a_ticket_that_was_changed_is_as_it_was_asked_for_in_each_field() {
        let given = json!({"ticket_id": 1, "group_id": null, "custom_fields": {"cf_a": 1, "cf_b": null}, "subject": "S",
            "status": "closed", "tags": ["b", "a"], "due_by": "2027-01-15T12:00:00+02:00", "description": "D"});
        let given = with(given, "fr_due_by", Value::Null);
        let mut spelt = given.clone();
        for null in ["group_id", "fr_due_by"] {
            spelt.as_object_mut().unwrap().remove(null);
        }
        let wanted = wanted(spelt, &given);
        let ticket = json!({"id": 1, "updated_at": moment(NOON + 5000), "custom_fields": {"cf_a": 1.0}, "subject": "S",
            "status": "closed", "tags": ["a", "b"], "due_by": "2027-01-15T10:00:00Z", "description": "<div>D</div>"});
        // A date that is null was left out, and clears nothing.
        let ticket = with(ticket, "fr_due_by", json!("2027-01-14T10:00:00Z"));
        assert!(is_as_wanted(&wanted, &ticket));
        for (field, other) in [
            ("updated_at", json!(moment(NOON - SKEW - 1))),
            ("updated_at", json!(moment(NOON + 3_600_000 + SKEW + 1))),
            ("updated_at", Value::Null),
            ("custom_fields", json!({"cf_a": 2})),
            ("custom_fields", json!({"cf_a": 1, "cf_b": "x"})),
            ("subject", json!("s")),
            ("status", json!("open")),
            ("tags", json!(["a"])),
            ("due_by", json!("2027-01-15T12:00:00Z")),
            ("description", json!("<div>E</div>")),
            ("group_id", json!(3)),
        ] {
            let changed = with(ticket.clone(), field, other);
            assert!(!is_as_wanted(&wanted, &changed), "{changed}");
        }
    }

    #[test]
    fn what_a_ticket_does_not_show_is_not_taken_for_set() {
        let given = json!({"ticket_id": 1, "email": "kim@example.com"});
        let ticket = json!({"id": 1, "updated_at": moment(NOON), "email": "kim@example.com"});
        assert!(!is_as_wanted(&wanted(given.clone(), &given), &ticket));
    }

    #[test]
    fn a_record_was_made_while_the_call_ran_give_or_take_a_minute() {
        let given = json!({});
        let wanted = wanted(json!({}), &given);
        for (at, fits) in [
            (NOON - SKEW, true),
            (NOON - SKEW - 1000, false),
            (NOON + 500, true),
            (NOON + 1000 + SKEW, true),
            (NOON + 2000 + SKEW, false),
        ] {
            let record = json!({"created_at": format!("{}Z", &moment(at)[..19])});
            assert_eq!(wanted.in_time(std::slice::from_ref(&record)).count(), usize::from(fits), "{record}");
        }
        for record in [json!({}), json!({"created_at": "yesterday"}), json!({"created_at": 7})] {
            assert_eq!(wanted.in_time(&[record]).count(), 0);
        }
        assert_eq!(wanted.since(), format!("{}Z", &moment(NOON - SKEW)[..19]));
    }
}
