//! A secret opens where it was sealed, and nowhere else.

use proptest::prelude::*;

use super::*;

/// A vault with two root keys, of which the first seals.
fn two_keys() -> (Folder, Vault) {
    let folder = Folder::new();
    folder.write(&(line("0000000a", 1) + &line("0000000b", 2)));
    let vault = folder.vault();
    (folder, vault)
}

#[test]
fn what_was_sealed_opens() {
    let (_folder, vault) = two_keys();
    for text in ["", "x", SECRET, "käsekuchen", &"long".repeat(10_000)] {
        let sealed = vault.seal(&place("jane"), &SecretString::from(text)).unwrap();
        assert_eq!(sealed.data_key.len(), WRAPPED);
        assert_eq!(sealed.secret.len(), 1 + 24 + text.len() + 16);
        assert_eq!(Vault::root_key_of(&sealed.data_key).unwrap(), "0000000a");
        assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), text);
    }
}

#[test]
fn a_key_of_the_host_opens_as_one() {
    let (_folder, vault) = two_keys();
    let place = Place { purpose: "host", tenant: "", identifier: "audit", version: 1 };
    let seal = |text: &str| vault.seal(&place, &SecretString::from(text)).unwrap();
    let sealed = seal(&BASE64_STANDARD.encode([7; 32]));
    assert_eq!(*vault.open_key(&place, &sealed).unwrap(), [7; 32]);
    let page = Place { identifier: "page", ..place };
    assert_eq!(refused(vault.open_key(&page, &sealed)), VaultError::DataKeyRefused("0000000a".to_owned()));
    for text in ["", "x", &BASE64_STANDARD.encode([7; 31]), &BASE64_STANDARD.encode([7; 33])] {
        assert_eq!(refused(vault.open_key(&place, &seal(text))), VaultError::NoKey, "{text}");
    }
}

