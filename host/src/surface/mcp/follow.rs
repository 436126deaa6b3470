//! Follows a call: tells who wants to know how long it waits for its turn, and calls it off when nobody waits for it.

use std::pin::pin;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::stage::{Stage, Stages};

/// Time between two notes: fewer tell too little, and more are a burden.
const BETWEEN: Duration = Duration::from_secs(1);

/// Time for a note to be taken. A client that reads nothing does not hold up its call.
const TAKEN: Duration = Duration::from_secs(5);

/// Waits for a call, dropping it when its client no longer wants it: then none.
pub(super) async fn follow<T>(
    run: impl Future<Output = T>,
    stages: &Stages,
    context: &RequestContext<RoleServer>,
) -> Option<T> {
    let token = context.meta.get_progress_token();
    let mut stage = stages.watch();
    let mut run = pin!(run);
    let began = Instant::now();
    loop {
        let waits = async {
            match &token {
                Some(token) => waits(&mut stage).await.then_some(token),
                None => std::future::pending().await,
            }
        };
        let token = tokio::select! {
            biased;
            () = context.ct.cancelled() => return None,
            result = &mut run => return Some(result),
            Some(token) = waits => token,
        };
        let told = timeout(TAKEN, context.peer.notify_progress(note(token, began.elapsed())));
        tokio::select! {
            biased;
            () = context.ct.cancelled() => return None,
            _ = told => {}
        }
    }
}

/// Ends when the call has been waiting for its turn for a while. False when it ends.
async fn waits(stage: &mut watch::Receiver<Stage>) -> bool {
    loop {
        if stage.wait_for(|stage| *stage == Stage::Waiting).await.is_err() {
            return false;
        }
        match timeout(BETWEEN, stage.wait_for(|stage| *stage != Stage::Waiting)).await {
            Err(_) => return true,
            Ok(Err(_)) => return false,
            Ok(Ok(_)) => {}
        }
    }
}

fn note(token: &ProgressToken, waited: Duration) -> ProgressNotificationParam {
    let message = format!(
        "waiting for a turn for {} s: the helpdesk has no call left in this window of Freshdesk's",
        waited.as_secs()
    );
    ProgressNotificationParam::new(token.clone(), waited.as_secs_f64()).with_message(message)
}
