//! Verifies signatures of tokens with ring, which is in the program for TLS already. Nothing is signed here, and no token is
//! accepted that anybody could sign who can verify it: there is neither HMAC nor `none`.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as Invalid, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

/// How a signature of an algorithm is verified.
enum Way {
    Rsa(&'static RsaParameters),
    /// The key is a point or a string of bytes, of the length that the algorithm has.
    Bytes(&'static dyn VerificationAlgorithm),
}

/// The algorithms that are accepted.
fn way(algorithm: Algorithm) -> Option<Way> {
    Some(match algorithm {
        Algorithm::RS256 => Way::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Way::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Way::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Way::Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Way::Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Way::Rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Way::Bytes(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Way::Bytes(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Way::Bytes(&ED25519),
        _ => return None,
    })
}

/// Whether tokens of an algorithm are accepted.
pub(super) fn accepts(algorithm: Algorithm) -> bool {
    way(algorithm).is_some()
}

/// A key and its algorithm.
struct Verifying {
    algorithm: Algorithm,
    way: Way,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Invalid> {
        let verified = match (&self.way, self.key.kind()) {
            (Way::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (Way::Bytes(algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*algorithm, key).verify(message, signature)
            }
            _ => return Err(Invalid::new()),
        };
        verified.map_err(|_| Invalid::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        let way = way(*algorithm).filter(|_| key.family() == algorithm.family());
        let way = way.ok_or_else(|| Error::from(ErrorKind::InvalidAlgorithm))?;
        Ok(Box::new(Verifying { algorithm: *algorithm, way, key: key.clone() }))
    },
    // Keys are read from their JSON, for which none of these is asked.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Has tokens verified by ring, in this process.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    // A program that embeds this may have said how its tokens are verified; then that holds.
    INSTALLED.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}
