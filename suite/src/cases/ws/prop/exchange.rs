//! An exchange: frames of a client and where TCP cuts them. What is generated, played, shrunk and saved.
//!
//! # The form in which it is saved
//!
//! A JSON object, which `pushspec check URL --replay FILE` plays again:
//!
//! ```json
//! { "replay": 1, "case": "ws/prop/legal-plain", "cuts": [3], "frames": [
//!     { "opcode": 1, "fin": false, "key": "00000000", "payload": "61" },
//!     { "opcode": 0, "rsv": 2, "key": null, "payload": "62" } ] }
//! ```
//!
//! `replay` is the version of the form; `case` says how the handshake is made and what the case's text is. Of a frame,
//! `fin` is true and `rsv` is 0 where they are left out (4 is RSV1, 2 is RSV2, 1 is RSV3), `key` is the masking key in hex, or null for
//! a frame that is not masked; `payload` is what goes under the mask, in hex. `cuts` are the numbers of bytes behind the
//! handshake behind which a TCP segment ends. What comes behind the frames, to see whether all was answered, is not in the
//! file: the case adds it again.

use super::walk::{frames, length};
use crate::transcript::Connection;
use crate::ws::words::bytes;
use crate::ws::{Frame, Masking};
use pushspec_parser::ws::{Opcode, RSV1};
use serde::{Deserialize, Serialize};

/// Frames that are told in words.
const SHOWN: usize = 8;

/// The version of the form.
const VERSION: u32 = 1;

/// What is said when all came back.
pub(super) const MARKER: &[u8] = b"marker: all before this came back";

/// What stands behind a frame that breaks a rule.
pub(super) const CANARY: &[u8] = b"canary: this stands behind the fault";

/// Frames of a client, and where TCP cuts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) frames: Vec<Frame>,
    /// Numbers of bytes behind which a segment ends.
    pub(super) cuts: Vec<usize>,
}

/// An exchange, saved.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    replay: u32,
    case: String,
    #[serde(default)]
    cuts: Vec<usize>,
    frames: Vec<SavedFrame>,
}

/// A frame, saved.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFrame {
    opcode: u8,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    fin: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    rsv: u8,
    key: Option<String>,
    payload: String,
}

fn yes() -> bool {
    true
}

fn is_yes(fin: &bool) -> bool {
    *fin
}

fn is_zero(rsv: &u8) -> bool {
    *rsv == 0
}

impl Exchange {
    /// What was to be said on this connection, whether or not the target let us finish; none where it came to nothing.
    pub(super) fn on(connection: &Connection) -> Option<Self> {
        let (plan, _) = connection.planned()?;
        Some(Self {
            frames: frames(&plan.bytes),
            cuts: plan.cuts.clone(),
        })
    }

    /// Its frames in one line, the first of many; `packed` says whether compression was agreed on.
    pub(super) fn in_words(&self, packed: bool) -> String {
        let frames = self.frames.iter().take(SHOWN);
        let mut words: Vec<String> = frames.map(|frame| in_words(frame, packed)).collect();
        if self.frames.len() > SHOWN {
            words.push(format!("and {} more", self.frames.len() - SHOWN));
        }
        words.join(", ")
    }

    /// In the form of a file.
    pub(super) fn save(&self, case: &str) -> serde_json::Value {
        let frames = self.frames.iter().map(|frame| SavedFrame {
            opcode: frame.opcode.value(),
            fin: frame.fin,
            rsv: frame.rsv,
            key: match frame.masking {
                Masking::Key(key) => Some(hex(&key)),
                Masking::Random | Masking::None => None,
            },
            payload: hex(&frame.payload),
        });
        let saved = Saved {
            replay: VERSION,
            case: case.into(),
            cuts: self.cuts.clone(),
            frames: frames.collect(),
        };
        serde_json::to_value(saved).expect("text and numbers")
    }

