//! The declared path that redirects to the stream, followed as Fetch follows.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, Leads, ask, leads};
use crate::stage::{Setting, Stage};
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use url::{Position, Url};

/// One label for each request: Fetch follows twenty redirects, and the one behind them is an error.
pub(super) const HOPS: [&str; 21] = [
    "redirect", "hop-1", "hop-2", "hop-3", "hop-4", "hop-5", "hop-6", "hop-7", "hop-8", "hop-9",
    "hop-10", "hop-11", "hop-12", "hop-13", "hop-14", "hop-15", "hop-16", "hop-17", "hop-18",
    "hop-19", "hop-20",
];

const LOCATION: &str = "fetch/redirect/missing-location";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/resp/redirect",
        Severity::Major,
        &[Need::Sse, Need::EventSource, Need::RedirectingPath],
        &[
            "sse/9.2.1/redirect-301-307",
            "fetch/redirect/statuses",
            LOCATION,
            "fetch/redirect/http-only",
            "fetch/redirect/limit-20",
        ],
        Redirect,
    );
    vec![case.about(
        "the path that is declared to redirect, and where it leads",
        "301, 302, 303, 307 or 308 with a Location that leads to the stream",
    )]
}

struct Redirect;

fn request(setting: &Setting, path: &str) -> Request {
    let mut request = Request::event_source(setting);
    request.target = path.as_bytes().to_vec();
    request
}

impl Experiment for Redirect {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let Some(mut path) = stage.setting.declared.redirecting_path.clone() else {
                return;
            };
            for label in HOPS {
                let exchange = ask(stage, label, &request(&stage.setting, &path)).await;
                let Some(reply) = exchange.heard().first() else {
                    return;
                };
                let Some(base) = stage.setting.target.url_of(&path) else {
                    return;
                };
                match leads(reply, &base) {
                    Leads::To(next) if next.origin() == base.origin() => {
                        path = next[Position::BeforePath..Position::AfterQuery].to_owned();
                    }
                    Leads::To(_) | Leads::Missing | Leads::Broken | Leads::Nowhere => return,
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let mut hops = Vec::new();
        for label in HOPS {
            if transcript.connection(label).is_none() {
                break;
            }
            match Answer::of(transcript, label, &[]) {
                Ok(answer) => hops.push(answer),
                Err(judgement) => return judgement,
            }
        }
        let Some(last) = hops.last() else {
            return Judgement::inconclusive("no redirecting path was declared");
        };
        judge(&hops, last).to_confirm_alone()
    }
}

/// Judges the last answer by the ones before it.
fn judge(hops: &[Answer], last: &Answer) -> Judgement {
    let came = last.in_words();
    let location = |reply: &Reply| {
        let location = reply.head.first("location").unwrap_or_default();
        format!("`{}`", printable(location, 80))
    };
    let Some(reply) = last.reply() else {
        let judgement = Judgement::fail(format!(
            "behind {} redirects the request is answered by {came}: an EventSource never gets its stream",
            hops.len() - 1
        ))
        .at(last.spot());
        return match last.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    };
    let judgement = match leads(reply, &any_base()) {
        Leads::Missing => Judgement::fail(format!(
            "answered by {came} without Location: to an EventSource that is the final answer, and an error"
        ))
        .by(LOCATION),
        Leads::Broken => Judgement::fail(format!(
            "answered by {came} with Location {}, which is no URL that can be followed",
            location(reply)
        ))
        .by("fetch/redirect/http-only"),
        Leads::To(_) if hops.len() == HOPS.len() && hops.iter().any(sets_a_cookie) => {
            Judgement::info(format!(
                "{} redirects in a row lead to no stream, perhaps for want of the cookie that was set",
                hops.len()
            ))
        }
        Leads::To(_) if hops.len() == HOPS.len() => Judgement::fail(format!(
            "{} redirects in a row lead to no stream: clients give up on a loop",
            hops.len()
        ))
        .by("fetch/redirect/limit-20"),
        Leads::To(_) => Judgement::info(format!(
            "leads to another server, which was not asked: {}",
            location(reply)
        )),
        Leads::Nowhere if hops.len() == 1 && reply.is_event_stream() => {
            Judgement::info("declared to redirect, but the path streams by itself")
        }
        Leads::Nowhere if hops.len() == 1 => Judgement::fail(format!(
            "declared to redirect, but answered by {came}: an EventSource follows redirects of HTTP, and reads neither \
             pages nor scripts"
        )),
        Leads::Nowhere if reply.is_event_stream() => {
            let statuses: Vec<String> = hops
                .iter()
                .filter_map(Answer::status)
                .map(|status| status.to_string())
                .collect();
            Judgement::pass(format!("leads to the stream: {}", statuses.join(", ")))
        }
        Leads::Nowhere => Judgement::fail(format!(
            "leads to {came}, which is no stream: an EventSource reports an error and does not come back"
        )),
    };
    judgement.at(last.field_spot("location"))
}

/// Whether the server may know a client that comes back: one that keeps cookies gets another answer then.
fn sets_a_cookie(answer: &Answer) -> bool {
    answer
        .reply()
        .is_some_and(|reply| reply.head.first("set-cookie").is_some())
}

/// A base for any Location: a judge need not know whether it leads to the same server, for the drive has followed it
/// as far as it did.
fn any_base() -> Url {
    Url::parse("http://server.invalid/").expect("a URL")
}
