//! Accounts. Each change of a state has its event, and destroys the key that the account has no more.

use super::engine::{Change, Row, Sql, sql};
use super::records::{AccountRow, Connect, Entry, EventRow};
use super::sealed::{add, new_id, zeros};
use super::texts::{read_person, read_texts, write_person, write_texts};
use super::{Store, StoreError, events, links, once};
use crate::accounts::{State, User, Wish};

/// An account that was disconnected begins anew, but for the version of its key, which never comes again.
const CREATE: &str = "INSERT INTO accounts (tenant, identifier, id, state, name, description, expected_email,
        expected_helpdesk, helpdesk, person, roles, version, created_at, changed_at)
    VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (tenant, identifier) DO UPDATE SET id = excluded.id, state = 'pending', name = excluded.name,
        description = excluded.description, expected_email = excluded.expected_email,
        expected_helpdesk = excluded.expected_helpdesk, helpdesk = excluded.helpdesk, person = excluded.person,
        roles = excluded.roles, created_at = excluded.created_at, changed_at = excluded.changed_at
        WHERE accounts.state = 'disconnected'";

const READ: &str =
    "SELECT tenant, identifier, accounts.id, state, name, description, expected_email, expected_helpdesk,
        helpdesk, person, roles, version, created_at, changed_at, data_keys.wrapped, secret
    FROM accounts LEFT JOIN data_keys ON data_keys.id = accounts.data_key WHERE tenant = $1 AND identifier = $2";

const LIST: &str = "SELECT tenant, identifier, id, state, name, description, expected_email, expected_helpdesk,
        helpdesk, person, roles, version, created_at, changed_at
    FROM accounts WHERE (tenant, identifier) > ($1, $2) AND ($3 = '' OR state = $3) ORDER BY tenant, identifier LIMIT $4";

const LIST_TENANTS: &str = "SELECT tenant, identifier, id, state, name, description, expected_email, expected_helpdesk,
        helpdesk, person, roles, version, created_at, changed_at
    FROM accounts WHERE tenant = $1 AND identifier > $2 AND ($3 = '' OR state = $3) ORDER BY identifier LIMIT $4";

const HELPDESKS: &str = "SELECT helpdesk, COUNT(*) FROM accounts
    WHERE tenant = $1 AND state = 'active' AND helpdesk > $2 GROUP BY helpdesk ORDER BY helpdesk LIMIT $3";

/// What nothing is said about stays as it is by then, whoever set it.
const SET: &str = "UPDATE accounts SET name = COALESCE($3, name), description = COALESCE($4, description),
        expected_email = COALESCE($5, expected_email), expected_helpdesk = COALESCE($6, expected_helpdesk)
    WHERE tenant = $1 AND identifier = $2 AND state <> 'disconnected'";

const ACTIVATE: &str =
    "UPDATE accounts SET state = 'active', version = version + 1, helpdesk = $5, person = $6, roles = $7,
        changed_at = $8
    WHERE tenant = $1 AND identifier = $2 AND version = $3 AND state = $4";

const REVOKE: &str = "UPDATE accounts SET state = 'revoked', changed_at = $4
    WHERE tenant = $1 AND identifier = $2 AND version = $3 AND state = 'active'";

const DISCONNECT: &str = "UPDATE accounts SET state = 'disconnected', changed_at = $3
    WHERE tenant = $1 AND identifier = $2 AND state = $4 AND state <> 'disconnected'";

const DESTROY_KEY: &str = "UPDATE data_keys SET wrapped = $3
    WHERE id IN (SELECT data_key FROM accounts WHERE tenant = $1 AND identifier = $2)";

const SET_KEY: &str = "UPDATE accounts SET data_key = $3, secret = $4 WHERE tenant = $1 AND identifier = $2";

const REMOVE_KEY: &str = "UPDATE accounts SET data_key = NULL, secret = NULL WHERE tenant = $1 AND identifier = $2";

impl Store {
    /// Adds an account in state pending; false when the user has one. A disconnected one is made pending again, with
    /// what this row says but for the version of its key: true.
    pub(crate) async fn create_account(
        &self,
        account: &AccountRow,
        event: &EventRow,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let create = of(CREATE, &account.user).with(&account.id).with(account.name.as_ref());
        let create = create.with(account.description.as_ref()).with(account.expected_email.as_ref());
        let create = create.with(account.expected_helpdesk.as_ref()).with(account.helpdesk.as_ref());
        let create = create.with(account.person.as_ref().map(write_person).as_ref()).with(&write_texts(&account.roles));
        let create = create.with(account.version).with(account.created_at).with(account.changed_at);
        self.change(Change::default().one(create).one(events::add(event)).tells(entry)).await
    }

    /// An account, its sealed key included.
    pub(crate) async fn account(&self, user: &User) -> Result<Option<AccountRow>, StoreError> {
        let Some(mut row) = self.row(of(READ, user)).await? else { return Ok(None) };
        let mut account = account(&mut row)?;
        account.key = row.sealed()?;
        Ok(Some(account))
    }

