//! A server that its author wants checked: tokio-tungstenite, echoing.

use futures_util::StreamExt as _;
use tokio::net::TcpListener;

/// Serves on a free port of the loopback interface, on the current runtime, and gives the URL.
pub async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
                let (sink, source) = socket.split();
                let messages = source.filter(|message| {
                    let echo = message.as_ref().is_ok_and(|message| message.is_text() || message.is_binary());
                    let is_error = message.is_err();
                    async move { echo || is_error }
                });
                let _ = messages.forward(sink).await;
            });
        }
    });
    url
}
