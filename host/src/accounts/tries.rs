//! The five tries of a link. They are counted before what is tried begins, so that no two at the same time are one.

use serde_json::{Value, json};

use super::events::entry;
use super::{Accounts, AccountsError, LinkError, links};
use crate::store::records::{LinkRow, LinkState, Proof};

/// Tries of a link, keys and codes together.
pub(super) const ALL: i64 = 5;

/// The most tries for keys: of a link with a code, one is left for the code.
pub(super) fn for_keys(link: &LinkRow) -> i64 {
    if matches!(link.proof, Proof::Code(_)) { ALL - 1 } else { ALL }
}

/// Whether nothing can come of a link any more, though nobody said so yet.
pub(super) fn spent(link: &LinkRow) -> bool {
    link.candidate.is_none() && link.tries >= for_keys(link)
}

impl Accounts {
    /// Counts a try of a live link, before it is made. Fails when there is none left of `most`.
    pub(super) async fn count_try(&self, link: &LinkRow, most: i64, detail: Value) -> Result<(), LinkError> {
        let tried = entry("link.tried", &link.user, self.now(), detail);
        if self.store.try_link(&link.hash, most, tried).await? {
            return Ok(());
        }
        match self.store.link(&link.hash).await? {
            Some(link) if link.state == LinkState::Dead => Err(LinkError::Dead),
            Some(link) if link.state == LinkState::Live && link.tries >= most => {
                if spent(&link) || link.tries >= ALL {
                    self.kill(&link).await?;
                }
                Err(LinkError::Dead)
            }
            _ => Err(LinkError::Gone),
        }
    }

    /// How many tries of `most` are left after one that failed. The link dies when nothing can come of it any more.
    pub(super) async fn failed(&self, link: &LinkRow, most: i64) -> Result<i64, LinkError> {
        let Some(link) = self.store.link(&link.hash).await?.filter(|link| link.state == LinkState::Live) else {
            return Ok(0);
        };
        if spent(&link) || link.tries >= ALL {
            self.kill(&link).await?;
        }
        Ok((most - link.tries).max(0))
    }

    /// Makes a link dead whose tries are used up.
    async fn kill(&self, link: &LinkRow) -> Result<(), AccountsError> {
        let dead = entry("link.dead", &link.user, self.now(), json!({"link": links::name(&link.hash)}));
        self.store.kill_link(&link.hash, dead).await?;
        Ok(())
    }
}
