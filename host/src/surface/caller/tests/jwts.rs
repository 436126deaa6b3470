//! Tokens of an issuer: which are good, and which are not whatever they say.

use super::signer::{N, encode};
use super::*;

/// Callers who trust an issuer with these keys.
async fn trusting(signers: &[&Signer]) -> (World, Callers) {
    let world = World::new().await;
    let keys = world.file(&set(signers));
    let callers = world.trusting(keys).await;
    (world, callers)
}

#[tokio::test]
async fn every_algorithm_with_a_public_key_is_accepted() {
    let (rsa, p256, p384, ed) = (Signer::rsa("a"), Signer::p256("b"), Signer::p384("c"), Signer::ed("d"));
    let (_world, callers) = trusting(&[&rsa, &p256, &p384, &ed]).await;
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(who(&callers, &rsa.token(algorithm, &claims())).await, Ok(alice()), "{algorithm}");
    }
    for (signer, algorithm) in [(&p256, "ES256"), (&p384, "ES384"), (&ed, "EdDSA")] {
        assert_eq!(who(&callers, &signer.token(algorithm, &claims())).await, Ok(alice()), "{algorithm}");
    }
}

#[tokio::test]
async fn the_hosts_own_tokens_are_good_beside_an_issuers() {
    let (world, callers) = trusting(&[&Signer::ed("a")]).await;
    let (id, token) = world.token().await;
    assert_eq!(who(&callers, &token).await.unwrap().token, id);
    world.accounts.revoke_token("app", &id).await.unwrap();
    assert_eq!(who(&callers, &token).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn claims_have_to_be_there_and_right() {
    let signer = Signer::ed("a");
    let (_world, callers) = trusting(&[&signer]).await;
    let now = crate::accounts::now() / 1000;
    for good in [
        json!({"aud": ["https://other.example.com", RESOURCE]}),
        json!({"exp": now - 20}),
        json!({"nbf": now + 20}),
        json!({"nbf": now - 20, "scope": "anything"}),
    ] {
        assert_eq!(who(&callers, &signer.token("EdDSA", &but(good.clone()))).await, Ok(alice()), "{good}");
    }
    for bad in [
        json!({"exp": now - 60}),
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"exp": -1}),
        json!({"nbf": now + 60}),
        json!({"nbf": "now"}),
        json!({"aud": "https://connect.example.com"}),
        json!({"aud": "https://connect.example.com/mcp/"}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"iss": "https://login.example.com"}),
        json!({"iss": "https://login.example.com.evil.tld/"}),
        json!({"iss": [ISSUER]}),
        json!({"iss": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": " alice"}),
        json!({"sub": "a\nb"}),
        json!({"sub": 7}),
        json!({"sub": "a".repeat(201)}),
    ] {
        // Each from an address of its own, so that none is refused for the others.
        let mut headers = HeaderMap::new();
        let token = signer.token("EdDSA", &but(bad.clone()));
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        let from = from(u8::try_from(bad.to_string().len() % 250).unwrap());
        assert_eq!(callers.who(&headers, from).await, Err(Unknown::Wrong), "{bad}");
    }
}

#[tokio::test]
async fn nobody_signs_with_what_everybody_knows() {
    let rsa = Signer::rsa("a");
    let (_world, callers) = trusting(&[&rsa]).await;
    let message = |header: Value| format!("{}.{}", encode(header.to_string()), encode(claims().to_string()));
    let none = message(json!({"alg": "none", "kid": "a"}));
    assert_eq!(who(&callers, &format!("{none}.")).await, Err(Unknown::Wrong));
    assert_eq!(who(&callers, &format!("{none}.{}", encode("x"))).await, Err(Unknown::Wrong));
    // The public key as a secret, in the forms in which libraries took it.
    let raw = super::signer::decode(N);
    let secrets: [&[u8]; 3] = [N.as_bytes(), &raw, b"AQAB"];
    for secret in secrets {
        let message = message(json!({"alg": "HS256", "kid": "a"}));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let token = format!("{message}.{}", encode(ring::hmac::sign(&key, message.as_bytes())));
        assert_eq!(who(&callers, &token).await, Err(Unknown::Wrong));
    }
}

#[tokio::test]
async fn a_secret_in_the_issuers_set_is_none_of_its_keys() {
    let world = World::new().await;
    let secret = [7; 32];
    let keys =
        world.file(&json!({"keys": [{"kty": "oct", "kid": "a", "alg": "HS256", "k": encode(secret)}]}).to_string());
    let callers = world.trusting(keys).await;
    let header = json!({"alg": "HS256", "kid": "a"});
    let message = format!("{}.{}", encode(header.to_string()), encode(claims().to_string()));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
    let token = format!("{message}.{}", encode(ring::hmac::sign(&key, message.as_bytes())));
    assert_eq!(who(&callers, &token).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn an_algorithm_has_to_fit_its_key() {
    let (rsa, p256, p384) = (Signer::rsa("a"), Signer::p256("b"), Signer::p384("c"));
    let world = World::new().await;
    let mut only = rsa.jwk();
    only["alg"] = "RS256".into();
    let mut encrypts = p384.jwk();
    encrypts["use"] = "enc".into();
    let mut signs = Signer::ed("d").jwk();
    signs["key_ops"] = json!(["sign"]);
    let keys = world.file(&json!({"keys": [only, p256.jwk(), encrypts, signs]}).to_string());
    let callers = world.trusting(keys).await;
    assert_eq!(who(&callers, &rsa.token("RS256", &claims())).await, Ok(alice()));
    assert_eq!(who(&callers, &rsa.token("PS256", &claims())).await, Err(Unknown::Wrong), "it is for RS256 alone");
    assert_eq!(who(&callers, &p384.token("ES384", &claims())).await, Err(Unknown::Wrong), "it is for something else");
    let header = json!({"alg": "ES256", "kid": "a"});
    assert_eq!(who(&callers, &p256.signed(&header, &claims())).await, Err(Unknown::Wrong), "it names another's key");
    let header = json!({"alg": "ES384", "kid": "b"});
    assert_eq!(who(&callers, &p256.signed(&header, &claims())).await, Err(Unknown::Wrong), "it is of another curve");
    assert_eq!(who(&callers, &p256.token("ES256", &claims())).await, Ok(alice()));
}

#[tokio::test]
async fn a_token_brings_no_key_of_its_own() {
    let (signer, stranger) = (Signer::p256("a"), Signer::p256("a"));
    let (_world, callers) = trusting(&[&signer]).await;
    let issuing = Issuing::start(super::issuer::Answer::set(&set(&[&stranger]))).await;
    for header in [
        json!({"alg": "ES256", "kid": "a"}),
        json!({"alg": "ES256", "kid": "a", "jwk": stranger.jwk()}),
        json!({"alg": "ES256", "kid": "a", "jku": issuing.url}),
        json!({"alg": "ES256", "kid": "a", "x5u": issuing.url}),
    ] {
        assert_eq!(who(&callers, &stranger.signed(&header, &claims())).await, Err(Unknown::Wrong), "{header}");
    }
    assert_eq!(issuing.asked(), 0);
    let critical = json!({"alg": "ES256", "kid": "a", "crit": ["b64"], "b64": false});
    assert_eq!(who(&callers, &signer.signed(&critical, &claims())).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn without_a_key_id_the_one_key_that_fits_is_taken() {
    let (p256, other, ed) = (Signer::p256("a"), Signer::p256("b"), Signer::ed("c"));
    let header = json!({"alg": "ES256"});
    let (_world, callers) = trusting(&[&p256, &ed]).await;
    assert_eq!(who(&callers, &p256.signed(&header, &claims())).await, Ok(alice()));
    let (_world, callers) = trusting(&[&p256, &other]).await;
    assert_eq!(who(&callers, &p256.signed(&header, &claims())).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn what_is_no_token_is_wrong() {
    let signer = Signer::ed("a");
    let (_world, callers) = trusting(&[&signer]).await;
    let good = signer.token("EdDSA", &claims());
    let parts: Vec<_> = good.split('.').collect();
    let huge = signer.token("EdDSA", &but(json!({"more": "x".repeat(8000)})));
    assert!(huge.len() > 8192);
    for (number, bad) in [
        String::new(),
        "a".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}."),
        format!("{good}.x"),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], encode(but(json!({"sub": "bob"})).to_string()), parts[2]),
        good[..good.len() - 4].to_owned(),
        huge,
    ]
    .iter()
    .enumerate()
    {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {bad}")).unwrap());
        let from = from(u8::try_from(number).unwrap());
        assert_eq!(callers.who(&headers, from).await, Err(Unknown::Wrong), "{number}: {bad}");
    }
    assert_eq!(who(&callers, &good).await, Ok(alice()));
}

#[tokio::test]
async fn an_audience_of_the_operators_choice_takes_the_place_of_the_address() {
    let (world, signer) = (World::new().await, Signer::ed("a"));
    let audiences = vec!["api://freshdesk".to_owned()];
    let settings = IssuerSettings { audiences, ..settings(world.file(&set(&[&signer]))) };
    let callers = Callers::trusting(Arc::clone(&world.accounts), &settings).await.unwrap();
    let token = signer.token("EdDSA", &but(json!({"aud": "api://freshdesk"})));
    assert_eq!(who(&callers, &token).await, Ok(alice()));
    assert_eq!(who(&callers, &signer.token("EdDSA", &claims())).await, Err(Unknown::Wrong));
}

#[tokio::test]
async fn an_issuer_that_cannot_be_is_told_at_the_start() {
    let world = World::new().await;
    let trust = async |settings: IssuerSettings| {
        Callers::trusting(Arc::clone(&world.accounts), &settings).await.err().unwrap().to_string()
    };
    let keys = world.file(&set(&[]));
    let nobodys = IssuerSettings { tenant: "nobody".to_owned(), ..settings(keys.clone()) };
    assert!(trust(nobodys).await.contains("\"nobody\""));
    let nameless = IssuerSettings { issuer: "login".to_owned(), ..settings(keys) };
    assert!(trust(nameless).await.contains("https://"));
    for url in ["http://login.example.com/keys", "ftp://x", "keys", ""] {
        assert!(trust(settings(KeySource::Url(url.to_owned()))).await.contains("keys"), "{url}");
    }
    assert!(trust(settings(KeySource::File("/nowhere/jwks.json".into()))).await.contains("/nowhere/jwks.json"));
    assert!(trust(settings(world.file("<html>"))).await.contains("no JSON Web Key Set"));
}
