//! The sandbox: compiled once, a fresh instance for every call, with one account bound into it.

mod cache;
pub mod contract;
mod digest;
mod guest;
mod limits;
mod ready;
mod sending;
#[cfg(feature = "command")]
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use thiserror::Error;
use tokio::sync::Semaphore;
use tracing::{Instrument, debug_span};
use wasmtime::component::{Component, ComponentExportIndex, Linker, Val};
use wasmtime::{Config, Engine};

use self::contract::{Contract, Mismatch, Tool};
pub use self::digest::{Digest, InvalidDigest};
use self::ready::{Made, Ready};
use self::sending::{Counter, attend};
use crate::egress::{Door, Passage};
use crate::error::{LONGEST_STORY, harmless};
use crate::host::Settings;
#[cfg(feature = "command")]
use crate::witness::Witness;

/// Why the plugin could not be run, or broke while it ran.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// It is not the one that was named.
    #[error("the component is another one than was named, or was replaced: it is {is}, and was to be {wanted}")]
    Replaced {
        /// The digest of the component that is there.
        is: Digest,
        /// The one that was named.
        wanted: Digest,
    },
    /// It is no component, or imports what no plugin may have.
    #[error("the component cannot be run: {0}")]
    Component(String),
    /// It does not implement the contract.
    #[error("the component has no {function:?} in {interface:?}: it does not implement the contract")]
    Missing {
        /// The interface of the contract.
        interface: String,
        /// The function of the interface.
        function: String,
    },
    /// It trapped, panicked, or met one of its limits.
    #[error("the plugin broke: {0}")]
    Broke(String),
    /// It answered what Freshdesk had not.
    #[error("the plugin's answer is its own invention: Freshdesk gave it none like it")]
    Invented,
    /// It answered something that is not of the contract's types.
    #[error(transparent)]
    Answer(#[from] Mismatch),
}

/// A compiled plugin, ready to be instantiated.
pub(crate) struct Sandbox {
    ready: Arc<Ready>,
    functions: HashMap<String, ComponentExportIndex>,
    places: Semaphore,
    #[cfg(feature = "command")]
    witness: Option<Arc<dyn Witness>>,
}

impl Sandbox {
    /// Compiles `component`, if it is the one that the settings name, and finds the function of each tool in it.
    pub(crate) fn new(component: &[u8], contract: &Contract, settings: &Settings) -> Result<Self, SandboxError> {
        Self::with(component, contract, settings, &config(settings))
    }

    /// The same, with somebody who is shown what the guest can see.
    #[cfg(feature = "command")]
    pub(crate) fn watched(
        component: &[u8],
        contract: &Contract,
        settings: &Settings,
        witness: Arc<dyn Witness>,
    ) -> Result<Self, SandboxError> {
        let mut config = config(settings);
        config.guest_debug(true);
        Ok(Self { witness: Some(witness), ..Self::with(component, contract, settings, &config)? })
    }

    fn with(component: &[u8], contract: &Contract, settings: &Settings, config: &Config) -> Result<Self, SandboxError> {
        // These very bytes are looked at and then compiled: what becomes of a file meanwhile is of no account.
        if let Some(wanted) = settings.digest {
            let is = Digest::of(component);
            if is != wanted {
                return Err(SandboxError::Replaced { is, wanted });
            }
        }
        let engine = engine(config).map_err(unusable)?;
        let mut linker = Linker::new(&engine);
        guest::link(&mut linker).map_err(unusable)?;
        let component = Component::new(&engine, component).map_err(unusable)?;
        let plugin = linker.instantiate_pre(&component).map_err(unusable)?;
        let functions = contract.tools().iter().map(|tool| find(&component, tool)).collect::<Result<_, _>>()?;
        let places = Semaphore::new(settings.calls as usize);
        Ok(Self {
            ready: Ready::new(plugin),
            functions,
            places,
            #[cfg(feature = "command")]
            witness: None,
        })
    }

    /// Runs a tool in an instance of its own, which is cleared when it has answered.
    pub(crate) async fn run(&self, tool: &Tool, request: Val, passage: Passage) -> Result<Val, SandboxError> {
        let _place = self.places.acquire().await;
        let (mut store, instance) = self.instance(passage).instrument(debug_span!("instance")).await?;
        let index = self.functions.get(tool.name());
        let function = index.and_then(|index| instance.get_func(&mut store, index)).ok_or_else(|| missing(tool))?;
        let (counter, door) = (Arc::<Counter>::default(), store.data().door.clone());
        store.data_mut().counter = Some(Arc::clone(&counter));
        // Overwritten by what the function returns.
        let mut result = [Val::Bool(false)];
        let running = function.call_async(&mut store, std::slice::from_ref(&request), &mut result);
        attend(&counter, &door, running).instrument(debug_span!("run")).await.map_err(broke)?;
        let [result] = result;
        // What was answered and not looked at cannot be in what the plugin says.
        let unread = store.data().answer.is_some() && matches!(result, Val::Result(Ok(_)));
        debug_span!("leave").in_scope(|| self.ready.clear(store));
        if unread { Err(SandboxError::Invented) } else { Ok(result) }
    }

    /// An instance with the passage bound into it: one that was made beforehand, or else a new one. Who is to be shown all
    /// that it sees is there from its beginning.
    async fn instance(&self, passage: Passage) -> Result<Made, SandboxError> {
        let door = Door::to(passage);
        #[cfg(feature = "command")]
        if let Some(witness) = &self.witness {
            let made = self.ready.make(door, |store| watch::turns(store, Arc::clone(witness)));
            return made.await.map_err(broke);
        }
        match self.ready.take() {
            Some((mut store, instance)) => {
                store.data_mut().door = door;
                store.set_epoch_deadline(limits::FIRST);
                Ok((store, instance))
            }
            None => self.ready.make(door, |_| {}).await.map_err(broke),
        }
    }
}

/// What a component imports, by name.
///
/// # Errors
///
/// Fails when it is no component.
#[cfg(feature = "command")]
pub(crate) fn imports(component: &[u8]) -> Result<Vec<String>, SandboxError> {
    let engine = Engine::default();
    let component = Component::new(&engine, component).map_err(unusable)?;
    Ok(component.component_type().imports(&engine).map(|(name, _)| name.to_owned()).collect())
}

fn config(settings: &Settings) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    limits::pool(&mut config, settings.calls);
    config.cache(settings.cache.as_deref().and_then(cache::kept));
    config
}

/// An engine whose guests are interrupted every [`limits::TICK`], for as long as it lives.
fn engine(config: &Config) -> wasmtime::Result<Engine> {
    let engine = Engine::new(config)?;
    let ticking = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = ticking.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(limits::TICK);
        }
    });
    Ok(engine)
}

/// The function that implements a tool.
fn find(component: &Component, tool: &Tool) -> Result<(String, ComponentExportIndex), SandboxError> {
    let interface = component.get_export_index(None, tool.interface());
    let function = interface.and_then(|interface| component.get_export_index(Some(&interface), tool.function()));
    Ok((tool.name().to_owned(), function.ok_or_else(|| missing(tool))?))
}

fn missing(tool: &Tool) -> SandboxError {
    SandboxError::Missing { interface: tool.interface().to_owned(), function: tool.function().to_owned() }
}

fn unusable(error: wasmtime::Error) -> SandboxError {
    SandboxError::Component(format!("{error:#}"))
}

/// What broke, and then where: names in a guest's stack are the guest's, and may be many.
fn broke(error: wasmtime::Error) -> SandboxError {
    SandboxError::Broke(harmless(&format!("{}: {error:#}", error.root_cause()), LONGEST_STORY))
}
