//! Looking at a link. No look consumes it: mail scanners open what they find.

use std::num::NonZeroUsize;

use serde_json::json;
use tracing::warn;

use super::events::entry;
use super::{Accounts, LinkError, links, locked, random, tries};
use crate::store::records::{AccountRow, Candidate, LinkRow, LinkState, TenantRow};

/// Used links of which it is remembered when they were opened again.
pub(super) const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1000).expect("a thousand is not zero");

/// Time between two entries about the same link, in milliseconds.
const BETWEEN_ENTRIES: i64 = 60_000;

/// What the page shows of a link.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The link: live, or waiting for its tenant.
    pub(crate) link: LinkRow,
    /// Whose user it is for.
    pub(crate) tenant: TenantRow,
    /// The account that it connects, without its key.
    pub(crate) account: AccountRow,
    /// Where the link's user reaches the page: origin without a slash at the end.
    pub(crate) origin: String,
}

impl Visit {
    /// Names whom the page shows, to come back with the user's confirmation of just that.
    pub(crate) fn seen(&self) -> Option<String> {
        self.link.candidate.as_ref().map(name_of)
    }
}

/// Names a candidate: another key has another name, also when it is of the same person.
pub(super) fn name_of(candidate: &Candidate) -> String {
    random::hex(&random::digest(&candidate.key.secret))
}

impl Accounts {
    /// What a link's page shows: of one that is live, or that waits for its tenant. Consumes nothing. Notes the first
    /// opening; a used link that is opened again is a loud entry, once a minute.
    pub(crate) async fn visit(&self, token: &str) -> Result<Visit, LinkError> {
        let link = self.usable(token).await?;
        if link.opened_at.is_none() && link.state == LinkState::Live {
            let at = self.now();
            let opened = entry("link.opened", &link.user, at, json!({"link": links::name(&link.hash)}));
            self.store.open_link(&link.hash, at, opened).await?;
        }
        let tenant = self.tenant_row(link.user.tenant()).await?;
        let account = AccountRow { key: None, ..self.row(&link.user).await? };
        let origin = self.origin(&tenant);
        Ok(Visit { link, tenant, account, origin })
    }

    /// The link of this token, if it is live or waits.
    pub(super) async fn usable(&self, token: &str) -> Result<LinkRow, LinkError> {
        let link = self.find(token).await?.ok_or(LinkError::Gone)?;
        match link.state {
            LinkState::Live | LinkState::Waiting if link.expires_at <= self.now() => Err(LinkError::Gone),
            LinkState::Waiting => Ok(link),
            // Whoever killed it may have died in between.
            LinkState::Live if tries::spent(&link) => Err(LinkError::Dead),
            LinkState::Live => Ok(link),
            LinkState::Dead => Err(LinkError::Dead),
            LinkState::Cancelled => Err(LinkError::Gone),
            LinkState::Used => {
                self.note_reuse(&link).await?;
                Err(LinkError::Gone)
            }
        }
    }

    /// The link of this token that is live.
    pub(super) async fn live(&self, token: &str) -> Result<LinkRow, LinkError> {
        let link = self.usable(token).await?;
        if link.state == LinkState::Live { Ok(link) } else { Err(LinkError::Gone) }
    }

    /// The link of this token, whatever became of it.
    pub(super) async fn find(&self, token: &str) -> Result<Option<LinkRow>, LinkError> {
        if !random::is_token(token) {
            return Ok(None);
        }
        Ok(self.store.link(&random::hash(token)).await?)
    }

    /// Notes that a link was opened that had done its work: somebody else may have it.
    async fn note_reuse(&self, link: &LinkRow) -> Result<(), LinkError> {
        let at = self.now();
        let noted = locked(&self.reused).put(link.hash.clone(), at);
        if let Some(noted) = noted.filter(|noted| at - noted < BETWEEN_ENTRIES) {
            locked(&self.reused).put(link.hash.clone(), noted);
            return Ok(());
        }
        let name = links::name(&link.hash);
        warn!(tenant = link.user.tenant(), link = name, "a used link was opened again");
        Ok(self.store.write(entry("link.reused", &link.user, at, json!({"link": name}))).await?)
    }
}
