//! What is said on a connection to PostgreSQL, by version 3 of its protocol: read as it passes, and counted.

use std::collections::HashMap;
use std::ops::{AddAssign, Sub};

use anyhow::{Context, Result, ensure};

/// The table in which hosts share the budgets of helpdesks.
const BUDGETS: &str = "budgets";

/// What was asked of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Statements that were executed.
    pub(crate) statements: u64,
    /// Answers that were waited for: one for each text of statements, and for each run of prepared ones until `Sync`.
    pub(crate) answers: u64,
    /// Of these, such as were asked for while the connection waited for no other. The rest were sent in one go with one before.
    pub(crate) trips: u64,
    /// Transactions that were begun and committed by statements of their own.
    pub(crate) commits: u64,
    /// Statements that name the table of shared budgets.
    pub(crate) budget_statements: u64,
    /// Answers that were waited for such a statement, or in the transaction of one.
    pub(crate) budget_answers: u64,
}

/// One direction of a connection, cut into messages.
#[derive(Default)]
struct Messages {
    bytes: Vec<u8>,
    /// Whether messages begin with their kind; a client's first one does not.
    begun: bool,
}

/// A connection, as far as was listened to it.
pub(crate) struct Spoken {
    client: Messages,
    server: Messages,
    /// Whether a prepared statement is of the shared budgets, by its name; and so the statement of a portal.
    prepared: HashMap<Vec<u8>, bool>,
    bound: HashMap<Vec<u8>, bool>,
    /// Answers that are still to come.
    waiting: u64,
    /// Whether a statement of the shared budgets was executed since the last answer was asked for.
    budget: bool,
    /// The answers that were asked for in the transaction that runs, and whether it is one of the shared budgets.
    transaction: Option<(u64, bool)>,
}

impl Spoken {
    pub(crate) fn new() -> Self {
        Self {
            client: Messages::default(),
            server: Messages { begun: true, ..Messages::default() },
            prepared: HashMap::new(),
            bound: HashMap::new(),
            // The first message is answered, too.
            waiting: 1,
            budget: false,
            transaction: None,
        }
    }

    /// The client said this. Tells what was asked by it.
    pub(crate) fn client(&mut self, bytes: &[u8]) -> Result<Asked> {
        self.client.bytes.extend_from_slice(bytes);
        let mut asked = Asked::default();
        while let Some((kind, body)) = self.client.next()? {
            asked += self.message(kind, &body)?;
        }
        Ok(asked)
    }

    /// The server said this.
    pub(crate) fn server(&mut self, bytes: &[u8]) -> Result<()> {
        self.server.bytes.extend_from_slice(bytes);
        while let Some((kind, _)) = self.server.next()? {
            if kind == b'Z' {
                self.waiting = self.waiting.checked_sub(1).context("it answers what nobody asked")?;
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Result<Asked> {
        let mut rest = body;
        match kind {
            b'Q' => Ok(self.texts(&String::from_utf8_lossy(word(&mut rest)?))),
            b'P' => {
                let name = word(&mut rest)?.to_vec();
                let budget = String::from_utf8_lossy(word(&mut rest)?).contains(BUDGETS);
                self.prepared.insert(name, budget);
                Ok(Asked::default())
            }
            b'B' => {
                let portal = word(&mut rest)?.to_vec();
                let budget = self.prepared.get(word(&mut rest)?).copied();
                self.bound.insert(portal, budget.context("a statement is bound that was not prepared")?);
                Ok(Asked::default())
            }
            b'E' => {
                let budget = self.bound.get(word(&mut rest)?).copied().context("nothing is bound that is executed")?;
                self.budget |= budget;
                Ok(Asked { statements: 1, budget_statements: budget.into(), ..Asked::default() })
            }
            b'S' => {
                let budget = std::mem::take(&mut self.budget);
                Ok(self.answer(budget))
            }
            _ => Ok(Asked::default()),
        }
    }

    /// Statements that are sent as text.
    fn texts(&mut self, text: &str) -> Asked {
        let mut asked = Asked::default();
        let statements: Vec<_> = text.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
        let budgets = statements.iter().filter(|text| text.contains(BUDGETS)).count() as u64;
        if statements.iter().any(|text| text.eq_ignore_ascii_case("BEGIN")) {
            self.transaction = Some((0, false));
        }
        asked += Asked { statements: statements.len() as u64, budget_statements: budgets, ..Asked::default() };
        asked += self.answer(budgets > 0);
        if statements.iter().any(|text| ["COMMIT", "ROLLBACK"].iter().any(|end| text.eq_ignore_ascii_case(end))) {
            let commits = statements.iter().filter(|text| text.eq_ignore_ascii_case("COMMIT")).count() as u64;
            asked += Asked { commits, ..Asked::default() };
            if let Some((answers, true)) = self.transaction.take() {
                asked += Asked { budget_answers: answers, ..Asked::default() };
            }
        }
        asked
    }

    /// An answer is asked for.
    fn answer(&mut self, budget: bool) -> Asked {
        let trips = u64::from(self.waiting == 0);
        self.waiting += 1;
        let budget_answers = match &mut self.transaction {
            Some((answers, ours)) => {
                *answers += 1;
                *ours |= budget;
                0
            }
            None => u64::from(budget),
        };
        Asked { answers: 1, trips, budget_answers, ..Asked::default() }
    }
}

impl Messages {
    /// The next message that is whole: its kind, which is none for the first of a client, and its body.
    fn next(&mut self) -> Result<Option<(u8, Vec<u8>)>> {
        let kind = usize::from(self.begun);
        let Some(length) = self.bytes.get(kind..kind + 4) else { return Ok(None) };
        let length = u32::from_be_bytes(length.try_into()?) as usize;
        ensure!((4..1 << 30).contains(&length), "a message has {length} bytes");
        if self.bytes.len() < kind + length {
            return Ok(None);
        }
        let message: Vec<u8> = self.bytes.drain(..kind + length).collect();
        let body = message[kind + 4..].to_vec();
        if !std::mem::replace(&mut self.begun, true) {
            // Version 3; a request for TLS has another number, and what follows could not be read.
            ensure!(body.starts_with(&[0, 3, 0, 0]), "the connection is not begun in the clear");
            return Ok(Some((0, body)));
        }
        Ok(Some((message[0], body)))
    }
}

/// Takes a word off a message, which a zero ends.
fn word<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0).context("a word does not end")?;
    let (word, after) = rest.split_at(end);
    *rest = &after[1..];
    Ok(word)
}

impl AddAssign for Asked {
    fn add_assign(&mut self, more: Self) {
        self.statements += more.statements;
        self.answers += more.answers;
        self.trips += more.trips;
        self.commits += more.commits;
        self.budget_statements += more.budget_statements;
        self.budget_answers += more.budget_answers;
    }
}

impl Sub for Asked {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            statements: self.statements - before.statements,
            answers: self.answers - before.answers,
            trips: self.trips - before.trips,
            commits: self.commits - before.commits,
            budget_statements: self.budget_statements - before.budget_statements,
            budget_answers: self.budget_answers - before.budget_answers,
        }
    }
}
