//! The host runs the component that was named and no other, and no machine code that is not its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use freshdesk_components::{PLUGIN, PLUGIN_DIGEST, PLUGIN_WITH_ENV, PLUGIN_WITH_ENV_DIGEST};
use freshdesk_host::verify::Canary;
use freshdesk_host::{Digest, Host, SandboxError, Settings, SetupError};
use freshdesk_simulator::{Simulator, seed};
use freshdesk_tests::{HOSTILE, account, run, settings};
use serde_json::json;

/// Whether this host lists the roles of the seed's helpdesk, as the plugin does.
async fn works(host: &Host) -> bool {
    let answer = host.call(&account(seed::ADMIN_KEY), "freshdesk_roles_list", &json!({})).await;
    answer.is_ok_and(|answer| answer["roles"].as_array().is_some_and(|roles| !roles.is_empty()))
}

/// The pieces of machine code that are kept below a directory.
fn kept(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|file| file.extension().is_none());
    files.chain(folders.iter().flat_map(|folder| kept(folder))).collect()
}

#[test]
fn the_digests_are_those_of_the_components() {
    assert_eq!(Digest::of(PLUGIN).to_string(), PLUGIN_DIGEST);
    assert_eq!(Digest::of(PLUGIN_WITH_ENV).to_string(), PLUGIN_WITH_ENV_DIGEST);
}

#[test]
fn the_component_that_is_named_is_run_and_no_other() {
    run(async {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let settings = Settings { digest: Some(PLUGIN_DIGEST.parse().unwrap()), calls: 4, ..settings(&simulator) };
        assert!(works(&Host::new(PLUGIN, &settings).unwrap()).await);

        let mut changed = PLUGIN.to_vec();
        *changed.last_mut().unwrap() ^= 1;
        for other in [HOSTILE, PLUGIN_WITH_ENV, &changed, &PLUGIN[..PLUGIN.len() - 1], b""] {
            match Host::new(other, &settings) {
                Err(SetupError::Sandbox(SandboxError::Replaced { is, wanted })) => {
                    assert_eq!((is, Some(wanted)), (Digest::of(other), settings.digest));
                }
                other => panic!("it has to be refused for its digest: {:?}", other.err()),
            }
        }
        let canary: Arc<Canary> = Canary::new();
        assert!(Host::watched(HOSTILE, &settings, canary).is_err());
    });
}

#[test]
fn a_component_that_is_replaced_on_the_disk_is_not_looked_at_while_the_host_runs() {
    run(async {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let settings = Settings { digest: Some(PLUGIN_DIGEST.parse().unwrap()), calls: 4, ..settings(&simulator) };
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), PLUGIN).unwrap();
        let host = Host::new(&fs::read(file.path()).unwrap(), &settings).unwrap();
        fs::write(file.path(), HOSTILE).unwrap();
        // The first call makes its instance, later ones have one that was made beforehand.
        for _ in 0..3 {
            assert!(works(&host).await);
        }
        assert!(Host::new(&fs::read(file.path()).unwrap(), &settings).is_err());
    });
}

#[test]
fn machine_code_that_is_damaged_or_of_another_engine_is_made_anew() {
    run(async {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let (own, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let of = |cache: &Path| Settings { cache: Some(cache.to_owned()), calls: 4, ..settings(&simulator) };
        assert!(works(&Host::new(PLUGIN, &of(own.path())).unwrap()).await);
        let [code] = &kept(own.path())[..] else { panic!("one component was compiled") };
        let good = fs::read(code).unwrap();

        // The same component, by an engine that compiles it for a debugger.
        let canary: Arc<Canary> = Canary::new();
        Host::watched(PLUGIN, &of(others.path()), canary).unwrap();
        let [other] = &kept(others.path())[..] else { panic!("one component was compiled") };
        for bad in [fs::read(other).unwrap(), good[..good.len() / 2].to_vec(), b"no machine code".to_vec(), Vec::new()]
        {
            assert_ne!(bad, good);
            fs::write(code, &bad).unwrap();
            assert!(works(&Host::new(PLUGIN, &of(own.path())).unwrap()).await);
            assert_ne!(fs::read(code).unwrap(), bad, "what is of no use is replaced");
        }
        // What is good is taken as it is.
        fs::write(code, &good).unwrap();
        let written = fs::metadata(code).unwrap().modified().unwrap();
        assert!(works(&Host::new(PLUGIN, &of(own.path())).unwrap()).await);
        assert_eq!(fs::metadata(code).unwrap().modified().unwrap(), written);
    });
}
