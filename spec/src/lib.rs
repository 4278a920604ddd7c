//! What the WebSocket and Server-Sent Events documents require, as data.
