//! Peers that break no rule, each in a way of its own: none is blamed for it, and none is left without a verdict.

use crate::bench::Bench;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::wire::{Connection, Peer, Serving, pair};
use pushspec_fixtures::ws::{
    EchoPeer, FrameDefect, FrameReaction, Message, Outgoing, Parameters, Policy, Turn, opcode,
};
use pushspec_reports::{Report, Verdict};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, split};

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

#[track_caller]
fn assert_none_blamed(report: &Report) {
    for result in &report.results {
        let said = format!("{}: {} {}", result.case, result.verdict, result.observed);
        assert!(
            !matches!(
                result.verdict,
                Verdict::Fail | Verdict::Warn | Verdict::Error
            ),
            "{said}"
        );
    }
}

/// Each echo that fits goes out with the next one only: a limit is told before the echoes of what came before.
#[test]
fn a_limit_in_the_middle_of_many_messages_is_a_limit() {
    let report = check(&["ws/pmd/corpora-*", "ws/prop/legal-*"], None, |policy| {
        policy.frames.message_limit = 5000;
    });
    assert_none_blamed(&report);
    let report = check(&["ws/pmd/corpora-*"], None, |policy| {
        policy.frames.message_limit = 5000;
        policy.frames.echo = |turn, message| {
            turn.held.push(message.into_frame());
            match turn.held.len() {
                1..4 => Vec::new(),
                _ => turn.held.drain(..).collect(),
            }
        };
        policy.frames.at_read_end = |turn| turn.held.drain(..).collect();
    });
    assert_none_blamed(&report);
}

fn acknowledged(_: &mut Turn, message: Message) -> Vec<Outgoing> {
    vec![Outgoing::new(opcode::TEXT, *b"ack"), message.into_frame()]
}

#[test]
fn words_of_the_targets_own_are_no_echoes() {
    let cases = [
        "ws/frag/one-byte",
        "ws/frag/pings-with-pauses-*",
        "ws/ctl/ping-during-echo",
        "ws/utf8/all-scalars",
        "ws/frame/coalesced",
        "ws/prop/legal-plain",
    ];
    let report = check(&cases, None, |policy| policy.frames.echo = acknowledged);
    assert_none_blamed(&report);
}

fn three_and_good_bye(turn: &mut Turn, message: Message) -> Vec<Outgoing> {
    match turn.messages {
        0..3 => vec![message.into_frame()],
        _ => vec![Outgoing::close(1001, "enough")],
    }
}

/// RFC 6455, 7.3: either side may close at any time.
#[test]
fn a_good_bye_is_no_fault() {
    let cases = [
        "ws/frame/*",
        "ws/frag/*",
        "ws/utf8/valid-*",
        "ws/pmd/corpora-*",
        "ws/prop/legal-*",
    ];
    let report = check(&cases, None, |policy| {
        policy.frames.echo = three_and_good_bye
    });
    assert_none_blamed(&report);
}

/// A good-bye over what was said, each time, is one by name alone.
#[test]
fn a_good_bye_in_place_of_an_echo_is_a_fault() {
    let cases = ["ws/frag/two-*", "ws/pmd/echo-text-126"];
    let report = check(&cases, None, |policy| {
        policy.frames.echo = |_, message| match message.fragments > 1 || message.compressed {
            true => vec![Outgoing::close(1000, "")],
            false => vec![message.into_frame()],
        }
    });
    assert_all(&report, Verdict::Fail);
}

#[test]
fn a_target_that_closes_every_connection_proves_nothing() {
    let cases = [
        "ws/ctl/ping-*",
        "ws/ctl/pong-stray-*",
        "ws/close/code*",
        "ws/close/behind-ping",
    ];
    let report = check(&cases, None, |policy| {
        policy.frames.hello = |_| vec![Outgoing::close(4406, "Subprotocol not acceptable")];
    });
    assert_none_blamed(&report);
    let advised = |observed: &str| observed.contains("--subprotocol");
    assert!(
        report
            .results
            .iter()
            .any(|result| advised(&result.observed))
    );
}

/// A peer that says nothing for a while when it has heard a large message.
struct Sluggish {
    peer: Arc<EchoPeer>,
    pause: Duration,
}

/// What it takes for large.
const LARGE: u64 = 1 << 20;

impl Peer for Sluggish {
    fn serve(self: Arc<Self>, connection: Box<dyn Connection>) -> Serving {
        Box::pin(async move {
            let (near, far) = pair(64 * 1024);
            let serving = Arc::clone(&self.peer).serve(Box::new(far));
            let (mut heard, mut says) = split(connection);
            let (mut echoed, mut asks) = split(near);
            let up = async {
                let _ = copy(&mut heard, &mut asks).await;
                let _ = asks.shutdown().await;
            };
            let down = async {
                let mut buffer = vec![0; 64 * 1024];
                let mut total = 0;
                while let Ok(count @ 1..) = echoed.read(&mut buffer).await {
                    total += count as u64;
                    if total > LARGE && total - count as u64 <= LARGE {
                        tokio::time::sleep(self.pause).await;
                    }
                    if says.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
                let _ = says.shutdown().await;
            };
            tokio::join!(serving, up, down);
        })
    }
}

/// What a peer that needs so long for a large message is told.
fn slow(pause: Duration) -> Report {
    Bench::default().check(
        Protocol::WebSocket,
        &["ws/perf/fragmented-4m-text-64k"],
        move || {
            let peer = Arc::new(EchoPeer::new(Policy::default()));
            Arc::new(Sluggish { peer, pause })
        },
    )
}

#[test]
fn a_slow_target_is_not_silent() {
    assert_all(&slow(Duration::from_secs(6)), Verdict::Pass);
    let hung = slow(Duration::from_secs(30));
    assert_all(&hung, Verdict::Inconclusive);
    assert!(hung.results[0].observed.contains("--patience"));
    let swallows = check(&["ws/perf/fragmented-4m-text-64k"], None, |policy| {
        policy.frames.echo = |_, message| match message.payload.len() as u64 >= LARGE {
            true => Vec::new(),
            false => vec![message.into_frame()],
        }
    });
    assert_all(&swallows, Verdict::Fail);
}
