//! Compression used against the rules: RSV bits in the wrong place, and data that does not inflate.

use super::blocks::{Blocks, Symbol};
use super::talk::fragments;
use crate::case::{Case, Need};
use crate::ws::Frame;
use crate::ws::after_fault::{AfterFault, Offered};
use crate::ws::compression::NAME;
use pushspec_parser::ws::{Opcode, RSV2, RSV3};
use pushspec_reports::{Severity, Verdict};

const FAILED: &str = "the connection is failed; nothing behind the fault is processed";

const FAULTY: &str = "sent with a fault";
const LEGAL: &str = "sent without one";

/// What every server has to decline.
const UNACCEPTABLE: &str = "permessage-deflate; foo";

const CONTINUATION: &[&str] = &["rfc7692/6.1/receive-rsv1-continuation-fails"];
const CONTROL: &[&str] = &["rfc7692/6.1/receive-rsv1-control-fails"];
const RESERVED: &[&str] = &["rfc6455/5.2/rsv-nonzero-fails"];

/// This text in a block with the fixed code.
fn packed(text: &str) -> Vec<u8> {
    Blocks::default().literals(false, text.as_bytes()).message()
}

fn text(payload: &[u8]) -> Frame {
    Frame::text(payload).compressed()
}

fn case(
    id: &str,
    needs: &'static [Need],
    requirements: &'static [&'static str],
    fault: AfterFault,
) -> Case {
    let title = fault.fault.clone();
    Case::new(
        format!("ws/pmd-bad/{id}"),
        Severity::Major,
        needs,
        requirements,
        AfterFault {
            offer: fault.offer.or(Some(Offered::Accepted(NAME))),
            ..fault
        },
    )
    .about(title, FAILED)
}

const OPEN: &[Need] = &[Need::Open, Need::Deflate];
const ECHO: &[Need] = &[Need::Echo, Need::Deflate];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = bits();
    cases.extend(DATA.iter().map(|data| {
        let fault = AfterFault::new(
            format!("a compressed text with {}", data.fault),
            vec![text(&(data.payload)())],
            vec![text(&packed(LEGAL))],
        )
        .found_late()
        .standing_for(data.stands_for);
        let fault = AfterFault {
            processed: data.processed,
            mute: match data.processed {
                Verdict::Fail => Verdict::Fail,
                _ => Verdict::Info,
            },
            open: Some("ambiguity/deflate-cut-short"),
            ..fault
        };
        let id = format!("deflate-{}", data.id);
        let mut case = case(
            &id,
            ECHO,
            &["rfc7692/7.2.2/invalid-deflate-data"],
            fault,
        );
        if data.processed != Verdict::Fail {
            case.expected = "the connection is failed, or what came before the fault is delivered: that is recorded".into();
        }
        case
    }));
    let not_utf8 = Blocks::default().literals(false, b"caf\xe9").message();
    let not_utf8 = AfterFault::new(
        "a compressed text that is Latin-1",
        vec![text(&not_utf8)],
        vec![text(&packed(LEGAL))],
    )
    .found_late()
    .standing_for(*b"caf\xe9")
    .standing_for("caf\u{fffd}");
    let mut utf8 = case(
        "",
        ECHO,
        &["rfc7692/6.1/utf8-after-decompression"],
        not_utf8,
    );
    utf8.id = "ws/pmd/utf8-invalid".into();
    cases.push(utf8);
    cases
}

