//! A `Host` field that is missing, stands twice or is none: 400, says RFC 9112 section 3.2.

use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::http::Request;
use crate::judgement::Judgement;
use crate::sse::{Answer, another_reason, ask, streams};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};

const REQUEST: &str = "request";

/// The same with one Host, where that is neither served nor refused by 400.
const ORDINARY: &str = "ordinary";

/// A row of the table.
struct Host {
    /// The last word of the id.
    name: &'static str,
    requirements: &'static [&'static str],
    title: &'static str,
    /// What is done to the request.
    spoil: fn(&mut Request),
    /// What it means that the request is served. A value that is none may be read as one by a server that does not
    /// look: contestable.
    served: Verdict,
}

const ROWS: [Host; 3] = [
    Host {
        name: "missing",
        requirements: &["rfc9112/3.2/host-missing-400"],
        title: "a request without Host",
        spoil: |request| {
            request.remove("Host");
        },
        served: Verdict::Fail,
    },
    Host {
        name: "duplicate",
        requirements: &["rfc9112/3.2/host-duplicate-400"],
        title: "a request with two equal Host lines",
        spoil: |request| {
            if let Some(host) = request.value("Host").map(<[u8]>::to_vec) {
                request.add("Host", host);
            }
        },
        served: Verdict::Fail,
    },
    Host {
        name: "invalid",
        requirements: &["rfc9112/3.2/host-invalid-400"],
        title: "a request with Host: a b",
        spoil: |request| {
            request.set("Host", "a b");
        },
        served: Verdict::Warn,
    },
];

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Host| {
        let id = format!("sse/resp/no-host-{}", row.name);
        let title = row.title;
        Case::new(id, Severity::Minor, &[Need::Sse], row.requirements, row).about(title, "400")
    };
    ROWS.into_iter().map(case).collect()
}

impl Experiment for Host {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::stream(&stage.setting);
            (self.spoil)(&mut request);
            let exchange = ask(stage, REQUEST, &request).await;
            let status = exchange.heard().first().map(|reply| reply.head.status);
            if status != Some(400) && !streams(exchange.heard()) {
                ask(stage, ORDINARY, &Request::stream(&stage.setting)).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, REQUEST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let ordinary = Answer::on(transcript, ORDINARY, &[]);
        if let Some(judgement) = another_reason("such a Host", &answer, ordinary) {
            return judgement;
        }
        let came = answer.in_words();
        let graded = |verdict| match (verdict, reading.profile) {
            (Verdict::Warn, Profile::Strict) => Verdict::Fail,
            (verdict, _) => verdict,
        };
        let judgement = match answer.status() {
            Some(400) => return Judgement::pass("answered by 400").at(answer.spot()),
            // That a crowd makes no server do, unless it is how one refuses.
            Some(200..=299) if answer.streams() => {
                return Judgement::new(
                    graded(self.served),
                    format!(
                        "served all the same, by {came}: servers and proxies may disagree on whom the request is for"
                    ),
                )
                .at(answer.spot());
            }
            Some(200..=299) => Judgement::new(
                graded(self.served),
                format!(
                    "answered by {came}, as if all were well: servers and proxies may disagree on whom the request is for"
                ),
            ),
            Some(_) | None => Judgement::new(
                graded(Verdict::Warn),
                format!("answered by {came}, where 400 says what is wrong"),
            ),
        };
        let judgement = match answer.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
        judgement.to_confirm_alone().at(answer.spot())
    }
}