#[test]
fn two_seals_of_one_secret_have_nothing_in_common() {
    let (_folder, vault) = two_keys();
    let [one, two] = [(); 2].map(|()| vault.seal(&place("jane"), &secret()).unwrap());
    let same = |a: &[u8], b: &[u8]| std::iter::zip(a, b).filter(|(a, b)| a == b).count();
    assert!(same(&one.data_key[9..], &two.data_key[9..]) < 10);
    assert!(same(&one.secret[1..], &two.secret[1..]) < 10);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (_folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    for bit in 0..sealed.data_key.len() * 8 {
        let mut other = sealed.clone();
        other.data_key[bit / 8] ^= 1 << (bit % 8);
        let error = refused(vault.open(&place("jane"), &other));
        let fits = match bit / 8 {
            0 => matches!(error, VaultError::UnknownFormat { part: Part::DataKey, .. }),
            // Another hexadecimal digit, or none.
            1..9 => matches!(error, VaultError::UnknownRootKey(_) | VaultError::Damaged(Part::DataKey)),
            _ => error == VaultError::DataKeyRefused("0000000a".to_owned()),
        };
        assert!(fits, "bit {bit}: {error}");
    }
    for bit in 0..sealed.secret.len() * 8 {
        let mut other = sealed.clone();
        other.secret[bit / 8] ^= 1 << (bit % 8);
        let error = refused(vault.open(&place("jane"), &other));
        let fits = match bit / 8 {
            0 => matches!(error, VaultError::UnknownFormat { part: Part::Secret, .. }),
            _ => error == VaultError::SecretRefused,
        };
        assert!(fits, "bit {bit}: {error}");
    }
}

#[test]
fn every_cut_is_noticed_and_so_is_what_is_put_on() {
    let (_folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    for length in (0..sealed.data_key.len()).chain([WRAPPED + 1]) {
        let mut other = sealed.clone();
        other.data_key.resize(length, 0);
        assert_eq!(refused(vault.open(&place("jane"), &other)), VaultError::Damaged(Part::DataKey), "{length}");
        assert_eq!(refused(vault.rewrap(&place("jane"), &other.data_key)), VaultError::Damaged(Part::DataKey));
    }
    let whole = sealed.secret.len();
    for length in (0..whole).chain([whole + 1]) {
        let mut other = sealed.clone();
        other.secret.resize(length, 0);
        let expected = if length < 1 + 24 + 16 { VaultError::Damaged(Part::Secret) } else { VaultError::SecretRefused };
        assert_eq!(refused(vault.open(&place("jane"), &other)), expected, "{length}");
    }
}

#[test]
fn a_row_opens_in_its_own_place_only() {
    let (_folder, vault) = two_keys();
    let here = Place { purpose: "account", tenant: "acme", identifier: "jane", version: 7 };
    let sealed = vault.seal(&here, &secret()).unwrap();
    for there in [
        Place { tenant: "other", ..here },
        Place { tenant: "", ..here },
        Place { identifier: "john", ..here },
        Place { identifier: "Jane", ..here },
        Place { version: 6, ..here },
        Place { version: 8, ..here },
        Place { version: -7, ..here },
        Place { purpose: "link", ..here },
        // The same letters, cut elsewhere.
        Place { tenant: "acmej", identifier: "ane", ..here },
        Place { tenant: "acm", identifier: "ejane", ..here },
        Place { purpose: "accounta", tenant: "cme", ..here },
        Place { tenant: "jane", identifier: "acme", ..here },
    ] {
        let error = refused(vault.open(&there, &sealed));
        assert_eq!(error, VaultError::DataKeyRefused("0000000a".to_owned()), "{there:?}");
    }
    assert_eq!(shown(&vault.open(&here, &sealed).unwrap()), SECRET);
}

/// The secret by itself is bound to its place too, also for whoever would rewrap a data key for another.
#[test]
fn a_secret_is_bound_to_its_place_beside_its_data_key() {
    let ring = ring();
    let root = ring.primary();
    let sealed = seal::seal(root, &place("jane"), &secret()).unwrap();
    let data_key = seal::unwrap(root, &place("jane"), &sealed.data_key).unwrap();
    let moved = seal::wrap(root, &place("john"), &data_key).unwrap();
    let sealed = Sealed { data_key: moved, ..sealed };
    assert_eq!(refused(seal::open(root, &place("john"), &sealed)), VaultError::SecretRefused);
    assert_eq!(refused(seal::open(root, &place("jane"), &sealed)), VaultError::DataKeyRefused("0000000a".to_owned()));
}

#[test]
fn halves_of_two_rows_do_not_open_and_neither_do_halves_that_were_swapped() {
    let (_folder, vault) = two_keys();
    let [one, two] = [(); 2].map(|()| vault.seal(&place("jane"), &secret()).unwrap());
    let mixed = Sealed { data_key: one.data_key.clone(), secret: two.secret };
    assert_eq!(refused(vault.open(&place("jane"), &mixed)), VaultError::SecretRefused);
    let swapped = Sealed { data_key: one.secret, secret: one.data_key };
    assert_eq!(refused(vault.open(&place("jane"), &swapped)), VaultError::Damaged(Part::DataKey));
    // A secret as long as a data key is, so that it is not the length that tells.
    let long = vault.seal(&place("jane"), &SecretString::from("x".repeat(40))).unwrap();
    let swapped = Sealed { data_key: long.secret.clone(), secret: long.data_key };
    assert_eq!(swapped.data_key.len(), WRAPPED);
    assert!(vault.open(&place("jane"), &swapped).is_err());
}

#[test]
fn other_formats_are_refused_older_ones_included() {
    let (_folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    for format in (0..=u8::MAX).filter(|format| *format != 1) {
        let mut other = sealed.clone();
        other.data_key[0] = format;
        let expected = VaultError::UnknownFormat { part: Part::DataKey, format };
        assert_eq!(refused(vault.open(&place("jane"), &other)), expected);
        let mut other = sealed.clone();
        other.secret[0] = format;
        let expected = VaultError::UnknownFormat { part: Part::Secret, format };
        assert_eq!(refused(vault.open(&place("jane"), &other)), expected);
    }
}

#[test]
fn a_data_key_that_was_overwritten_is_told_as_destroyed() {
    let (_folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    let gone = Sealed { data_key: vec![0; WRAPPED], ..sealed };
    assert_eq!(refused(vault.open(&place("jane"), &gone)), VaultError::Destroyed);
    assert_eq!(refused(vault.rewrap(&place("jane"), &gone.data_key)), VaultError::Destroyed);
    assert_eq!(refused(Vault::root_key_of(&gone.data_key)), VaultError::Destroyed);
}

#[test]
fn a_root_key_that_is_unknown_is_named() {
    let (folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    folder.write(&line("0000000b", 2));
    let other = folder.vault();
    let unknown = VaultError::UnknownRootKey("0000000a".to_owned());
    assert_eq!(refused(other.open(&place("jane"), &sealed)), unknown);
    assert_eq!(refused(other.rewrap(&place("jane"), &sealed.data_key)), unknown);
}

#[test]
fn another_root_key_by_the_same_id_does_not_open() {
    let (folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    folder.write(&line("0000000a", 3));
    let error = refused(folder.vault().open(&place("jane"), &sealed));
    assert_eq!(error, VaultError::DataKeyRefused("0000000a".to_owned()));
}

#[test]
fn a_root_key_does_not_open_what_names_another() {
    let (folder, vault) = two_keys();
    let mut sealed = vault.seal(&place("jane"), &secret()).unwrap();
    // The same key under another id: the id is bound as well.
    folder.write(&line("0000000c", 1));
    sealed.data_key[1..9].copy_from_slice(b"0000000c");
    let error = refused(folder.vault().open(&place("jane"), &sealed));
    assert_eq!(error, VaultError::DataKeyRefused("0000000c".to_owned()));
}

#[test]
fn no_error_shows_a_secret_or_a_key_and_what_is_sealed_is_not_shown() {
    let (folder, vault) = two_keys();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    let key = BASE64_STANDARD.encode([1; 32]);
    let mut errors = vec![
        refused(vault.open(&place("john"), &sealed)),
        refused(vault.open(&place("jane"), &Sealed { secret: vec![1; 60], ..sealed.clone() })),
        refused(vault.retire_root_key(&line("0000000a", 1))),
    ];
    for text in [key.clone(), format!("0000000a {key} x"), format!("0000000A {key}"), format!("{key} 0000000a")] {
        folder.write(&text);
        errors.push(refused(Vault::load(&folder.keys())));
    }
    let command = format!("echo {key}; exit 1");
    errors.push(refused(Vault::load(&RootKeys::Command(command.clone()))));
    let mut told: Vec<_> = errors.iter().map(|error| format!("{error} {error:?}")).collect();
    told.push(format!("{sealed:?} {:?}", RootKeys::Command(command)));
    for text in told {
        assert!(!text.contains(&key[..12]) && !text.contains(SECRET) && !text.contains("[1, 1"), "{text}");
    }
}

fn ring() -> Ring {
    Ring::read(line("0000000a", 1).as_bytes(), &RootKeys::Variable(String::new())).unwrap()
}

fn at((tenant, identifier, version): &(String, String, i64)) -> Place<'_> {
    Place { purpose: "account", tenant, identifier, version: *version }
}

proptest! {
    /// Whatever two places are called, what was sealed in one opens in the other only if they are the same.
    #[test]
    fn places_never_coincide(
        here in (".{0,4}", ".{0,4}", any::<i64>()),
        there in (".{0,4}", ".{0,4}", any::<i64>()),
        cut in 0..8_usize,
        text in ".{0,50}",
    ) {
        let ring = ring();
        let root = ring.primary();
        // The same letters as those of the first, cut at random.
        let letters: Vec<char> = here.0.chars().chain(here.1.chars()).collect();
        let (left, right) = letters.split_at(cut.min(letters.len()));
        let shifted = (left.iter().collect(), right.iter().collect(), here.2);
        let sealed = seal::seal(root, &at(&here), &SecretString::from(text.as_str())).unwrap();
        for other in [here.clone(), there, shifted] {
            match seal::open(root, &at(&other), &sealed) {
                Ok(opened) => {
                    prop_assert_eq!(&other, &here);
                    prop_assert_eq!(shown(&opened), text.as_str());
                }
                Err(error) => {
                    prop_assert_ne!(&other, &here);
                    prop_assert_eq!(error, VaultError::DataKeyRefused("0000000a".to_owned()));
                }
            }
        }
    }

    /// Bytes from anywhere are refused, and nothing panics.
    #[test]
    fn noise_is_refused(
        data_key in proptest::collection::vec(any::<u8>(), 0..120),
        secret in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let ring = ring();
        let noise = Sealed { data_key, secret };
        prop_assert!(seal::open(ring.primary(), &place("jane"), &noise).is_err());
    }
}
