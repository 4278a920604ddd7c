//! A wire in memory, with FIN and RST, to a peer of the fixtures: works under a paused clock.

use super::{Boxed, Transport, Wire};
use crate::operator::Operator;
use pushspec_fixtures::wire::{Connection, MemoryNetwork, MemoryStream, Peer};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Makes a peer: at first, and again whenever it fell.
type Maker = Box<dyn Fn() -> Arc<dyn Peer> + Send + Sync>;

/// Reaches a peer that runs in this process.
pub struct Memory {
    make: Maker,
    network: Mutex<MemoryNetwork>,
}

impl Memory {
    /// Puts the peer that `make` makes on a network of its own.
    pub fn new(make: impl Fn() -> Arc<dyn Peer> + Send + Sync + 'static) -> Self {
        let network = Mutex::new(MemoryNetwork::new(make()));
        Self {
            make: Box::new(make),
            network,
        }
    }

    fn network(&self) -> MemoryNetwork {
        self.network
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Transport for Memory {
    fn dial(&self, _: Duration) -> Boxed<'_, Result<Box<dyn Wire>, String>> {
        Box::pin(async {
            match self.network().connect() {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Wire>),
                Err(error) => Err(format!("no connection in memory ({error})")),
            }
        })
    }

    fn name(&self) -> &'static str {
        "memory"
    }
}

impl Operator for Memory {
    fn tell_to_stop(&self) -> Boxed<'_, ()> {
        Box::pin(async { self.network().wind_down() })
    }

    fn relaunch(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async {
            self.network().kill();
            *self.network.lock().unwrap_or_else(PoisonError::into_inner) =
                MemoryNetwork::new((self.make)());
            Ok(())
        })
    }
}

impl Wire for MemoryStream {
    fn reset(self: Box<Self>) {
        Connection::reset(self);
    }
}
