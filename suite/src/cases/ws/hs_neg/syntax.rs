//! Requests that break the grammar of HTTP/1.1 in one line.

use super::refusal::{Due, Family, Member, Terms, twin_unless_accepted};
use super::unended;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::FAULT;
use crate::ws::{Dialogue, Opened};
use pushspec_reports::{Severity, Verdict, printable};

/// What becomes of a line that two parties read in two ways.
const SMUGGLED: &str =
    "a proxy in front that reads this line in another way is led to pass on what it should stop";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES.iter().flat_map(Family::cases).chain(controls())
}

static FAMILIES: &[Family] = &[
    Family {
        severity: Severity::Major,
        requirements: &["rfc9112/5.1/space-before-colon-400"],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Status(400),
        expected: "400: nothing stands between a field name and its colon",
        members: &[
            Member {
                id: "space-before-colon-key",
                what: "a handshake with a blank between Sec-WebSocket-Key and its colon",
                spoil: |request, _| {
                    request.rename("Sec-WebSocket-Key", "Sec-WebSocket-Key ");
                },
                suffers: SMUGGLED,
            },
            Member {
                id: "space-before-colon-host",
                what: "a handshake with a blank between Host and its colon",
                spoil: |request, _| {
                    request.rename("Host", "Host ");
                },
                suffers: SMUGGLED,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc9112/5.2/obs-fold"],
        accepted: Verdict::Pass,
        open: None,
        due: Due::Status(400),
        expected: "400, or 101 where the fold is read as a blank",
        members: &[Member {
            id: "obs-fold",
            what: "a handshake with Connection folded over two lines",
            spoil: |request, _| {
                request.set("Connection", "keep-alive,\r\n Upgrade");
            },
            suffers: "",
        }],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc9112/2.2/whitespace-before-first-field"],
        // The line holds Upgrade itself: whoever answers 101 has read it.
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "400; or the line is ignored, and what is left asks for no WebSocket",
        members: &[Member {
            id: "blank-first-field",
            what: "a handshake with Upgrade on a blank-led line right behind the request line",
            spoil: |request, _| {
                request.rename("Upgrade", " Upgrade");
                request.reorder(|fields| {
                    let upgrade = fields.iter().position(|(name, _)| name == b" Upgrade");
                    fields[..=upgrade.unwrap_or_default()].rotate_right(1);
                });
            },
            suffers: SMUGGLED,
        }],
    },
];

const NOT_REFLECTED: &[&str] = &["rfc9112/2.2/bare-cr", "rfc9110/5.5/ctl-in-value"];

fn controls() -> impl Iterator<Item = Case> {
    let case = |id, what, sent| {
        let requirements: &[&str] = NOT_REFLECTED;
        Case::new(
            format!("ws/hs-neg/{id}"),
            Severity::Minor,
            &[Need::Open],
            requirements,
            Controls { what, sent },
        )
        .about(
            what,
            "refused, or read with a blank in its place; it never comes back in the response",
        )
    };
    let cr = case(
        "bare-cr-nul-cr",
        "a handshake with a CR in a field value that no LF follows",
        Sent::Value(b"pushspec\rcontrol"),
    );
    let nul = case(
        "bare-cr-nul-nul",
        "a handshake with a NUL in a field value",
        Sent::Value(b"pushspec\0control"),
    );
    let lf = case(
        "bare-cr-nul-lf-only",
        "a handshake whose lines end in LF alone",
        Sent::BareLf,
    );
    [cr, nul, lf].into_iter()
}

/// What is wrong.
enum Sent {
    /// The value of a field.
    Value(&'static [u8]),
    /// Every line end.
    BareLf,
}

struct Controls {
    what: &'static str,
    sent: Sent,
}

impl Experiment for Controls {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, FAULT);
            let bytes = match self.sent {
                Sent::Value(value) => request.add("X-Pushspec", value).encode().to_vec(),
                Sent::BareLf => {
                    let bytes = request.encode();
                    bytes
                        .iter()
                        .copied()
                        .filter(|byte| *byte != b'\r')
                        .collect()
                }
            };
            let mut conversation = unended::ask(stage, bytes).await;
            conversation.part().await;
            drop(conversation);
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        if let Sent::Value(value) = self.sent
            && let Some(offset) = reflected(transcript, value)
        {
            return Judgement::fail(format!(
                "{} comes back as it was sent, {:?}: a page on another site can plant fields into responses that a \
                 proxy keeps for other users",
                self.what,
                printable(value, 40)
            ))
            .by("rfc9110/5.5/ctl-in-value")
            .at(Spot::received(FAULT, offset));
        }
        // LF alone may be no line end to a server: to it the request has not ended, and it may wait.
        if let (Sent::BareLf, true) = (&self.sent, unended::was_ended(transcript)) {
            return Judgement::info("the server waits for CRLF: to it the request has no end")
                .to_confirm_alone();
        }
        let terms = Terms {
            what: self.what,
            accepted: Verdict::Pass,
            open: None,
            due: Due::Error,
            suffers: "",
            requirements: NOT_REFLECTED,
        };
        terms.judge(transcript, reading)
    }
}

/// Where the head of the response holds this value; a page that quotes it plants nothing.
fn reflected(transcript: &Transcript, value: &[u8]) -> Option<u64> {
    let fault = transcript.connection(FAULT)?;
    let Opened::Response { head, offset, .. } = Dialogue::of(fault).opened else {
        return None;
    };
    let received = fault.received();
    let begin = offset as usize;
    let head = received.get(begin..begin + head.len)?;
    let within = head.windows(value.len()).position(|seen| seen == value)?;
    Some(offset + within as u64)
}
