//! Messages that look back as far as the window allows.

use super::blocks::{Blocks, Symbol};
use super::messages::{Row, must};
use super::talk::{Said, Talk, Wants};
use crate::ws::Frame;
use crate::ws::compression::{Compression, OFFER};
use crate::ws::echo::binary;
use pushspec_reports::Verdict;

/// The largest window.
const WINDOW: usize = 1 << 15;

const WINDOW_32K: &[&str] = &[
    "rfc7692/7.1.2.2/absent-means-server-32k",
    "rfc7692/7.2.2/server-window-32k",
];
const AGREED_WINDOW: &[&str] = &[
    "rfc7692/7.2.2/append-tail-inflate",
    "rfc7692/7.2.2/server-keeps-window",
    "rfc7692/7.2.2/server-window-32k",
];

/// Messages that look back to the very edge of a window of so many bytes: one within itself, and one, where it may look at
/// others, to the beginning of the one before. What lies there nowhere repeats itself.
struct Edge {
    stored: Vec<u8>,
}

impl Edge {
    fn of(window: usize) -> Self {
        Self {
            stored: binary(window),
        }
    }

    /// 258 bytes from as far back as can be.
    fn back(&self) -> (Symbol, Vec<u8>) {
        let again = self.stored.iter().cycle().take(258);
        let symbol = Symbol::Longest(self.stored.len() as u32);
        (symbol, again.copied().collect())
    }

    fn within(&self) -> Said {
        let (symbol, again) = self.back();
        let payload = Blocks::default()
            .stored(&self.stored)
            .fixed(false, &[symbol])
            .message();
        let meaning = [self.stored.clone(), again].concat();
        Said::new(vec![Frame::binary(payload).compressed()], meaning)
    }

    fn across(&self) -> [Said; 2] {
        let (symbol, again) = self.back();
        let said = |payload: Vec<u8>, meaning: Vec<u8>| {
            Said::new(vec![Frame::binary(payload).compressed()], meaning)
        };
        let first = Blocks::default().stored(&self.stored).message();
        let then = Blocks::default().fixed(false, &[symbol]).message();
        [said(first, self.stored.clone()), said(then, again)]
    }
}

/// At the edge of the window that was agreed on for the client.
fn agreed_edge(compression: &Compression) -> Vec<Said> {
    let client = compression.agreed().client;
    let edge = Edge::of(1 << client.window_bits.get());
    let mut said = vec![edge.within()];
    if client.context_takeover {
        said.extend(edge.across());
    }
    said
}

pub(super) fn rows() -> Vec<Row> {
    let within = |_: &Compression| vec![Edge::of(WINDOW).within()];
    let across = |_: &Compression| Edge::of(WINDOW).across().into();
    vec![
        must(
            "client-window-32k-within",
            "a message that looks back 32768 bytes within itself",
            WINDOW_32K,
            Talk::new(within).wanting(Wants::Window),
        ),
        must(
            "client-window-32k-across",
            "a message that looks back 32768 bytes, to the beginning of the one before",
            WINDOW_32K,
            Talk::new(across).wanting(Wants::HistoryAndWindow),
        ),
        must(
            "client-window-agreed",
            "an offer of client_max_window_bits without a number, as browsers make it, and messages that look back as far as the \
             answer allows, within themselves and to the beginning of the one before",
            AGREED_WINDOW,
            Talk::new(agreed_edge).offering(OFFER),
        ),
        must(
            "client-exceeds-hint",
            "a message that looks back 32768 bytes into the one before, where the client hinted at 256 and the answer did not \
             take it up",
            &["rfc7692/7.2.1/client-may-exceed-own-hint"],
            Talk::new(across)
                .offering("permessage-deflate; client_max_window_bits=8")
                .wanting(Wants::HistoryAndWindow)
                .weighing(Verdict::Warn)
                .leaving_open("ambiguity/deflate-window-hint"),
        )
        .minor(),
    ]
}
