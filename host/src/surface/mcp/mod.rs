//! The tools over MCP.
