//! How many accounts and links a host makes in a second, as a product would have them made: many at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use freshdesk_host::{Accounts, LinkWish, User, Wish};
use tokio::task::JoinSet;

use crate::calls::run;
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;
use crate::stores::{Store, user};

/// Who asks at a time.
const CALLERS: u64 = 64;

/// Accounts that are made, and links: one for each.
const ACCOUNTS: u64 = 20_000;

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let (made, found, linked) = rates(simulator, Store::sqlite()?)?;
    let bar = Bar::AtLeast(1000.0);
    figures.hold("get_or_create of a new account, SQLite, 64 callers", made, "/s", bar);
    figures.hold("get_or_create of one that there is", found, "/s", bar);
    figures.hold("links made, SQLite, 64 callers", linked, "/s", bar);
    let Some(store) = Store::postgres()? else { return Ok(()) };
    let (made, _, linked) = rates(simulator, store)?;
    figures.tell("get_or_create of a new account, PostgreSQL, 64 callers", made, "/s");
    figures.tell("links made, PostgreSQL, 64 callers", linked, "/s");
    Ok(())
}

/// Accounts that were made, those that were found again, and links, a second.
fn rates(simulator: &Arc<Simulator>, store: Store) -> Result<(f64, f64, f64)> {
    let introduction = simulator.introduction().clone();
    run(async move {
        let accounts = store.open(&introduction).await?;
        let made = at_once(&accounts, create).await?;
        let found = at_once(&accounts, create).await?;
        let linked = at_once(&accounts, link).await?;
        accounts.close().await;
        Ok((made, found, linked))
    })
}

async fn create(accounts: Arc<Accounts>, user: User) -> Result<()> {
    let wish = Wish { expected_email: Some("jane@acme.example".to_owned()), ..Wish::default() };
    accounts.get_or_create(&user, &wish).await?;
    Ok(())
}

async fn link(accounts: Arc<Accounts>, user: User) -> Result<()> {
    accounts.link(&user, &LinkWish::default()).await?;
    Ok(())
}

/// Does something for every user, by many callers. Tells how often a second.
async fn at_once<F>(accounts: &Arc<Accounts>, act: fn(Arc<Accounts>, User) -> F) -> Result<f64>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (accounts, next) = (Arc::clone(accounts), Arc::clone(&next));
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= ACCOUNTS {
                    return Ok(());
                }
                act(Arc::clone(&accounts), user(number)?).await?;
            }
        });
    }
    callers.join_all().await.into_iter().collect::<Result<()>>()?;
    Ok(ACCOUNTS as f64 / begun.elapsed().as_secs_f64())
}
