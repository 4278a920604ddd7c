//! Whoever runs the target: pushspec itself under `--start`, a test with a peer in memory. Where there is nobody, a target
//! that falls stays down, and none is told to stop.

use crate::transport::Boxed;

/// Stops the target and starts it again.
pub trait Operator: Send + Sync {
    /// Tells the target to stop, as an init system does (SIGTERM), and does not wait for its end.
    fn tell_to_stop(&self) -> Boxed<'_, ()>;

    /// Ends what is left of the target and starts it anew.
    ///
    /// # Errors
    /// Why it cannot be started.
    fn relaunch(&self) -> Boxed<'_, Result<(), String>>;
}
