//! An echo server on tokio-tungstenite: any path, each message back once, same type, same bytes.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::Result;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// As in the other servers.
const LIMIT: usize = 64 * 1024 * 1024;

#[tokio::main]
async fn main() {
    let port = std::env::var("PORT").expect("PORT names the port to listen on");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await;
    let listener = listener.expect("a free port");
    while let Ok((stream, _)) = listener.accept().await {
        // A client's mistake ends its connection, and no other.
        tokio::spawn(async { drop(echo(stream).await) });
    }
}

async fn echo(stream: TcpStream) -> Result<()> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT))
        .max_frame_size(Some(LIMIT));
    let mut socket = accept_async_with_config(stream, Some(config)).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
