//! Accounts: list, show, connect, confirm, import, disconnect.

use std::io::Read;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::call::WHERE_KEYS_ARE;
use super::keeping::{Keeping, Whose};
use super::reach::Reach;
use super::{moment, print};
use crate::{AccountsError, ApiKey, Label, LinkWish, Record, User, Wish};

/// Accounts: each is one user's connection to Freshdesk.
#[derive(Debug, Subcommand)]
pub(super) enum Accounts {
    /// List accounts
    List(List),
    /// Show one account
    Show(Show),
    /// Make an account if there is none, and a link by which its user connects
    ///
    /// Who has a link is not yet who it is for: it takes one of --email, --code and --return-url to show that. With none of
    /// them it is the e-mail that the account expects already.
    Connect(Box<Connect>),
    /// Confirm, from its user's own session, that an account is to be connected: its user came back with a confirmation
    Confirm(Confirm),
    /// Connect an account by a key that you have: reads the key from standard input
    Import(Import),
    /// Disconnect an account: its key is destroyed
    Disconnect(Show),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only this tenant's
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Connect {
    #[command(flatten)]
    whose: Whose,
    /// The e-mail by which Freshdesk has to know who connects; the account expects it from then on
    #[arg(long, conflicts_with_all = ["code", "return_url"])]
    email: Option<String>,
    /// Have the user type a code that you show
    #[arg(long, conflicts_with = "return_url")]
    code: bool,
    /// Send the user back to this address, where you confirm
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// A text that comes back with it as `state`, by which you know the session again
    #[arg(long, value_name = "TEXT", requires = "return_url")]
    return_state: Option<String>,
    /// The helpdesk that has to be connected: acme, or acme.freshdesk.com; the account expects it from then on
    #[arg(long)]
    domain: Option<String>,
    /// Another helpdesk or person than before may be connected
    #[arg(long)]
    allow_other: bool,
    /// What you call the account
    #[arg(long)]
    name: Option<String>,
    /// What there is to say about it
    #[arg(long)]
    description: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Confirm {
    #[command(flatten)]
    whose: Whose,
    /// What came back to your return URL as `confirmation`
    confirmation: String,
    /// Show whom it would connect, and connect nothing
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Import {
    #[command(flatten)]
    whose: Whose,
    /// The helpdesk: acme, or acme.freshdesk.com
    #[arg(long)]
    domain: String,
    #[command(flatten)]
    common: Common,
}

/// What all commands about accounts take.
#[derive(Args, Debug)]
pub(super) struct Common {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Common {
    /// Opens the accounts, does something with them, and has all of it written.
    pub(super) async fn with<T>(&self, act: impl AsyncFnOnce(&crate::Accounts) -> Result<T>) -> Result<T> {
        self.keeping.exists()?;
        self.with_new(act).await
    }

    /// The same for a command that may be the first.
    pub(super) async fn with_new<T>(&self, act: impl AsyncFnOnce(&crate::Accounts) -> Result<T>) -> Result<T> {
        let accounts = self.keeping.open(&self.reach, 1).await?;
        let done = act(&accounts).await;
        accounts.close().await;
        done
    }
}

impl Accounts {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::List(list) => list.run().await,
            Self::Show(Show { whose, common }) => {
                let user = whose.user()?;
                let account = common.with(async |accounts| Ok(accounts.get(&user).await?)).await?;
                tell(&account, common.json)
            }
            Self::Connect(connect) => connect.run().await,
            Self::Confirm(Confirm { whose, confirmation, show, common }) => {
                let user = whose.user()?;
                if show {
                    let waiting = async |accounts: &crate::Accounts| Ok(accounts.waiting(&user, &confirmation).await?);
                    let (helpdesk, person) = common.with(waiting).await?;
                    let person = json!({"id": person.id, "name": person.name, "email": person.email});
                    return print(&json!({"helpdesk": helpdesk, "person": person}));
                }
                let confirm = async |accounts: &crate::Accounts| Ok(accounts.confirm(&user, &confirmation).await?);
                tell(&common.with(confirm).await?, common.json)
            }
            Self::Import(import) => import.run().await,
            Self::Disconnect(Show { whose, common }) => {
                let user = whose.user()?;
                let account = common.with(async |accounts| Ok(accounts.disconnect(&user).await?)).await?;
                tell(&account, common.json)
            }
        }
    }
}

/// Accounts that are read at a time.
const PAGE: u32 = 500;

impl List {
    async fn run(self) -> Result<()> {
        let tenant = self.tenant.as_deref();
        let all = async |accounts: &crate::Accounts| {
            if let Some(tenant) = tenant {
                accounts.tenant(tenant).await?;
            }
            let mut all = Vec::new();
            loop {
                let after: Option<User> = all.last().map(|last: &Record| last.user.clone());
                let page = accounts.list(tenant, None, after.as_ref(), PAGE).await?;
                if page.is_empty() {
                    return Ok(all);
                }
                all.extend(page);
            }
        };
        let all = self.common.with(all).await?;
        if self.common.json {
            return print(&Value::Array(all.iter().map(Record::to_json).collect()));
        }
        for account in &all {
            anstream::println!("{}", line(account));
        }
        anstream::println!("{}", counted(all.len(), "account", "accounts"));
        Ok(())
    }
}

impl Connect {
    async fn run(self) -> Result<()> {
        let user = self.whose.user()?;
        let expected_helpdesk = self.domain.as_deref().map(Label::parse).transpose().context("the domain")?;
        let wish = Wish {
            name: self.name,
            description: self.description,
            expected_email: self.email.clone(),
            expected_helpdesk,
        };
        let link = LinkWish {
            email: self.email,
            code: self.code,
            return_url: self.return_url,
            return_state: self.return_state,
            allow_other: self.allow_other,
        };
        let made = async |accounts: &crate::Accounts| Ok(accounts.invite(&user, &wish, &link).await?);
        let (account, link) = self.common.with(made).await?;
        let expires = moment(link.expires_at);
        if self.common.json {
            let link = json!({"url": link.url, "expires_at": expires, "code": link.code});
            return print(&json!({"account": account.to_json(), "link": link}));
        }
        anstream::println!("Send the user here. It works once, until {expires}:\n  {}", link.url);
        if let Some(code) = link.code {
            anstream::println!("Show the user this code, and only that user:\n  {code}");
        }
        Ok(())
    }
}

impl Import {
    async fn run(self) -> Result<()> {
        let user = self.whose.user()?;
        let helpdesk = Label::parse(&self.domain).context("the domain")?;
        let mut text = secrecy::zeroize::Zeroizing::new(String::new());
        std::io::stdin().read_to_string(&mut text).context("cannot read the key from standard input")?;
        if text.trim().is_empty() {
            bail!("give the key on standard input: {WHERE_KEYS_ARE}");
        }
        let key = ApiKey::new(&text)?;
        let imported = self.common.with(async |accounts| Ok(accounts.import(&user, helpdesk, key).await)).await?;
        let account = imported.map_err(|why| match why {
            AccountsError::Call(why) => anyhow!("Freshdesk did not say whose key it is: {why} ({})", why.log()),
            why => why.into(),
        })?;
        tell(&account, self.common.json)
    }
}

/// Tells one account.
fn tell(account: &Record, as_json: bool) -> Result<()> {
    if as_json {
        return print(&account.to_json());
    }
    anstream::println!("{}", line(account));
    let expected = account.expected_helpdesk.as_ref().map(|label| format!("{label}.freshdesk.com"));
    for (what, text) in [
        ("name", &account.name),
        ("description", &account.description),
        ("expected", &account.expected_email),
        ("expected", &expected),
    ] {
        if let Some(text) = text {
            anstream::println!("  {what:<12} {}", shown(text));
        }
    }
    if !account.roles.is_empty() {
        anstream::println!("  {:<12} {}", "roles", shown(&account.roles.join(", ")));
    }
    Ok(())
}

/// An account in a line: whose, its state and since when, where and as whom.
fn line(account: &Record) -> String {
    let whose = format!("{}/{}", account.user.tenant(), account.user.identifier());
    let state = account.state.as_str();
    let since = moment(account.changed_at);
    let place = account.helpdesk.as_ref().map(|label| format!("{label}.freshdesk.com")).unwrap_or_default();
    let person = account.person.as_ref().map(|person| {
        let name = person.name.clone().unwrap_or_else(|| format!("agent {}", person.id));
        person.email.as_ref().map_or(name.clone(), |email| format!("{name} <{email}>"))
    });
    let line = format!("{whose:<32} {state:<12} since {since}  {place}  {}", person.unwrap_or_default());
    shown(line.trim_end())
}

/// A text of somebody else's on one line, without what commands a terminal.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// So many of something: `1 account`, `2 accounts`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