    /// What was saved, and the case that it is of.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub(super) fn load(text: &str) -> Result<(String, Self), String> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if saved.replay != VERSION {
            return Err(format!(
                "this is a replay file of version {}, and only {VERSION} is known",
                saved.replay
            ));
        }
        let frame = |(index, saved): (usize, &SavedFrame)| {
            saved
                .frame()
                .map_err(|wrong| format!("frame {}: {wrong}", index + 1))
        };
        let frames = saved.frames.iter().enumerate().map(frame);
        let frames: Vec<Frame> = frames.collect::<Result<_, _>>()?;
        let total: usize = frames.iter().map(length).sum();
        if let Some(cut) = saved.cuts.iter().find(|cut| **cut > total) {
            return Err(format!(
                "`cuts`: {cut} lies behind the end of the frames, which are {total} bytes"
            ));
        }
        if !saved.cuts.is_sorted() {
            return Err("`cuts` must rise: they are counted from the first frame".into());
        }
        let exchange = Self {
            frames,
            cuts: saved.cuts,
        };
        Ok((saved.case, exchange))
    }
}

impl SavedFrame {
    fn frame(&self) -> Result<Frame, String> {
        let opcode = Opcode::new(self.opcode).ok_or("`opcode` has four bits: 0 to 15")?;
        if self.rsv > 7 {
            return Err("`rsv` has three bits: 0 to 7".into());
        }
        let payload = unhex(&self.payload).ok_or("`payload` is not hex")?;
        let key = match &self.key {
            None => Masking::None,
            Some(key) => Masking::Key(
                unhex(key)
                    .and_then(|key| key.try_into().ok())
                    .ok_or("`key` is not four bytes in hex")?,
            ),
        };
        let mut frame = Frame::new(opcode, payload).with_rsv(self.rsv).masked(key);
        frame.fin = self.fin;
        Ok(frame)
    }
}

fn in_words(frame: &Frame, packed: bool) -> String {
    let compressed =
        packed && frame.rsv & RSV1 != 0 && matches!(frame.opcode, Opcode::TEXT | Opcode::BINARY);
    let mut words = match compressed {
        true => format!("compressed {}", frame.opcode),
        false => frame.opcode.to_string(),
    };
    if !frame.fin {
        words.push_str(" FIN=0");
    }
    for (bit, name) in [(4, " RSV1"), (2, " RSV2"), (1, " RSV3")] {
        if frame.rsv & bit != 0 && !(compressed && bit == RSV1) {
            words.push_str(name);
        }
    }
    if frame.masking == Masking::None {
        words.push_str(" unmasked");
    }
    format!("{words} {}", bytes(frame.payload.len()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let bytes = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8);
    Some(bytes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded() {
        let exchange = Exchange {
            frames: vec![
                Frame::text("a")
                    .unfinished()
                    .masked(Masking::Key([0, 1, 2, 255])),
                Frame::continuation("b").with_rsv(2).masked(Masking::None),
            ],
            cuts: vec![3, 9],
        };
        let saved = exchange.save("ws/prop/legal-plain").to_string();
        let loaded = Exchange::load(&saved).expect("well-formed");
        assert_eq!(loaded, ("ws/prop/legal-plain".into(), exchange));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let frame = |frame: &str| format!(r#"{{"replay":1,"case":"x","frames":[{frame}]}}"#);
        let wrong = [
            (
                frame(r#"{"opcode":16,"key":null,"payload":""}"#),
                "frame 1: `opcode`",
            ),
            (
                frame(r#"{"opcode":1,"rsv":8,"key":null,"payload":""}"#),
                "frame 1: `rsv`",
            ),
            (
                frame(r#"{"opcode":1,"key":"00","payload":""}"#),
                "frame 1: `key`",
            ),
            (
                frame(r#"{"opcode":1,"key":null,"payload":"0"}"#),
                "frame 1: `payload`",
            ),
            (r#"{"replay":2,"case":"x","frames":[]}"#.into(), "version 2"),
            (
                r#"{"replay":1,"case":"x","cuts":[1],"frames":[]}"#.into(),
                "1 lies behind the end",
            ),
            (
                r#"{"replay":1,"case":"x","cuts":[2,1],"frames":[{"opcode":1,"key":null,"payload":"61"}]}"#
                    .into(),
                "must rise",
            ),
            ("{}".into(), "missing field"),
        ];
        for (text, expected) in wrong {
            let error = Exchange::load(&text).expect_err("wrong");
            assert!(error.contains(expected), "{error}");
        }
    }
}
