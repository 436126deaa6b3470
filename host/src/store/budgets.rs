//! What hosts have spent of helpdesks' budgets. What is in it is known to the budgets alone.

use super::engine::sql;
use super::{Store, StoreError};
use crate::egress::{Fold, Log, Page, Reading, Shelf};

/// Appends, and reads from a position on, in one statement: who appends at the same time comes before or after. A fold
/// takes place where the log begins as it began for the one who folded it.
const APPEND: &str = "INSERT INTO budgets (helpdesk, written_at, base, book, log) VALUES ($1, $2, $2, '', $3)
    ON CONFLICT (helpdesk) DO UPDATE SET
        written_at = $2,
        base = CASE WHEN budgets.base = $5 THEN $6 ELSE budgets.base END,
        book = CASE WHEN budgets.base = $5 THEN $7 ELSE budgets.book END,
        log = CASE WHEN budgets.base = $5 THEN substr(budgets.log, CAST($6 - budgets.base + 1 AS INTEGER))
            ELSE budgets.log END || $3
    RETURNING base, CASE WHEN $4 < base THEN book ELSE '' END,
        CASE WHEN $4 < base THEN log WHEN $4 - base > length(log) THEN ''
            ELSE substr(log, CAST($4 - base + 1 AS INTEGER)) END";

const FORGET: &str =
    "DELETE FROM budgets WHERE helpdesk IN (SELECT helpdesk FROM budgets WHERE written_at < $1 LIMIT $2)";

/// How long a log is kept that nobody writes to, in microseconds: longer than any window.
const KEPT: i64 = 24 * 3_600_000_000;

/// Logs that are forgotten at a time.
const FORGOTTEN: i64 = 1000;

/// No log begins here.
const NOWHERE: i64 = -1;

impl Shelf for Store {
    fn append<'a>(&'a self, helpdesk: &'a str, page: Page) -> Reading<'a> {
        Box::pin(async move { self.append_to_budget(helpdesk, page).await.map_err(|why| why.to_string()) })
    }

    fn now_us(&self) -> i64 {
        Self::now_us(self)
    }
}

impl Store {
    /// Whether hosts on several machines may have the store, and share budgets by it.
    pub(crate) fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }

    /// Forgets logs that nobody has written to for a day.
    pub(crate) async fn sweep_budgets(&self) -> Result<(), StoreError> {
        self.forget(sql(FORGET).with(self.now_us().saturating_sub(KEPT)).with(FORGOTTEN), FORGOTTEN).await
    }

    async fn append_to_budget(&self, helpdesk: &str, page: Page) -> Result<Log, StoreError> {
        let Fold { base, to, book } = page.fold.unwrap_or(Fold { base: NOWHERE, to: NOWHERE, book: String::new() });
        let append = sql(APPEND).with(helpdesk).with(page.now).with(&page.entries).with(page.from);
        let append = append.with(base).with(to).with(&book);
        let mut row = self.engine.exchange(append).await?.ok_or(StoreError::Unreadable("a budget"))?;
        Ok(Log { base: row.number()?, book: row.text()?, entries: row.text()? })
    }
}