    /// A page of accounts by tenant and identifier, without keys: those of `tenant`, or all; those in this state, or in any;
    /// those after `after`.
    pub(crate) async fn accounts(
        &self,
        tenant: Option<&str>,
        state: Option<State>,
        after: Option<&User>,
        limit: i64,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let text = if tenant.is_some() { LIST_TENANTS } else { LIST };
        let from = tenant.or(after.map(User::tenant)).unwrap_or_default();
        let page = sql(text).with(from).with(after.map_or("", User::identifier));
        let page = page.with(state.map_or("", State::as_str)).with(limit);
        self.page(page).await?.iter_mut().map(account).collect()
    }

    /// A page of the labels of helpdesks that a tenant's active accounts are connected to, those after `after`, and how many
    /// accounts each has.
    pub(crate) async fn helpdesks(
        &self,
        tenant: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let page = self.page(sql(HELPDESKS).with(tenant).with(after).with(limit)).await?;
        page.into_iter().map(|mut row| Ok((row.text()?, row.number()?))).collect()
    }

    /// Changes what the wish says something about; false when there is no account, or it is disconnected.
    pub(crate) async fn set_account(&self, user: &User, wish: &Wish, entry: Entry) -> Result<bool, StoreError> {
        let helpdesk = wish.expected_helpdesk.as_ref().map(ToString::to_string);
        let set = of(SET, user).with(wish.name.as_ref()).with(wish.description.as_ref());
        let set = set.with(wish.expected_email.as_ref()).with(helpdesk.as_ref());
        self.change(Change::default().one(set).tells(entry)).await
    }

    /// Makes an account active with a new key, if its version and state are still the expected ones: destroys the old
    /// key, uses the link (which must be live or waiting, and not expired) and cancels the others, destroys what those
    /// hold.
    pub(crate) async fn connect(
        &self,
        connect: &Connect,
        event: &EventRow,
        entries: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        let (user, id) = (&connect.user, new_id()?);
        let activate = of(ACTIVATE, user).with(connect.expected_version).with(connect.expected_state.as_str());
        let activate = activate.with(&connect.helpdesk).with(&write_person(&connect.person));
        let activate = activate.with(&write_texts(&connect.roles)).with(connect.at);
        let mut change = Change::default().one(activate);
        if let Some(link) = &connect.link {
            change = change.one(links::use_up(link, user, connect.at));
        }
        let set = of(SET_KEY, user).with(id).with(&connect.key.secret);
        let change = change.any(of(DESTROY_KEY, user).with(zeros())).one(add(id, &connect.key)).one(set);
        let change = change.and(links::cancel_all(user)).one(events::add(event));
        self.change(entries.into_iter().fold(change, Change::tells)).await
    }

    /// Makes an active account of this version revoked, and destroys its key.
    pub(crate) async fn revoke(
        &self,
        user: &User,
        version: i64,
        event: &EventRow,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let revoke = of(REVOKE, user).with(version).with(event.at);
        let change = Change::default().one(revoke).and(without_key(user));
        self.change(change.one(events::add(event)).tells(entry)).await
    }

    /// Makes an account disconnected, if its state is still what the event says that it was, and not that; destroys its
    /// key and what its calls answered, and cancels its links.
    pub(crate) async fn disconnect(&self, user: &User, event: &EventRow, entry: Entry) -> Result<bool, StoreError> {
        let disconnect = of(DISCONNECT, user).with(event.at).with(event.old.map_or("", State::as_str));
        let change = Change::default().one(disconnect).and(without_key(user));
        let change = change.and(links::cancel_all(user)).and(once::destroy_all(user, event.at));
        self.change(change.one(events::add(event)).tells(entry)).await
    }
}

/// A statement whose first two values name a user.
pub(super) fn of(text: &'static str, user: &User) -> Sql {
    sql(text).with(user.tenant()).with(user.identifier())
}

/// The statements after which an account has no key, and its data key is destroyed.
pub(super) fn without_key(user: &User) -> Change {
    Change::default().any(of(DESTROY_KEY, user).with(zeros())).one(of(REMOVE_KEY, user))
}

fn account(row: &mut Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        user: user(row)?,
        id: row.text()?,
        state: state(&row.text()?)?,
        name: row.text_or_none()?,
        description: row.text_or_none()?,
        expected_email: row.text_or_none()?,
        expected_helpdesk: row.text_or_none()?,
        helpdesk: row.text_or_none()?,
        person: row.text_or_none()?.map(|person| read_person(&person)).transpose()?,
        roles: read_texts(&row.text()?)?,
        version: row.number()?,
        key: None,
        created_at: row.number()?,
        changed_at: row.number()?,
    })
}

pub(super) fn user(row: &mut Row) -> Result<User, StoreError> {
    User::new(&row.text()?, &row.text()?).map_err(|_| StoreError::Unreadable("a user"))
}

pub(super) fn state(word: &str) -> Result<State, StoreError> {
    State::parse(word).ok_or(StoreError::Unreadable("a state"))
}
