//! Peers that break no rule, each in a way of its own: none is blamed for it, and none is left without a verdict.

use crate::bench::Bench;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::wire::Peer;
use pushspec_fixtures::ws::{
    EchoPeer, FrameDefect, FrameReaction, Message, Outgoing, Parameters, Policy, Turn, opcode,
};
use pushspec_reports::{Report, Verdict};
use std::sync::Arc;

/// Runs cases against the strict peer with another policy, and with this limit declared.
fn check(cases: &[&str], limit: Option<u64>, change: fn(&mut Policy)) -> Report {
    let bench = Bench {
        declared: Some(Declared {
            message_limit: limit,
            ..Declared::default()
        }),
        ..Bench::default()
    };
    bench.check(Protocol::WebSocket, cases, move || -> Arc<dyn Peer> {
        let mut policy = Policy::default();
        change(&mut policy);
        Arc::new(EchoPeer::new(policy))
    })
}

#[track_caller]
fn assert_all(report: &Report, verdict: Verdict) {
    for result in &report.results {
        let said = format!("{}: {} {}", result.case, result.verdict, result.observed);
        assert_eq!(result.verdict, verdict, "{said}");
    }
}

/// In so many fragments, as far as there are bytes.
fn cut(message: Message, fragments: usize) -> Vec<Outgoing> {
    let Outgoing {
        opcode, payload, ..
    } = message.into_frame();
    let size = payload.len().div_ceil(fragments).max(1);
    let mut pieces: Vec<&[u8]> = payload.chunks(size).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    let last = pieces.len() - 1;
    let frame = |(index, piece): (usize, &&[u8])| {
        let opcode = if index == 0 {
            opcode
        } else {
            opcode::CONTINUATION
        };
        let frame = Outgoing::new(opcode, *piece);
        if index == last {
            frame
        } else {
            frame.unfinished()
        }
    };
    pieces.iter().enumerate().map(frame).collect()
}

fn pinged(_: &mut Turn, message: Message) -> Vec<Outgoing> {
    let mut frames = cut(message, 3);
    frames.push(Outgoing::new(opcode::PING, *b"and you?"));
    frames
}

#[test]
fn fragments_and_pings_between_echoes_are_heard_out() {
    let cases = ["ws/frame/*", "ws/frag/*", "ws/prop/legal-*"];
    let report = check(&cases, None, |policy| policy.frames.echo = pinged);
    assert_all(&report, Verdict::Pass);
}

#[test]
fn fragments_of_a_byte_are_heard_out() {
    let cases = ["ws/frame/echo-*", "ws/frame/mask-*"];
    let report = check(&cases, None, |policy| {
        policy.frames.echo = |_, message| cut(message, 2000);
    });
    assert_all(&report, Verdict::Pass);
}

/// Not all of that is read, and what was not read is not missing.
#[test]
fn too_many_fragments_prove_nothing() {
    let report = check(&["ws/frame/coalesced"], None, |policy| {
        policy.frames.echo = |_, message| cut(message, 2000);
    });
    assert_all(&report, Verdict::Inconclusive);
}

#[test]
fn a_window_that_was_agreed_on_is_enough() {
    let cases = [
        "ws/pmd/client-window-agreed",
        "ws/pmd/param-matrix-client-mwb",
        "ws/prop/*-compressed",
    ];
    let report = check(&cases, None, |policy| {
        policy.deflate.choose = |offers| {
            let first = offers.iter().flatten().next()?;
            Some(Parameters {
                client_bits: first.client_bits.map(|_| Some(9)),
                ..first.granted()
            })
        };
    });
    assert_all(&report, Verdict::Pass);
}

/// As some servers do, which have the code for a policy at hand.
fn refuses_large_by_1008(policy: &mut Policy) {
    policy.frames.message_limit = 65_536;
    policy.frames.on_defect =
        |defect, _| matches!(defect, FrameDefect::TooBig(_)).then_some(FrameReaction::Fail(1008));
}

#[test]
fn a_limit_told_by_1008_is_a_limit() {
    let cases = ["ws/frame/echo-text-65537", "ws/frame/echo-binary-66051"];
    assert_all(&check(&cases, None, refuses_large_by_1008), Verdict::Info);
    let declared = Some(65_536);
    assert_all(
        &check(&cases, declared, refuses_large_by_1008),
        Verdict::Warn,
    );
    // What is within the limit has to come back.
    let too_low = check(&cases, Some(100_000), refuses_large_by_1008);
    assert_all(&too_low, Verdict::Fail);
}

#[test]
fn a_limit_hides_what_is_wrong_in_a_longer_text() {
    let report = check(&["ws/utf8/invalid-mid-long-*"], None, |policy| {
        policy.frames.message_limit = 1024;
    });
    assert_all(&report, Verdict::Info);
}
