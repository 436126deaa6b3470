//! An operator's machines: a simulated Freshdesk, a database of PostgreSQL, accounts that are connected, and the command that
//! serves them, as often as it is asked for.

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::common::command::{Operator, Server};
use crate::common::simulator::Simulator;
use crate::counter::Counter;
use crate::database::Database;
use crate::locks::Watch;

/// Users whose agents call: an account has a hundred calls running at a time, and no more.
pub(crate) const USERS: usize = 6;

pub(crate) struct Office {
    pub(crate) simulator: Simulator,
    pub(crate) counter: Counter,
    pub(crate) database: Database,
    /// For the agents of all users.
    pub(crate) token: String,
    operator: Operator,
    pub(crate) runtime: Runtime,
}

impl Office {
    /// None where there is no PostgreSQL.
    pub(crate) fn open() -> Result<Option<Self>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let Some(database) = Database::create(runtime.handle())? else { return Ok(None) };
        let counter = Counter::start(runtime.handle(), &database)?;
        Watch::sees(runtime.handle(), &database)?;
        let simulator = Simulator::start()?;
        let operator = Operator::begin(simulator.introduction(), Some(counter.url(&database)))?;
        (0..USERS).try_for_each(|number| operator.connect(&user(number)))?;
        let token = operator.token(None)?;
        Ok(Some(Self { simulator, counter, database, token, operator, runtime }))
    }

    /// Starts so many hosts, with these options beside those that all have.
    pub(crate) fn serve(&self, hosts: usize, options: &[&str]) -> Result<Vec<Server>> {
        (0..hosts).map(|number| self.operator.serve(&format!("host-{number}"), options)).collect()
    }
}

/// The identifier of the user that has this number.
pub(crate) fn user(number: usize) -> String {
    format!("user-{}", number % USERS)
}
