//! Lossless, judging parser for Server-Sent Events and WebSocket: bytes in, facts out.
