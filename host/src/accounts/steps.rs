//! The steps of a write. At each of them a test may have its host end.

#[cfg(not(test))]
use tokio::task::AbortHandle;

#[cfg(not(test))]
use super::making::Once;

/// How far a write has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is noted that it is made, and nothing has left.
    Noted,
    /// Its call is over, and nothing is noted of what it came to.
    Over,
    /// What its lost answer was of was looked for, and nothing is noted of what was found.
    Read,
    /// It is noted what was found, and nobody is told.
    Claimed,
}

#[cfg(not(test))]
impl Once {
    /// Goes on, but where a test has the host end.
    pub(super) async fn reached(&self, _: Step) {}

    /// Its task runs, which a test may end.
    pub(super) fn runs(&self, _: AbortHandle) {}
}

#[cfg(not(test))]
impl super::Accounts {
    /// Whether what lost answers were of is looked for: always, but where a test compares.
    pub(super) fn looks(&self) -> bool {
        true
    }
}

#[cfg(test)]
pub(super) use watched::Watch;

#[cfg(test)]
mod watched {
    use std::sync::Arc;

    use tokio::task::AbortHandle;

    use super::Step;
    use crate::accounts::making::Once;
    use crate::accounts::{Accounts, locked};

    /// Who watches the writes of a host in a test.
    pub(in crate::accounts) trait Watch: Send + Sync {
        /// A write runs, known by its hash; whoever ends its task ends it as the end of its host does.
        fn runs(&self, _hash: &[u8], _task: AbortHandle) {}

        /// Whether the host ends at this step.
        fn ends_at(&self, _hash: &[u8], _step: Step) -> bool {
            false
        }

        /// Whether what lost answers were of is looked for.
        fn looks(&self) -> bool {
            true
        }
    }

    impl Accounts {
        /// Has somebody watch.
        pub(in crate::accounts) fn watched_by(&self, watch: Arc<dyn Watch>) {
            *locked(&self.watch) = Some(watch);
        }

        pub(in crate::accounts) fn looks(&self) -> bool {
            locked(&self.watch).as_ref().is_none_or(|watch| watch.looks())
        }
    }

    impl Once {
        /// Goes on, but where a test has the host end.
        pub(in crate::accounts) async fn reached(&self, step: Step) {
            let watch = locked(&self.accounts.watch).clone();
            if watch.is_some_and(|watch| watch.ends_at(&self.hash, step)) {
                std::future::pending().await
            }
        }

        pub(in crate::accounts) fn runs(&self, task: AbortHandle) {
            let watch = locked(&self.accounts.watch).clone();
            if let Some(watch) = watch {
                watch.runs(&self.hash, task);
            }
        }
    }
}
