//! Whether an event stream target gives a stream that clients take, and whether it plays scripts.

use super::{Offer, Outcome, doubt, room, unanswered};
use crate::case::Need;
use crate::http::{Exchange, REDIRECTS, Replies, Reply, Request};
use crate::listening::Waited;
use crate::sse::{Answer, Leads, Read, ask, leads, script, settle, streams};
use crate::stage::{Setting, Stage};
use crate::target::Target;
use crate::transcript::Connection;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::printable;
use rand_chacha::rand_core::RngCore as _;
use std::sync::Arc;
use tokio::time::Instant;
use url::{Position, Url};

/// How many times patience the head of a stream may take before there is none.
const LATE: u32 = 3;

/// Asks as an EventSource does, or by the POST that was declared, and notes what comes; for so many cases side by side.
pub(super) async fn probe(offer: &mut Offer, stage: &Stage, jobs: usize) {
    let timing = stage.setting.timing;
    let began = Instant::now();
    let request = Request::stream(&stage.setting);
    let mut exchange = Exchange::get(stage, "probe", &request).await;
    // A head that waits for the first event is a fault to be found, not a target that is not there.
    let waited = exchange.answered_within(LATE * timing.patience).await;
    let head_after = began.elapsed();
    offer.greeting = head_after;
    if waited == Waited::Met {
        settle(&mut exchange).await;
    }
    let streamed = streams(exchange.heard());
    if waited == Waited::Met && 2 * head_after > timing.patience {
        offer.late = Some(head_after);
        // How long an application is silent says nothing of how long its server takes.
        let begun = |heard: &Replies| heard.first().is_some_and(|reply| !reply.pieces.is_empty());
        exchange.listen_until(timing.at_once / 10, begun).await;
        offer.head_waits = streamed && begun(exchange.heard());
    }
    if exchange.heard().first().is_some_and(Reply::is_event_stream) {
        (offer.room, offer.slowest) = room::probe(stage, jobs, exchange, began, head_after).await;
    } else {
        drop(exchange);
    }
    let transcript = stage.transcript();
    let answer = match Answer::of(&transcript, "probe", &[]) {
        Ok(answer) if answer.reply().is_some() => answer,
        Ok(answer) if !answer.is_silent() => {
            let came = answer.in_words();
            let doubt = doubt(stage);
            return set_stream(
                offer,
                false,
                &format!("the request was answered by {came}: {doubt}"),
            );
        }
        Ok(_) | Err(_) => return set_stream(offer, false, &unanswered(&transcript, stage)),
    };
    if answer.reply().is_some_and(Reply::is_event_stream) {
        set_stream(offer, true, "answered 200 with text/event-stream");
    } else if stage.setting.declared.post.is_none() && answer.reply().is_some_and(is_redirect) {
        let came = answer.in_words();
        match follow(stage, &answer).await {
            Ok(target) => {
                let reason = format!("answered {came}, which leads to a stream: {target}");
                set_stream(offer, true, &reason);
                offer.moved = Some(Arc::new(target));
            }
            Err(why) => set_stream(
                offer,
                false,
                &format!("the request of an EventSource was answered by {came}: {why}"),
            ),
        }
    } else if streamed {
        let came = format!("an event stream came under {}", answer.in_words());
        let wanted = match stage.setting.declared.post {
            None => "an EventSource takes 200 and text/event-stream alone",
            Some(_) => "200 and text/event-stream say that one comes",
        };
        offer.set(Need::Sse, false, &format!("{came}: {wanted}"));
        offer.set(Need::Stream, true, &came);
    } else if stage.setting.declared.post.is_some() {
        let came = answer.in_words();
        let advice = advice_on_post(&answer);
        set_stream(
            offer,
            false,
            &format!("the POST was answered by {came}, which is no event stream: {advice}"),
        );
    } else {
        let came = format!(
            "the request of an EventSource was answered by {}",
            answer.in_words()
        );
        let bare = ask(stage, "bare", &Request::get(&stage.setting)).await;
        if streams(bare.heard()) {
            let reason = "a request without Accept and cache fields gets an event stream";
            offer.set(Need::Sse, false, &format!("{came}, although {reason}"));
            offer.set(Need::Stream, true, reason);
        } else {
            set_stream(offer, false, &format!("{came}: {}", advice(&answer)));
        }
    }
}

/// Where redirects lead that stay on the server, if that is a stream.
///
/// # Errors
/// What comes of them instead, and what to do.
async fn follow(stage: &Stage, first: &Answer) -> Result<Target, String> {
    let target = &stage.setting.target;
    let mut path = target.path.clone();
    let mut answer = first.clone();
    let (mut seen, mut gives_cookies) = (vec![path.clone()], false);
    for _ in 0..=REDIRECTS {
        let (Some(reply), Some(base)) = (answer.reply(), target.url_of(&path)) else {
            break;
        };
        match leads(reply, &base) {
            Leads::To(next) if next.origin() == base.origin() => {
                gives_cookies |= reply.head.first("set-cookie").is_some();
                path = next[Position::BeforePath..Position::AfterQuery].to_owned();
                if seen.contains(&path) {
                    return Err(in_circles(&next, gives_cookies));
                }
                seen.push(path.clone());
            }
            Leads::To(next) => {
                let origin = next.origin().ascii_serialization();
                return Err(format!(
                    "it leads to another server, {origin}, which was not asked: give the URL there"
                ));
            }
            Leads::Missing => return Err("it has no Location, so that nobody can follow".into()),
            Leads::Broken => return Err("its Location is no URL that can be followed".into()),
            Leads::Nowhere if reply.is_event_stream() => return Ok(target.at(&path)),
            Leads::Nowhere => break,
        }
        let stage = stage.apart();
        let mut request = Request::event_source(&stage.setting);
        request.target = path.clone().into_bytes();
        ask(&stage, "redirected", &request).await;
        match Answer::of(&stage.transcript(), "redirected", &[]) {
            Ok(next) => answer = next,
            Err(judgement) => return Err(judgement.observed),
        }
    }
    Err(match answer.reply().is_some_and(is_redirect) {
        true => {
            format!("it leads on, and on, through more than {REDIRECTS} redirects: clients give up")
        }
        false => format!("it leads to {}, which is no stream", answer.in_words()),
    })
}

