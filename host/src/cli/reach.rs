//! How Freshdesk is reached.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{cache, component};
use crate::{Development, Digest, Host, Settings};

/// How Freshdesk is reached, and by which plugin.
#[derive(Args, Debug)]
#[command(next_help_heading = "How Freshdesk is reached")]
pub(super) struct Reach {
    /// Seconds that a whole call may take
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    deadline: u64,
    /// Run this component instead of the one built in
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    component: Option<PathBuf>,
    /// What that component has to be, as `freshdesk-host verify FILE` tells it: another one is not run
    #[arg(long, hide_short_help = true, value_name = "DIGEST", requires = "component")]
    component_digest: Option<Digest>,
    /// Let a reply name the agent to speak as, by user_id
    #[arg(long, hide_short_help = true)]
    speak_as_others: bool,
    /// For trials: connect to ADDRESS for HOST, as in acme.freshdesk.com=127.0.0.1:8443
    #[arg(long, hide_short_help = true, value_name = "HOST=ADDRESS", value_parser = parse_resolve)]
    pub(super) resolve: Vec<(String, SocketAddr)>,
    /// For trials: trust the authority whose certificate, in PEM, is in FILE
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    trust_root: Vec<PathBuf>,
}

impl Reach {
    /// A host with room for so many calls at a time.
    pub(super) fn host(&self, calls: u32) -> Result<Host> {
        Ok(Host::new(&component(self.component.as_deref())?, &self.settings(calls)?)?)
    }

    fn settings(&self, calls: u32) -> Result<Settings> {
        let (deadline, speak_as_others) = (Duration::from_secs(self.deadline), self.speak_as_others);
        let (digest, development) = (Some(self.digest()?), self.development()?);
        Ok(Settings { deadline, calls, digest, cache: cache(), speak_as_others, development, ..Settings::default() })
    }

    /// What the component has to be: the one built in is known, another one is named by the operator.
    fn digest(&self) -> Result<Digest> {
        match (&self.component, self.component_digest) {
            (None, _) => Ok(freshdesk_components::PLUGIN_DIGEST.parse()?),
            (Some(_), Some(digest)) => Ok(digest),
            (Some(file), None) => {
                let file = file.display();
                bail!("say by --component-digest what {file} has to be: `freshdesk-host verify {file}` tells it")
            }
        }
    }

    fn development(&self) -> Result<Development> {
        let read = |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
        Ok(Development {
            resolve: HashMap::from_iter(self.resolve.iter().cloned()),
            trust_roots: self.trust_root.iter().map(read).collect::<Result<_>>()?,
        })
    }
}

fn parse_resolve(text: &str) -> Result<(String, SocketAddr), String> {
    let (host, address) = text.split_once('=').ok_or("give HOST=ADDRESS, as in acme.freshdesk.com=127.0.0.1:8443")?;
    let address = address.parse().map_err(|_| format!("{address:?} is no address with a port"))?;
    Ok((host.to_ascii_lowercase(), address))
}
