//! The only code that opens connections to a target: TCP, TLS, a wire in memory, and a way for a client that brings its own
//! sockets.
//!
//! A transport gives a byte stream that can be reset and says how it ended. It knows neither HTTP nor any case.

#[cfg(any(feature = "cli", test))]
mod memory;
mod relay;
mod tcp;
mod tls;

#[cfg(any(feature = "cli", test))]
pub use memory::Memory;
pub use relay::{Relay, relays_are_open};
pub use tcp::Tcp;
pub use tls::{Tls, TlsError, Trust};

use crate::transcript::End;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream to a target.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Ends the connection with a TCP RST.
    fn reset(self: Box<Self>);

    /// The protocol that both sides of TLS agreed on; none where there is no TLS, or nothing was agreed on.
    fn protocol(&self) -> Option<String> {
        None
    }
}

impl Wire for Box<dyn Wire> {
    fn reset(self: Box<Self>) {
        (*self).reset();
    }

    fn protocol(&self) -> Option<String> {
        self.as_ref().protocol()
    }
}

/// A future that can be sent to another thread.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to reach one target.
pub trait Transport: Send + Sync {
    /// Opens a connection, within this time; under TLS, when its handshake is done.
    ///
    /// # Errors
    /// A message that says what went wrong and what to do about it.
    fn dial(&self, patience: Duration) -> Boxed<'_, Result<Box<dyn Wire>, String>>;

    /// The name that stands in reports.
    fn name(&self) -> &'static str;

    /// The TLS that it is made of; none where there is none.
    fn tls(&self) -> Option<&Tls> {
        None
    }
}

/// What an error while reading says about the connection's end.
pub(crate) fn end_of(error: &io::Error) -> End {
    if let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return match tls {
            rustls::Error::AlertReceived(alert) => End::Alert(format!("{alert:?}")),
            other => End::Trouble(other.to_string()),
        };
    }
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => End::Reset,
        io::ErrorKind::UnexpectedEof => End::FinWithoutAlert,
        _ => End::Trouble(error.to_string()),
    }
}
