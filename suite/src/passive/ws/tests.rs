//! Hand-made connections, and what each check says of them.

use super::CHECKS;
use super::frames::{CONTROL, LENGTH, MASK, OPCODE, RSV, SEQUENCE, TEXT};
use crate::declared::Reading;
use crate::passive::{Inspected, inspect};
use crate::target::Protocol;
use crate::transcript::{End, What};
use crate::ws::Frame;
use crate::ws::closing::{CONTESTABLE, WRONG};
use crate::ws::scene::Scene;
use pushspec_parser::Violation;
use pushspec_parser::ws::{LengthForm, Opcode};
use pushspec_reports::Verdict;

/// What checks make of a scene.
trait Shows {
    /// Every check that has something to say, and the verdicts of what it saw.
    #[track_caller]
    fn shows(self, expected: &[(&str, &[Verdict])]);

    fn inspected(self) -> Vec<(&'static str, Inspected)>;

    /// How many bytes a check had to judge.
    fn judged(self, name: &str) -> u64;
}

impl Shows for Scene {
    #[track_caller]
    fn shows(self, expected: &[(&str, &[Verdict])]) {
        let seen: Vec<(&str, Vec<Verdict>)> = self
            .inspected()
            .into_iter()
            .filter(|(_, inspected)| !inspected.sightings.is_empty())
            .map(|(name, inspected)| {
                let verdicts = inspected.sightings.iter().map(|sighting| sighting.verdict);
                (name, verdicts.collect())
            })
            .collect();
        let expected: Vec<(&str, Vec<Verdict>)> = expected
            .iter()
            .map(|(name, verdicts)| (*name, verdicts.to_vec()))
            .collect();
        assert_eq!(seen, expected);
    }

    fn inspected(self) -> Vec<(&'static str, Inspected)> {
        let connection = self.connection("scene");
        let names = CHECKS.iter().map(|check| {
            let (_, name) = check.id.rsplit_once('/').expect("a family");
            name
        });
        names
            .zip(inspect(
                Protocol::WebSocket,
                &connection,
                &Reading::default(),
            ))
            .collect()
    }