fn bits() -> Vec<Case> {
    let legal = || packed(LEGAL);
    let cut = |text: &str| {
        let payload = packed(text);
        let (head, rest) = payload.split_at(3);
        fragments(Opcode::TEXT, &[head, rest])
    };
    let mut marked = cut(FAULTY);
    marked[1] = marked[1].clone().compressed();
    let plain = |text: &str| {
        let (head, rest) = text.split_at(4);
        vec![Frame::text(head).unfinished(), Frame::continuation(rest)]
    };
    let mut plain_marked = plain(FAULTY);
    plain_marked[1] = plain_marked[1].clone().compressed();
    let twice = |frame: fn(Vec<u8>) -> Frame| {
        (
            vec![frame(FAULTY.into()).compressed()],
            vec![frame(LEGAL.into())],
        )
    };
    let (ping, legal_ping) = twice(Frame::ping);
    let (pong, legal_pong) = twice(Frame::pong);
    let (close, legal_close) = twice(|payload| Frame::close(1000, payload));
    // Binary: what is compressed is no UTF-8, which would be a second fault.
    let declined = AfterFault::new(
        "a binary message with RSV1 where compression was declined",
        vec![Frame::binary(packed(FAULTY)).compressed()],
        vec![Frame::binary(LEGAL)],
    )
    .standing_for(FAULTY)
    .offering(Offered::Declined(UNACCEPTABLE));
    let other = |bits: u8, name: &str| {
        case(
            &format!("rsv23-{}", name.to_ascii_lowercase()),
            OPEN,
            RESERVED,
            AfterFault::new(
                format!("a compressed text with {name} set beside RSV1"),
                vec![text(&packed(FAULTY)).with_rsv(bits | pushspec_parser::ws::RSV1)],
                vec![text(&legal())],
            )
            .standing_for(FAULTY),
        )
    };
    vec![
        case(
            "rsv1-continuation-compressed",
            OPEN,
            CONTINUATION,
            AfterFault::new(
                "a compressed text with RSV1 on its second fragment too",
                marked,
                cut(LEGAL),
            )
            .standing_for(FAULTY),
        ),
        case(
            "rsv1-continuation-plain",
            OPEN,
            CONTINUATION,
            AfterFault::new(
                "a text that is not compressed, with RSV1 on its second fragment",
                plain_marked,
                plain(LEGAL),
            ),
        ),
        case(
            "rsv1-control-ping",
            OPEN,
            CONTROL,
            AfterFault::new("a ping with RSV1", ping, legal_ping),
        ),
        case(
            "rsv1-control-pong",
            OPEN,
            CONTROL,
            AfterFault::new("a pong with RSV1", pong, legal_pong),
        ),
        case(
            "rsv1-control-close",
            OPEN,
            CONTROL,
            AfterFault::new("a Close with RSV1", close, legal_close),
        ),
        other(RSV2, "RSV2"),
        other(RSV3, "RSV3"),
        case(
            "rsv1-without-agreement",
            &[Need::Open],
            &[
                "rfc6455/5.2/rsv-nonzero-fails",
                "rfc6455/9.1/client-not-use-unless-accepted",
            ],
            declined,
        ),
    ]
}

/// Data that does not inflate.
struct Data {
    id: &'static str,
    /// Behind "a compressed text with".
    fault: &'static str,
    payload: fn() -> Vec<u8>,
    /// What whoever overlooks the fault makes of it.
    stands_for: &'static str,
    /// What it means that the fault is overlooked.
    processed: Verdict,
}

const DATA: &[Data] = &[
    Data {
        id: "type-3",
        fault: "a block of the reserved type 3",
        payload: || {
            let mut blocks = Blocks::default();
            blocks.literals(false, b"before it").bits(0b110, 3);
            blocks.message()
        },
        stands_for: "before it",
        processed: Verdict::Fail,
    },
    Data {
        id: "bad-lengths",
        fault: "a stored block whose two lengths differ",
        payload: || b"\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00".to_vec(),
        stands_for: "Hello",
        processed: Verdict::Fail,
    },
    Data {
        id: "bad-code",
        fault: "a block whose code has too many words",
        payload: || {
            let mut blocks = Blocks::default();
            // 257 and 1 words, described in 19 of one bit each: only two can be.
            blocks.bits(0b100, 3).bits(0, 5).bits(0, 5).bits(15, 4);
            for _ in 0..19 {
                blocks.bits(1, 3);
            }
            blocks.message()
        },
        stands_for: "",
        processed: Verdict::Fail,
    },
    Data {
        id: "far-distance",
        fault: "a distance beyond everything there was",
        payload: || {
            Blocks::default()
                .fixed(false, &[Symbol::Literal(b'x'), Symbol::Longest(500)])
                .message()
        },
        stands_for: "x",
        processed: Verdict::Fail,
    },
    // Inflaters give what there is and complain of nothing; the four bytes that are added even look like data.
    Data {
        id: "truncated",
        fault: "a stored block of 100 bytes of which 12 are there",
        payload: || {
            let mut blocks = Blocks::default();
            blocks.bits(0, 3).align();
            let mut payload = blocks.unfinished();
            payload.extend(*b"\x64\x00\x9b\xff");
            payload.extend(*b"only 12 here");
            payload
        },
        stands_for: "only 12 here",
        processed: Verdict::Warn,
    },
    Data {
        id: "trailing-junk",
        fault: "bytes behind its final block that are no block",
        payload: || {
            [
                Blocks::default().literals(true, b"final").unfinished(),
                vec![0xde, 0xad],
            ]
            .concat()
        },
        stands_for: "final",
        processed: Verdict::Info,
    },
    Data {
        id: "zlib-header",
        fault: "a zlib header before its data",
        payload: || [&b"\x78\x9c"[..], &packed(FAULTY)].concat(),
        stands_for: FAULTY,
        processed: Verdict::Fail,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use pushspec_parser::ws::deflate::{Decompressor, Direction};

    #[test]
    fn none_of_it_inflates() {
        for data in DATA {
            let mut decompressor = Decompressor::new(Direction::default(), 1 << 20);
            let outcome = decompressor.decompress(&(data.payload)());
            assert!(outcome.is_err(), "{}: {outcome:?}", data.id);
        }
    }
}
