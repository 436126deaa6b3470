//! Tokens that the host made.

use super::*;

#[tokio::test]
async fn a_token_of_the_host_says_who_calls_and_what_they_may() {
    let world = World::new().await;
    let callers = Callers::new(Arc::clone(&world.accounts));
    let (id, token) = world.token().await;
    let caller = who(&callers, &token).await.unwrap();
    assert_eq!((caller.tenant.as_str(), caller.identifier.as_deref(), &caller.token), ("app", Some("alice"), &id));
    assert!(caller.may_call("freshdesk_ticket_get") && !caller.may_call("freshdesk_agent_delete"));
    assert_eq!(callers.who(&HeaderMap::new(), from(1)).await, Err(Unknown::Missing));
    let mut two = HeaderMap::new();
    for _ in 0..2 {
        two.append(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    }
    assert_eq!(callers.who(&two, from(1)).await, Err(Unknown::Wrong));
    world.accounts.revoke_token("app", &id).await.unwrap();
    assert_eq!(who(&callers, &token).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn a_token_that_has_ended_is_wrong() {
    let world = World::new().await;
    let callers = Callers::new(Arc::clone(&world.accounts));
    let expires_at = Some(crate::accounts::now() + 2_000);
    let wish = TokenWish { tenant: "app".to_owned(), name: "short".to_owned(), expires_at, ..TokenWish::default() };
    let (_, token) = world.accounts.create_token(&wish).await.unwrap();
    assert_eq!(who(&callers, &token).await.unwrap().identifier, None);
    tokio::time::sleep(Duration::from_millis(2_050)).await;
    assert_eq!(who(&callers, &token).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn who_shows_wrong_tokens_is_told_to_wait_and_a_right_one_is_not() {
    let world = World::new().await;
    let callers = Callers::new(Arc::clone(&world.accounts));
    let (_, token) = world.token().await;
    let wrong = format!("fdp_{}", "A".repeat(43));
    for _ in 0..WRONG / 2 {
        assert_eq!(who(&callers, &wrong).await, Err(Unknown::Wrong));
    }
    let Err(Unknown::Busy(time)) = who(&callers, &wrong).await else { panic!("nobody is busy") };
    assert!(time > Duration::ZERO && time <= Duration::from_secs(3), "{time:?}");
    assert!(who(&callers, &token).await.is_ok());
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {wrong}")).unwrap());
    assert_eq!(callers.who(&headers, from(2)).await, Err(Unknown::Wrong), "others are not counted with them");
    assert_eq!(callers.who(&HeaderMap::new(), from(1)).await, Err(Unknown::Missing));
}

#[tokio::test]
async fn while_the_store_does_not_answer_nobody_is_wrong() {
    let world = World::new().await;
    let callers = Callers::new(Arc::clone(&world.accounts));
    let (_, token) = world.token().await;
    // Without this table no token is found.
    let path = world.folder.path().join("accounts.db");
    rusqlite::Connection::open(path).unwrap().execute_batch("ALTER TABLE tokens RENAME TO gone").unwrap();
    assert_eq!(who(&callers, &token).await, Err(Unknown::Broken));
}
