//! Judges of offers, asked about hand-made answers.

use super::answer::{HINTED, OFFERED};
use crate::declared::Reading;
use crate::ws::after_fault::TWIN;
use crate::ws::scene::{Scene, transcript};
use pushspec_reports::Verdict;

const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

fn scene(offer: &str, response: &str) -> Scene {
    let request =
        format!("GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\r\n");
    Scene::silent()
        .we_write(request.as_bytes())
        .they(response.as_bytes())
}

/// What this case says of this answer, where the twin is accepted.
fn said(id: &str, offer: &str, answer: &str) -> (Verdict, String) {
    let id = format!("ws/pmd-neg/{id}");
    let case = super::cases().into_iter().find(|case| case.id == id);
    let offer = format!("Sec-WebSocket-Extensions: {offer}\r\n");
    let transcript = transcript([
        (OFFERED, scene(&offer, answer)),
        (TWIN, scene("", &format!("{HEAD}\r\n"))),
    ]);
    let judgement = case
        .expect("a case")
        .experiment
        .judge(&transcript, &Reading::default());
    (
        judgement.verdict,
        judgement.requirement.unwrap_or_default().into(),
    )
}

fn accepted(answer: &str) -> String {
    format!("{HEAD}Sec-WebSocket-Extensions: {answer}\r\n\r\n")
}

/// Who refuses every offer without the hint is told of by one case; the others look at the same offer with it.
#[test]
fn an_offer_that_wants_the_hint_is_judged_with_it() {
    let offer = |text: &str| format!("Sec-WebSocket-Extensions: permessage-deflate{text}\r\n");
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let hint = "; client_max_window_bits";
    let rows = [
        (
            "server-nct",
            "; server_no_context_takeover",
            "; server_no_context_takeover",
            Verdict::Pass,
        ),
        (
            "server-nct",
            "; server_no_context_takeover",
            "; client_max_window_bits=10",
            Verdict::Fail,
        ),
        ("unknown-param-foo", "; foo", "", Verdict::Fail),
    ];
    for (id, parameters, answer, expected) in rows {
        let id = format!("ws/pmd-neg/{id}");
        let case = super::cases().into_iter().find(|case| case.id == id);
        let answer = accepted(&format!("permessage-deflate{answer}"));
        let transcript = transcript([
            (OFFERED, scene(&offer(parameters), refused)),
            (TWIN, scene("", &format!("{HEAD}\r\n"))),
            (
                HINTED,
                scene(&offer(&format!("{parameters}{hint}")), &answer),
            ),
        ]);
        let case = case.expect("a case");
        let judgement = case.experiment.judge(&transcript, &Reading::default());
        assert_eq!(judgement.verdict, expected, "{}", judgement.observed);
        assert!(judgement.observed.contains("ws/pmd-neg/plain judges that"));
    }
}

#[test]
fn answers_are_held_to_the_offer() {
    let rows = [
        ("plain", "", "permessage-deflate", Verdict::Pass, ""),
        (
            "plain",
            "",
            "permessage-deflate; server_max_window_bits=12",
            Verdict::Pass,
            "",
        ),
        (
            "plain",
            "",
            "permessage-deflate; server_max_window_bits=9",
            Verdict::Warn,
            "rfc7692/7.3/small-window-discouraged",
        ),
        (
            "plain",
            "",
            "permessage-deflate; client_max_window_bits=12",
            Verdict::Fail,
            "rfc7692/7.1.2.2/client-mwb-not-unless-offered",
        ),
        (
            "plain",
            "",
            "permessage-deflate; foo",
            Verdict::Fail,
            "rfc7692/7.1/response-only-defined-parameters",
        ),
        (
            "plain",
            "",
            "permessage-deflate, permessage-deflate",
            Verdict::Fail,
            "rfc7692/5/no-rsv1-conflict",
        ),
        (
            "client-mwb-bare",
            "; client_max_window_bits",
            "permessage-deflate; client_max_window_bits",
            Verdict::Fail,
            "rfc7692/7.1.2.2/client-mwb-answer-needs-value",
        ),
        (
            "client-mwb-9",
            "; client_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=10",
            Verdict::Info,
            "",
        ),
        (
            "client-mwb-9",
            "; client_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=9",
            Verdict::Pass,
            "",
        ),
        (
            "server-mwb-9",
            "; server_max_window_bits=9",
            "permessage-deflate",
            Verdict::Fail,
            "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
        ),
        (
            "server-mwb-9",
            "; server_max_window_bits=9",
            "permessage-deflate; server_max_window_bits=8",
            Verdict::Pass,
            "",
        ),
        (
            "server-mwb-9",
            "; server_max_window_bits=9",
            "permessage-deflate; server_max_window_bits=09",
            Verdict::Fail,
            "rfc7692/7.1.2.1/server-mwb-value",
        ),
        (
            "server-nct",
            "; server_no_context_takeover",
            "permessage-deflate",
            Verdict::Fail,
            "rfc7692/7.1.1.1/server-nct-acknowledged",
        ),
        (
            "server-nct",
            "; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover=true",
            Verdict::Fail,
            "rfc7692/7.1.1.1/server-nct-no-value",
        ),
        (
            "bad-value-server-mwb-7",
            "; server_max_window_bits=7",
            "permessage-deflate",
            Verdict::Fail,
            "",
        ),
        (
            "quoted",
            "; server_max_window_bits=\"10\"",
            "permessage-deflate; server_max_window_bits=15",
            Verdict::Fail,
            "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
        ),
        (
            "server-mwb-14",
            "; server_max_window_bits=14",
            "permessage-deflate",
            Verdict::Fail,
            "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
        ),
        // The largest window is what holds without the parameter too.
        (
            "server-mwb-15",
            "; server_max_window_bits=15",
            "permessage-deflate",
            Verdict::Warn,
            "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
        ),
        (
            "fallback-window-10",
            "; server_max_window_bits=10, permessage-deflate",
            "permessage-deflate",
            Verdict::Pass,
            "",
        ),
        (
            "fallback-window-10",
            "; server_max_window_bits=10, permessage-deflate",
            "permessage-deflate; client_max_window_bits=12",
            Verdict::Fail,
            "rfc7692/7.1.2.2/client-mwb-not-unless-offered",
        ),
        (
            "fallback-unknown-param",
            "; foo=1, permessage-deflate",
            "permessage-deflate; foo=1",
            Verdict::Fail,
            "rfc7692/7.1/response-only-defined-parameters",
        ),
    ];
    for (id, offer, answer, verdict, requirement) in rows {
        let offer = format!("permessage-deflate{offer}");
        let expected = (verdict, requirement.to_owned());
        assert_eq!(
            said(id, &offer, &accepted(answer)),
            expected,
            "{id}: {answer}"
        );
    }
}

#[test]
fn a_refusal_weighs_what_the_offer_deserves() {
    let refusal = |status: u16| format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
    for (id, status, verdict) in [
        ("plain", 400, Verdict::Fail),
        ("server-mwb-8", 500, Verdict::Fail),
        ("quoted", 500, Verdict::Warn),
        ("bad-value-server-mwb-7", 400, Verdict::Warn),
        ("bad-value-server-mwb-7", 500, Verdict::Fail),
        ("bad-value-server-mwb-empty", 400, Verdict::Pass),
        ("unknown-param-foo", 400, Verdict::Warn),
        ("name-case", 400, Verdict::Info),
    ] {
        assert_eq!(said(id, "x", &refusal(status)).0, verdict, "{id} {status}");
    }
}
