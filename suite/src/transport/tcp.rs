//! TCP: one segment for each write as far as the kernel allows, every segment acknowledged at once, RST on request.

use super::{Boxed, Transport, Wire};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Reaches a target over TCP.
#[derive(Debug, Clone)]
pub struct Tcp {
    /// Where it is, or why that is not known.
    addresses: Result<Vec<SocketAddr>, String>,
}

impl Tcp {
    /// Resolves the target's name once: every case talks to the same addresses. Where it does not resolve, every
    /// dialling says so.
    pub async fn resolve(host: &str, port: u16, patience: Duration) -> Self {
        Self {
            addresses: addresses(host, port, patience).await,
        }
    }

    pub(super) async fn connect(&self, patience: Duration) -> Result<TcpStream, String> {
        let mut failure = String::new();
        for address in self.addresses.as_ref().map_err(Clone::clone)? {
            match timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Cases cut their bytes into segments on purpose.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    failure =
                        format!("no TCP connection to {address} ({error}): is the server running?")
                }
                Err(_) => {
                    let seconds = patience.as_secs_f32();
                    failure = format!(
                        "no TCP connection to {address} within {seconds} s: is there a firewall?"
                    );
                }
            }
        }
        Err(failure)
    }
}

async fn addresses(host: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, String> {
    let addresses: Vec<SocketAddr> =
        match timeout(patience, tokio::net::lookup_host((host, port))).await {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(error)) => {
                return Err(format!(
                    "the name `{host}` does not resolve ({error}): check its spelling"
                ));
            }
            Err(_) => {
                return Err(format!(
                    "the name `{host}` did not resolve within {} s",
                    patience.as_secs_f32()
                ));
            }
        };
    if addresses.is_empty() {
        return Err(format!(
            "the name `{host}` resolves to no address: check its spelling"
        ));
    }
    Ok(addresses)
}

impl Transport for Tcp {
    fn dial(&self, patience: Duration) -> Boxed<'_, Result<Box<dyn Wire>, String>> {
        Box::pin(
            async move { Ok(Box::new(Prompt(self.connect(patience).await?)) as Box<dyn Wire>) },
        )
    }

    fn name(&self) -> &'static str {
        "tcp"
    }
}

/// A connection whose every read is acknowledged at once. A target that keeps its next small segment back until the last one
/// is acknowledged (Nagle) would else wait 40 ms for that, and every case that hears two answers with it.
struct Prompt(TcpStream);

impl Prompt {
    /// Not every system has a word for it, and where it fails the acknowledgement only comes later.
    fn acknowledge(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = self.0.set_quickack(true);
    }
}

impl AsyncRead for Prompt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.0).poll_read(cx, buffer);
        if read.is_ready() {
            self.acknowledge();
        }
        read
    }
}

impl AsyncWrite for Prompt {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl Wire for Prompt {
    fn reset(self: Box<Self>) {
        // With zero linger, dropping the socket sends RST instead of FIN.
        let _ = self.0.set_zero_linger();
    }
}
