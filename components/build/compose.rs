//! Plugs the adapter into the plugin's one import.

use anyhow::Result;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

/// One component with the exports of `plugin`, whose imports come from `adapter` where it has them.
pub(crate) fn plug(adapter: &[u8], plugin: &[u8]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let adapter = Package::from_bytes("freshdesk:env-credentials", None, adapter, graph.types_mut())?;
    let plugin = Package::from_bytes("freshdesk:plugin", None, plugin, graph.types_mut())?;
    let (adapter, plugin) = (graph.register_package(adapter)?, graph.register_package(plugin)?);
    wac_graph::plug(&mut graph, vec![adapter], plugin)?;
    Ok(graph.encode(EncodeOptions { define_components: true, validate: true, processor: None })?)
}