/// Redirects that come back to where they were.
fn in_circles(to: &Url, gives_cookies: bool) -> String {
    let path = &to[Position::BeforePath..Position::AfterPath];
    let advice = match gives_cookies {
        true => {
            "who keeps the cookie that comes with it may get on: --header 'Cookie: …' gives one"
        }
        false => "clients give up",
    };
    format!("it leads in circles, to {path} again: {advice}")
}

/// There is a stream that clients take, or none at all.
fn set_stream(offer: &mut Offer, met: bool, reason: &str) {
    offer.set(Need::Sse, met, reason);
    offer.set(Need::Stream, met, reason);
}

/// Whether there is an endpoint that plays scripts. What it makes of the event is for the cases to see: its text alone
/// shows that it obeys. But where events of its own stand beside it, no case could tell them from those that a value forged.
pub(super) async fn plays(setting: &Setting) -> Outcome {
    if setting.script.is_none() {
        return Outcome::unmet("give the URL of an endpoint that plays scripts: --script URL");
    }
    let stage = Stage::new(setting.clone(), "script", crate::case::ORDINARY_WEIGHT);
    let text = format!("pushspec{:08x}", stage.random("script").next_u32());
    let asked = serde_json::json!([{ "data": text }]);
    let mut exchange = script::open(&stage, "script", &[RequestFacts::GET]).await;
    exchange.send(&script::request(setting, &asked)).await;
    // In the content, for chunks may cut it anywhere; on the wire, where the framing is broken.
    let came = |heard: &Replies| {
        let content = heard.first().map(Reply::content).unwrap_or_default();
        let transcript = stage.transcript();
        let received = transcript
            .connection("script")
            .map_or(Vec::new(), Connection::received);
        let is_text = |window: &[u8]| window == text.as_bytes();
        [content, received]
            .iter()
            .any(|bytes| bytes.windows(text.len()).any(is_text))
    };
    let patience = setting.timing.patience;
    let met = |heard: &Replies| came(heard) || script::is_over(heard);
    exchange.listen_until(LATE * patience, met).await;
    let came = came(exchange.heard());
    if came {
        exchange
            .listen_until(setting.timing.at_once, script::is_over)
            .await;
    }
    drop(exchange);
    let transcript = stage.transcript();
    let answer = match Answer::of(&transcript, "script", &[]) {
        Ok(answer) => answer,
        Err(judgement) => {
            return Outcome::unmet(format!("at the script endpoint, {}", judgement.observed));
        }
    };
    let own = |reply: &Reply| {
        let read = Read::of(reply);
        let own = read
            .events
            .into_iter()
            .find(|got| !got.data.contains(&text));
        own.map(|got| {
            let (event, data) = (got.event.as_bytes(), got.data.as_bytes());
            format!(
                "`{}` with \"{}\"",
                printable(event, 40),
                printable(data, 40)
            )
        })
    };
    match (came, answer.reply()) {
        (true, Some(reply)) if reply.is_event_stream() && own(reply).is_some() => {
            Outcome::unmet(format!(
                "the script endpoint sends events of its own beside those of the script, such as {}: it has to send what it is \
                 asked for and nothing else, so that what a value forges can be told",
                own(reply).unwrap_or_default()
            ))
        }
        (true, Some(reply)) if reply.is_event_stream() => Outcome::met("a script was played"),
        (false, Some(reply)) if reply.is_event_stream() => Outcome::unmet(format!(
            "the script endpoint answered {asked} by an event stream without that event"
        )),
        (true | false, _) => Outcome::unmet(format!(
            "the script endpoint answered {asked} by {}",
            answer.in_words()
        )),
    }
}

fn is_redirect(reply: &Reply) -> bool {
    matches!(reply.head.status, 301..=303 | 307 | 308)
}

/// What to do about an answer that is no event stream.
fn advice(answer: &Answer) -> &'static str {
    match answer.reply() {
        Some(reply) if matches!(reply.head.status, 401 | 403) => "give credentials with `--header`",
        Some(reply) if matches!(reply.head.status, 405 | 501) => {
            "give the URL of an event stream, or ask as its clients do: --method POST --body FILE"
        }
        Some(_) | None => "give the URL of an event stream",
    }
}

/// The same where the answer is one to POST.
fn advice_on_post(answer: &Answer) -> &'static str {
    match answer.status() {
        Some(200..=299) => {
            "a server of MCP may choose so, and most others stream only if the body asks for it, as by \"stream\": true"
        }
        Some(300..=399) => "give the URL that it leads to",
        Some(401 | 403) => "give credentials with `--header`",
        Some(404) => "give the URL of an endpoint",
        Some(405) => "ask by GET, or give the URL of an endpoint that takes POST",
        Some(406) => "say what it is to answer with: --header 'Accept: …'",
        Some(415) => "say what the body is: --header 'Content-Type: …'",
        Some(429) => "wait until it takes requests again, or raise its limit",
        Some(400..=499) => "is it the body that it wants? --body FILE",
        Some(_) | None => "is it an endpoint that streams?",
    }
}
