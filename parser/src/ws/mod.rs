//! WebSocket (RFC 6455): headers, masking, a streaming frame decoder, and the judge of one direction.
//!
//! Three levels, each on top of the one before: [`FrameHeader`] is the header as a value, [`FrameDecoder`] cuts a
//! byte stream into frames without holding payload, [`Session`] assembles messages and reports every [`Violation`].
//! All of them look at *one* direction: what one side sent.
//!
//! [`Violation`]: crate::Violation

mod close;
mod decoder;
mod event;
mod frame;
mod mask;
mod opcode;
mod session;
mod utf8;

pub use close::{CloseCode, close_code_class};
pub use decoder::{FrameDecoder, FrameEvent};
pub use event::{CloseFrame, Ending, Frame, Message, SessionEvent, Unfinished};
pub use frame::{FrameHeader, LengthForm, Parsed, RSV1, RSV2, RSV3, Role};
pub use mask::mask;
pub use opcode::Opcode;
pub use session::{Session, SessionLimits};
pub use utf8::Utf8Check;
