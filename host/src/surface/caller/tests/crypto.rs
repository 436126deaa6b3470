//! Signatures that others have made.

use jsonwebtoken::crypto::verify;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::super::crypto::{accepts, install};
use super::signer::{E, N};

const MESSAGE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// Whether the signature holds, and no longer does when a bit of the message or of itself is another.
fn holds(message: &str, signature: &str, key: &DecodingKey, algorithm: Algorithm) {
    install();
    assert!(verify(signature, message.as_bytes(), key, algorithm).unwrap());
    let mut other = message.as_bytes().to_vec();
    other[30] ^= 1;
    assert!(!verify(signature, &other, key, algorithm).unwrap());
    let other: String = signature.chars().rev().collect();
    assert!(!verify(&other, message.as_bytes(), key, algorithm).unwrap_or(false));
    assert!(!verify("", message.as_bytes(), key, algorithm).unwrap_or(false));
}

#[test]
fn rfc_7515_a_2_is_verified_as_rs256() {
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let key = DecodingKey::from_rsa_components(N, E).unwrap();
    holds(&format!("eyJhbGciOiJSUzI1NiJ9.{MESSAGE}"), signature, &key, Algorithm::RS256);
}

#[test]
fn rfc_7515_a_3_is_verified_as_es256() {
    let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = DecodingKey::from_ec_components(x, y).unwrap();
    holds(&format!("eyJhbGciOiJFUzI1NiJ9.{MESSAGE}"), signature, &key, Algorithm::ES256);
}

#[test]
fn rfc_8037_a_4_is_verified_as_eddsa() {
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let key = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    holds("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature, &key, Algorithm::EdDSA);
}

#[test]
fn no_secret_verifies_anything() {
    install();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(!accepts(algorithm));
        assert!(verify("x", b"y", &DecodingKey::from_secret(b"secret"), algorithm).is_err());
    }
    let secret = DecodingKey::from_secret(b"secret");
    assert!(verify("x", b"y", &secret, Algorithm::RS256).is_err(), "a key is for its own kind of algorithm");
}
