//! Two answers to an opening handshake: a minimal one, and one as it comes through a proxy.

pub const SHORT: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

pub const LONG: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Date: Fri, 20 Nov 2026 10:00:00 GMT\r\n\
    Server: nginx/1.27.3\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat.v2\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n\
    Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n\
    X-Request-Id: 7f0c2a9e-5b1d-4f3a-8e6c-1d2b3c4d5e6f\r\n\
    Via: 1.1 edge-17.example.net\r\n\
    Cache-Control: no-store\r\n\
    Vary: Origin\r\n\r\n";
