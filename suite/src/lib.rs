//! Conformance tests for server push: WebSocket and Server-Sent Events.
