//! A user's own cookie goes with every request, in the one line that clients send, whatever a case or the target adds to it.

use crate::bench::Bench;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::sse::faulty::policy::Answer;
use pushspec_fixtures::sse::{Faulty, Policy};
use pushspec_reports::Verdict;
use std::sync::Arc;

const FORBIDDEN: Answer = Answer::Plain {
    status: (403, "Forbidden"),
    fields: &[],
    body: "",
};

/// Behind a login, and behind a balancer that keeps each client where it was.
#[test]
fn whoever_is_logged_in_stays_so() {
    let mut policy = Policy::default();
    policy.add("set-cookie", "balancer=3; Path=/");
    policy.when(
        |request| {
            let is_user = || {
                let cookies = request.value("cookie").unwrap_or_default();
                cookies.split("; ").any(|cookie| cookie == "user=7")
            };
            request.values("cookie").count() != 1 || !is_user()
        },
        FORBIDDEN,
    );
    let bench = Bench {
        declared: Some(Declared {
            headers: vec![("Cookie".into(), "theme=dark; user=7".into())],
            ..Declared::default()
        }),
        ..Bench::default()
    };
    let patterns = [
        "sse/rec/no-id",
        "sse/rec/with-id",
        "sse/resp/extra-fields",
        "sse/everyday/cookies",
    ];
    let report = bench.check(Protocol::EventStream, &patterns, move || {
        Arc::new(Faulty::new(policy.clone()))
    });
    assert_eq!(report.results.len(), patterns.len());
    for result in report.results {
        let told = format!("{}: {}", result.case, result.observed);
        assert_eq!(result.verdict, Verdict::Pass, "{told}");
    }
}
