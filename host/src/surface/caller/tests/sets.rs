//! An issuer's keys: when they are read, and what becomes of callers while they are not.

use std::time::Instant;

use super::issuer::Answer;
use super::*;

/// Times by which a test lasts a second.
const QUICK: Times =
    Times { fresh: Duration::from_millis(400), again: Duration::from_millis(100), kept: Duration::from_secs(3) };

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test]
async fn keys_are_read_once_for_many() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let issuing = Issuing::start(Answer::set(&set(&[&signer])).late(Duration::from_millis(100))).await;
    let callers = Arc::new(world.trusting(issuing.keys()).await);
    assert_eq!(issuing.asked(), 0);
    let token = signer.token("EdDSA", &claims());
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (callers, token) = (Arc::clone(&callers), token.clone());
            tokio::spawn(async move { who(&callers, &token).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(alice()));
    }
    assert_eq!(issuing.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_one_that_is_taken_back_is_good_no_more() {
    let (world, old, new) = (World::new().await, Signer::ed("old"), Signer::p256("new"));
    let issuing = Issuing::start(Answer::set(&set(&[&old]))).await;
    let callers = world.in_times(issuing.keys(), QUICK).await;
    assert_eq!(who(&callers, &old.token("EdDSA", &claims())).await, Ok(alice()));
    sleep(150).await;
    issuing.answers(Answer::set(&set(&[&new])));
    assert_eq!(who(&callers, &new.token("ES256", &claims())).await, Ok(alice()));
    assert_eq!(issuing.asked(), 2);
    assert_eq!(who(&callers, &old.token("EdDSA", &claims())).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn unknown_keys_have_the_issuer_asked_now_and_then() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let issuing = Issuing::start(Answer::set(&set(&[&signer]))).await;
    let callers = world.trusting(issuing.keys()).await;
    for number in 0..8 {
        let stranger = Signer::ed(&format!("stranger-{number}"));
        assert_eq!(who(&callers, &stranger.token("EdDSA", &claims())).await, Err(Unknown::Wrong));
    }
    assert_eq!(issuing.asked(), 1, "within half a minute it is asked once");
    let callers = world.in_times(issuing.keys(), QUICK).await;
    for _ in 0..2 {
        assert_eq!(who(&callers, &Signer::ed("b").token("EdDSA", &claims())).await, Err(Unknown::Wrong));
        sleep(150).await;
    }
    assert_eq!(issuing.asked(), 3);
}

#[tokio::test]
async fn a_slow_issuer_keeps_nobody_waiting_whose_key_is_known() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let issuing = Issuing::start(Answer::set(&set(&[&signer]))).await;
    let callers = Arc::new(world.in_times(issuing.keys(), QUICK).await);
    let (good, (_, own)) = (signer.token("EdDSA", &claims()), world.token().await);
    assert_eq!(who(&callers, &good).await, Ok(alice()));
    issuing.answers(Answer::set(&set(&[&signer])).late(Duration::from_millis(1500)));
    sleep(150).await;
    let waiting = tokio::spawn({
        let callers = Arc::clone(&callers);
        async move { who(&callers, &Signer::ed("stranger").token("EdDSA", &claims())).await }
    });
    sleep(300).await;
    // By now the keys are not fresh either.
    let begun = Instant::now();
    for _ in 0..20 {
        assert_eq!(who(&callers, &good).await, Ok(alice()));
        assert!(who(&callers, &own).await.is_ok());
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(waiting.await.unwrap(), Err(Unknown::Wrong));
    assert_eq!(issuing.asked(), 2);
}

#[tokio::test]
async fn keys_are_kept_while_the_issuer_is_gone_but_not_for_ever() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let issuing = Issuing::start(Answer::set(&set(&[&signer]))).await;
    let callers = world.in_times(issuing.keys(), QUICK).await;
    let good = signer.token("EdDSA", &claims());
    assert_eq!(who(&callers, &good).await, Ok(alice()));
    issuing.answers(Answer::set("").with_head("503 Service Unavailable"));
    for _ in 0..4 {
        sleep(450).await;
        assert_eq!(who(&callers, &good).await, Ok(alice()));
    }
    assert!(issuing.asked() > 1);
    assert_eq!(who(&callers, &Signer::ed("b").token("EdDSA", &claims())).await, Err(Unknown::Broken), "nobody knows");
    sleep(1500).await;
    assert_eq!(who(&callers, &good).await, Err(Unknown::Broken));
    issuing.answers(Answer::set(&set(&[&signer])));
    sleep(150).await;
    assert_eq!(who(&callers, &good).await, Ok(alice()));
}

#[tokio::test]
async fn what_is_no_set_of_keys_is_not_taken_for_one() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let elsewhere = Issuing::start(Answer::set(&set(&[&signer]))).await;
    let good = signer.token("EdDSA", &claims());
    let mut large = set(&[&signer]);
    large.push_str(&" ".repeat(300 << 10));
    for (what, answer) in [
        ("a redirect", Answer::set("").with_head(&format!("302 Found\r\nlocation: {}", elsewhere.url))),
        ("a page", Answer::set("<!doctype html><title>Log in</title>").with_head("200 OK\r\ncontent-type: text/html")),
        ("too much", Answer::set(&large)),
        ("a list", Answer::set("[]")),
        ("no keys", Answer::set("{}")),
        ("keys that are none", Answer::set(r#"{"keys": {"a": 1}}"#)),
        ("a cut set", Answer::set(&set(&[&signer])[..40])),
        ("an error with keys", Answer::set(&set(&[&signer])).with_head("404 Not Found")),
        ("no HTTP", Answer::set(&set(&[&signer])).with_head("\0\0")),
        ("many headers", Answer::set(&set(&[&signer])).with_head(&format!("200 OK{}", "\r\nx: y".repeat(200)))),
    ] {
        let issuing = Issuing::start(answer).await;
        let callers = world.trusting(issuing.keys()).await;
        assert_eq!(who(&callers, &good).await, Err(Unknown::Broken), "{what}");
        assert_eq!(issuing.asked(), 1, "{what}");
    }
    assert_eq!(elsewhere.asked(), 0);
    // An empty set is one: nobody's token is good.
    let issuing = Issuing::start(Answer::set(r#"{"keys": []}"#)).await;
    assert_eq!(who(&world.trusting(issuing.keys()).await, &good).await, Err(Unknown::Wrong));
    // Keys that nobody understands are left out.
    let more = json!({"keys": [{"kty": "EC", "crv": "X448"}, 7, {"kty": "new"}, {"kty": "RSA", "n": 1}, signer.jwk()]});
    let issuing = Issuing::start(Answer::set(&more.to_string())).await;
    assert_eq!(who(&world.trusting(issuing.keys()).await, &good).await, Ok(alice()));
}

#[tokio::test]
async fn an_issuer_that_never_answers_is_waited_for_five_seconds() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let issuing = Issuing::start(Answer::set(&set(&[&signer])).late(Duration::from_secs(60))).await;
    let callers = world.trusting(issuing.keys()).await;
    let begun = Instant::now();
    assert_eq!(who(&callers, &signer.token("EdDSA", &claims())).await, Err(Unknown::Broken));
    assert!((5..7).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert_eq!(who(&callers, &signer.token("EdDSA", &claims())).await, Err(Unknown::Broken));
    assert!(begun.elapsed() < Duration::from_secs(1), "it is not asked again at once");
}

#[tokio::test]
async fn no_inner_address_is_asked_for_keys() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let token = signer.token("EdDSA", &claims());
    for url in ["https://169.254.169.254/keys", "https://10.0.0.1/keys", "https://[fd00:ec2::254]/keys"] {
        let callers = world.trusting(KeySource::Url(url.to_owned())).await;
        let begun = Instant::now();
        assert_eq!(who(&callers, &token).await, Err(Unknown::Broken), "{url}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{url} was tried");
    }
}

#[tokio::test]
async fn keys_in_a_file_are_read_again() {
    let (world, old, new) = (World::new().await, Signer::ed("old"), Signer::ed("new"));
    let callers = world.in_times(world.file(&set(&[&old])), QUICK).await;
    assert_eq!(who(&callers, &old.token("EdDSA", &claims())).await, Ok(alice()));
    world.file(&set(&[&new]));
    sleep(150).await;
    assert_eq!(who(&callers, &new.token("EdDSA", &claims())).await, Ok(alice()));
    assert_eq!(who(&callers, &old.token("EdDSA", &claims())).await, Err(Unknown::Wrong));
}