    fn judged(self, name: &str) -> u64 {
        let inspected = self.inspected();
        let found = inspected.iter().find(|(check, _)| *check == name);
        found.expect("a check").1.bytes
    }
}

const FAIL: &[Verdict] = &[Verdict::Fail];
const WARN: &[Verdict] = &[Verdict::Warn];
const INFO: &[Verdict] = &[Verdict::Info];

#[test]
fn every_rule_of_frames_belongs_to_one_check() {
    let lists = [
        MASK,
        RSV,
        OPCODE,
        LENGTH,
        CONTROL,
        SEQUENCE,
        TEXT,
        WRONG,
        CONTESTABLE,
        super::close::SECOND,
        super::close::DATA,
    ];
    for violation in Violation::ALL {
        let requirement = violation.requirement();
        let of_frames = ["rfc6455/5.", "rfc6455/7.", "rfc7692/"]
            .iter()
            .any(|prefix| requirement.starts_with(prefix));
        // What only clients do is not the target's.
        let expected = usize::from(of_frames && *violation != Violation::UnmaskedByClient);
        let count = lists.iter().filter(|list| list.contains(violation)).count();
        assert_eq!(count, expected, "{violation:?}");
    }
}

#[test]
fn ordinary_frames_show_nothing() {
    Scene::new()
        .we(Frame::text("hi"))
        .we(Frame::ping("p"))
        .they_send(Frame::text("hi"))
        .they_send(Frame::pong("p"))
        .we(Frame::close(1000, ""))
        .they_send(Frame::close(1000, ""))
        .fin()
        .shows(&[]);
}

#[test]
fn what_follows_a_switch_to_another_protocol_is_no_frame() {
    // SETTINGS of HTTP/2.
    let h2c = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n";
    let scene =
        || Scene::refused(h2c).they(b"\0\0\x0c\x04\0\0\0\0\0\0\x04\0\x01\0\0\0\x05\0\0\x40\0");
    scene().shows(&[]);
    assert_eq!(scene().judged("rsv"), 0);
}

#[test]
fn a_fault_of_ours_that_comes_back_belongs_to_the_case() {
    let rows: [(Frame, Frame); 7] = [
        (Frame::text("x").with_rsv(2), Frame::text("x").with_rsv(2)),
        (
            Frame::new(Opcode::new(3).unwrap(), "x"),
            Frame::new(Opcode::new(3).unwrap(), "x"),
        ),
        (
            Frame::text("x").with_length_form(LengthForm::Sixteen),
            Frame::text("x").with_length_form(LengthForm::Sixteen),
        ),
        (Frame::ping("x".repeat(126)), Frame::pong("x".repeat(126))),
        (Frame::text(b"\xff"), Frame::text(b"\xff")),
        (Frame::close(1005, ""), Frame::close(1005, "")),
        (Frame::close(1000, b"\xff"), Frame::close(1002, b"\xff")),
    ];
    for (ours, theirs) in rows {
        Scene::new().we(ours).they_send(theirs).shows(&[]);
    }
}

#[test]
fn a_fault_of_the_target_is_not_excused_by_another_of_ours() {
    // Another payload, another bit, another code; or our frame came later.
    let rsv = |bit| Frame::text("x").with_rsv(bit);
    Scene::new()
        .we(rsv(2))
        .they_send(rsv(1))
        .shows(&[("rsv", FAIL)]);
    Scene::new()
        .we(rsv(2))
        .they_send(Frame::text("error").with_rsv(2))
        .shows(&[("rsv", FAIL)]);
    Scene::new()
        .they_send(rsv(2))
        .we(rsv(2))
        .shows(&[("rsv", FAIL)]);
    Scene::new()
        .we(Frame::close(1005, ""))
        .they_send(Frame::close(1006, ""))
        .shows(&[("close-frame", FAIL)]);
    // Ours was legal: binary.
    Scene::new()
        .we(Frame::binary(b"\xff"))
        .they_send(Frame::text(b"\xff"))
        .shows(&[("text-utf8", FAIL)]);
}

#[test]
fn behind_the_first_fault_of_a_header_nothing_can_be_read() {
    // Payload that is read as a header: reserved bits, an opcode, a mask, a length. And so on behind it.
    let out_of_step = || Scene::new().they(b"\xf3\xfe\x00\x01abcd!\x0c\xf9\x88\x01x");
    out_of_step().shows(&[("rsv", FAIL)]);
    Scene::new()
        .they_send(Frame::text(b"\xff"))
        .they(b"\xf3\xfe\x00\x01abcd!\x0c\xf9\x88\x01x")
        .fin()
        .shows(&[("rsv", FAIL), ("text-utf8", FAIL)]);
    // What it gives back is no fault of its own, and leaves it in step.
    let rsv = || Frame::text("x").with_rsv(2);
    Scene::new()
        .we(rsv())
        .they_send(rsv())
        .they_send(Frame::text(b"\xff"))
        .shows(&[("text-utf8", FAIL)]);
    // Masks are a habit.
    Scene::new()
        .they(b"\x81\x81\0\0\0\0a")
        .they_send(Frame::text(b"\xff"))
        .shows(&[("mask", FAIL), ("text-utf8", FAIL)]);
}

#[test]
fn a_bad_text_comes_back_in_other_pieces_or_unfinished() {
    let scene = || {
        Scene::new()
            .we(Frame::text("caf").unfinished())
            .we(Frame::continuation(b"\xff").unfinished())
            .we(Frame::continuation("rest"))
    };
    scene().they_send(Frame::text(b"caf\xffrest")).shows(&[]);
    scene()
        .they_send(Frame::text("caf").unfinished())
        .they_send(Frame::continuation(b"\xff").unfinished())
        .shows(&[]);
    scene()
        .they_send(Frame::text(b"tea\xff"))
        .shows(&[("text-utf8", FAIL)]);
}

#[test]
fn closes_are_weighed_by_their_codes() {
    for (code, expected) in [
        (1014, None),
        (4999, None),
        (0, Some(FAIL)),
        (1015, Some(FAIL)),
        (1004, Some(WARN)),
        (1010, Some(WARN)),
        (2999, Some(WARN)),
        (5000, Some(INFO)),
    ] {
        let scene = Scene::new().they_send(Frame::close(code, ""));
        match expected {
            None => scene.shows(&[]),
            Some(verdict) => scene.shows(&[("close-frame", verdict)]),
        }
    }
    Scene::new()
        .they_send(Frame::close_with([3]))
        .shows(&[("close-frame", FAIL)]);
}

#[test]
fn an_abandoned_message_is_no_violation_and_what_stands_behind_a_close_is() {
    Scene::new()
        .they_send(Frame::text("half").unfinished())
        .they_send(Frame::close(1000, ""))
        .fin()
        .shows(&[]);
    Scene::new()
        .they_send(Frame::close(1000, ""))
        .they_send(Frame::text("late"))
        .shows(&[("no-data-after-close", FAIL)]);
    // Ours behind our Close excuses nothing.
    Scene::new()
        .we(Frame::close(1000, ""))
        .we(Frame::text("late"))
        .they_send(Frame::close(1000, ""))
        .they_send(Frame::text("late"))
        .shows(&[("no-data-after-close", FAIL)]);
}

#[test]
fn text_is_told_from_frames() {
    let closed = || Scene::new().they_send(Frame::close(1000, ""));
    for text in [
        &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n\xff\xfe"[..],
        b"Connection closed\n",
        b"\r\n",
        b"\n",
        b"0\r\n\r\n",
        "<p>zwölf</p>".as_bytes(),
    ] {
        closed().they(text).fin().shows(&[("trailing-bytes", FAIL)]);
        Scene::new()
            .they(text)
            .fin()
            .shows(&[("trailing-bytes", FAIL)]);
    }
    // A frame that is cut short by the end is noted, wherever the cut is.
    for cut in [&b"\x81"[..], b"\x81\x05", b"\x81\x05he"] {
        Scene::new()
            .they(cut)
            .fin()
            .shows(&[("trailing-bytes", INFO)]);
        // While TCP is open, the rest may still come; a reset throws away what is on its way.
        Scene::new().they(cut).shows(&[]);
        Scene::new()
            .they(cut)
            .and(What::Ended(End::Reset))
            .shows(&[]);
    }
    // A payload that is printable does not make a broken frame text.
    Scene::new()
        .they_send(Frame::text("pushspec").with_rsv(4))
        .shows(&[("rsv", FAIL)]);
}

#[test]
fn text_that_gives_back_ours_belongs_to_the_case() {
    let request = b"GET / HTTP/1.1\r\n\r\n";
    Scene::new()
        .we_write(request)
        .they(request)
        .fin()
        .shows(&[]);
}

#[test]
fn pongs_are_matched_one_by_one() {
    Scene::new()
        .we(Frame::ping("a"))
        .we(Frame::ping("a"))
        .they_send(Frame::pong("a"))
        .they_send(Frame::pong("a"))
        .shows(&[]);
    Scene::new()
        .we(Frame::ping("a"))
        .they_send(Frame::pong("a"))
        .they_send(Frame::pong("a"))
        .they_send(Frame::pong("b"))
        .shows(&[("pong-matches", &[Verdict::Info, Verdict::Info])]);
    Scene::new()
        .they_send(Frame::pong("a"))
        .we(Frame::ping("a"))
        .shows(&[("pong-matches", INFO)]);
}

#[test]
fn checks_count_the_bytes_that_they_judge() {
    let scene = || {
        Scene::new()
            .they_send(Frame::text("hi"))
            .they_send(Frame::binary("hi").unfinished())
            .they_send(Frame::continuation("hi"))
            .they_send(Frame::close(1000, ""))
    };
    for (check, bytes) in [
        ("mask", 16),
        ("control", 4),
        ("sequence", 12),
        ("text-utf8", 4),
        ("close-frame", 4),
        ("no-data-after-close", 4),
        ("trailing-bytes", 16),
        ("pong-matches", 0),
        ("server-ping", 0),
        ("pmd-decodes", 0),
    ] {
        assert_eq!(scene().judged(check), bytes, "{check}");
    }
}

#[test]
fn a_refused_handshake_is_not_judged() {
    let scene = Scene::refused(b"HTTP/1.1 403 Forbidden\r\n\r\nno");
    for (check, inspected) in scene.inspected() {
        assert_eq!(inspected, Inspected::default(), "{check}");
    }
}
