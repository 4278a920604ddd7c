//! WebSocket (RFC 6455): headers, masking, a streaming frame decoder, and the judge of one direction.
//!
//! Each level stands on the one before: [`FrameHeader`] is the header as a value; [`FrameDecoder`] cuts a byte stream
//! into frames without holding payload; [`Session`] assembles messages and reports every [`Violation`];
//! [`MessageDecoder`] is for everyday use and stops at the first one. All of them look at *one* direction: what one
//! side sent. To send: [`FrameHeader::write_frame`], [`FrameHeader::encode`] for a header that may lie, [`mask`].
//!
//! [`Violation`]: crate::Violation

mod close;
mod decoder;
#[cfg(feature = "deflate")]
pub mod deflate;
mod event;
mod frame;
mod mask;
mod message;
mod opcode;
mod progress;
mod session;
mod utf8;

pub use close::{CloseCode, close_code_class};
pub use decoder::{FrameDecoder, FrameEvent};
pub use event::{CloseFrame, Ending, Frame, Message, SessionEvent, Unfinished};
pub use frame::{FrameHeader, LengthForm, Parsed, RSV1, RSV2, RSV3, Role};
pub use mask::mask;
pub use message::{Incoming, MessageDecoder, ProtocolError};
pub use opcode::Opcode;
pub use session::{Session, SessionLimits};
pub use utf8::Utf8Check;
