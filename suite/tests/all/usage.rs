//! What is asked wrongly: the run ends before it begins, and says what to do.

use crate::command::{ends_with, file, outcome, pushspec};
use crate::stub::{answer, serve};

#[test]
fn a_filter_that_matches_nothing() {
    let port = serve(|stream, _| answer(stream, b""));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/nothing/*"],
        3,
        "no case matched",
    );
}

/// Where nothing matched, the report says what may have been meant.
#[test]
fn what_matches_nothing_is_told_with_what_may_have_been_meant() {
    let port = serve(|stream, _| answer(stream, b""));
    let [frames, stream] = ["ws", "http"].map(|scheme| format!("{scheme}://127.0.0.1:{port}/"));
    for (url, case, told) in [
        (
            &frames,
            "ws/ctl/ping-emty",
            "the nearest is `ws/ctl/ping-empty`",
        ),
        (&frames, "ws/porp/*", "the nearest is `ws/prop/*`"),
        (
            &frames,
            "sse/resp/*",
            "are of event streams, whose scheme is http or https",
        ),
        (
            &stream,
            "autobahn:6.4.1",
            "are of WebSocket servers, whose scheme is ws or wss",
        ),
        (&frames, "ws/limits/*", "need --include"),
    ] {
        ends_with(url, &["--case", case], 3, told);
    }
    let (code, said) = outcome(&pushspec(&["check", &frames, "--case", "ws/limits/*"]));
    assert!(code == 3 && !said.contains("event streams"), "{said}");
    let (code, said) = outcome(&pushspec(&["list", "--case", "ws/porp/*"]));
    assert!(
        code == 3 && said.contains("the nearest is `ws/prop/*`"),
        "{said}"
    );
}

/// The error is the last that is said, behind the list.
#[test]
fn a_fault_that_is_none_is_told_behind_the_list() {
    let output = pushspec(&["serve", "ws", "--fault", "pong-cutt"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("the nearest is `pong-cut`"), "{error}");
    assert!(output.stdout.starts_with(b"  "));
}

#[test]
fn frames_are_no_event_stream() {
    let exchange = r#"{"replay":1,"case":"ws/prop/legal-plain","frames":[{"opcode":9,"key":"00000000","payload":""}]}"#;
    let exchange = file("exchange.json", exchange);
    let exchange = exchange.to_str().expect("UTF-8");
    ends_with(
        "http://127.0.0.1:1/",
        &["--replay", exchange],
        2,
        "its scheme must be ws or wss",
    );
}

#[test]
fn usage_errors() {
    let config = file(
        "broken.toml",
        "targets = [\"ws://127.0.0.1:1/\"]\npatiance = 3\n",
    );
    let config = config.to_str().expect("UTF-8");
    let requiring = file(
        "requiring.toml",
        "targets = [\"ws://127.0.0.1:1/\"]\nrequire = [\"open\", \"stream-limit\"]\n",
    );
    let requiring = requiring.to_str().expect("UTF-8");
    let unsigned = file("unsigned.toml", "jobs = -1\n");
    let unsigned = unsigned.to_str().expect("UTF-8");
    let dated = file(
        "dated.toml",
        "[[known]]\ncase = \"ws/hs/minimal\"\nreason = \"issue 7\"\nexpires = 2027-01-31\n",
    );
    let dated = dated.to_str().expect("UTF-8");
    let aimless = file(
        "aimless.toml",
        "[[known]]\ncase = \"ws/hs/minimal\"\nreason = \"issue 7\"\ntarget = \"elsewhere\"\n",
    );
    let aimless = aimless.to_str().expect("UTF-8");
    file(
        "unreasoned.toml",
        "[[known]]\ncase = \"ws/ctl/ping-text\"\nreason = \"\"\nlink = \"https://a.test/7\"\n",
    );
    let including = file("including.toml", "known-file = [\"unreasoned.toml\"]\n");
    let including = including.to_str().expect("UTF-8");
    let report = file(
        "small.json",
        include_str!("../../../reports/tests/data/small.json"),
    );
    let report = report.to_str().expect("UTF-8");
    let broken = file("broken.json", "{\"prompt\": \"hunter2\",\n}");
    let broken = broken.to_str().expect("UTF-8");
    let long = file("long.json", &format!("\"{}\"", "x".repeat(64 * 1024)));
    let long = long.to_str().expect("UTF-8");
    let posts = file("posts.toml", "method = \"POST\"\nbody = \"broken.json\"\n");
    let posts = posts.to_str().expect("UTF-8");
    let declared = |name: &str, line: &str| {
        let file = file(name, &format!("[declared]\n{line}\n"));
        file.to_str().expect("UTF-8").to_owned()
    };
    let no_streams = declared("no-streams.toml", "stream-limit = 0");
    let no_path = declared("no-path.toml", "redirecting-path = \"old\"");
    let no_origin = declared("no-origin.toml", "allowed-origins = [\"app\"]");
    let rows: &[(&[&str], &str)] = &[
        (
            &["check", "http://127.0.0.1:1/", "--config", &no_streams],
            "[declared] stream-limit: give a number above 0",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--config", &no_path],
            "[declared] redirecting-path: `old` is no path of a request",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--config", &no_origin],
            "allowed-origins `app`: write scheme and host",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--script", "nowhere"],
            "--script: `nowhere` is not a URL",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--body", broken],
            "only a POST carries it: add --method POST",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--method", "PUT"],
            "[possible values: GET, POST]",
        ),
        (
            &[
                "check",
                "http://127.0.0.1:1/",
                "--method",
                "POST",
                "--body",
                "absent.json",
            ],
            "absent.json cannot be read",
        ),
        (
            &[
                "check",
                "http://127.0.0.1:1/",
                "--method",
                "POST",
                "--body",
                broken,
            ],
            "is no JSON (line 2, column 1): mend it, or say what it is: --header 'Content-Type: …'",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--config", posts],
            "is no JSON (line 2, column 1)",
        ),
        (
            &[
                "check",
                "http://127.0.0.1:1/",
                "--method",
                "POST",
                "--body",
                long,
            ],
            "is longer than 64 KiB",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--method", "POST"],
            "must be a http or https URL",
        ),
        (&["check", "127.0.0.1:9001"], "is not a URL"),
        (
            &["check", "ftp://127.0.0.1/"],
            "the scheme must be ws or wss",
        ),
        (&["check", "ws://127.0.0.1/#here"], "leave out `#…`"),
        (&["check"], "no target"),
        (&["check", "--config", config], "unknown field `patiance`"),
        (&["check", "--config", "absent.toml"], "cannot be read"),
        (
            &["check", "ws://127.0.0.1:1/", "--case", "ws/["],
            "is not a pattern",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--report", "yaml=x"],
            "write FORMAT=PATH",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--report",
                "json=absent/x.json",
            ],
            "cannot be written",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--patience", "0"],
            "a number of seconds above 0",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--header", "nonsense"],
            "write `Name: value`",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--header",
                "upgrade: websocket",
            ],
            "header `upgrade`: pushspec writes this field itself",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--header",
                "Sec-WebSocket-Protocol: chat",
            ],
            "say --subprotocol",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--exchanges", config],
            "--exchanges: ",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "ws://127.0.0.1:2/",
                "--exchanges",
                "found",
            ],
            "write {n} into the path for the number of the target",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--script",
                "http://127.0.0.1:2/",
            ],
            "--script goes with targets whose scheme is http or https",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--require", "tls,echo"],
            "--require echo goes with targets whose scheme is ws or wss, and none of these is",
        ),
        (
            &["check", "--config", requiring],
            "--require stream-limit goes with targets whose scheme is http or https",
        ),
        (
            &["check", "ws:/127.0.0.1:1/"],
            "`//` is missing behind the scheme",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--jobs", "0"],
            "a number above 0",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--subprotocol", "a b"],
            "the name must be a token",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--origin", "https://A.test/"],
            "browsers send it as `https://a.test`",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--origin", "nourl"],
            "such as https://app.example, or null",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--case",
                "ws/hs/*",
                "--case",
                "ws/hs/minmal",
            ],
            "matches no case, though others do; the nearest is `ws/hs/minimal`",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--cacert", "absent.pem"],
            "give a PEM file",
        ),
        (
            &["check", "--config", unsigned],
            "line 1, column 8: invalid value: integer `-1`, expected a whole number, 0 or above",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--config", dated],
            "line 4, column 11: expected text in quotes",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--config", aimless],
            "aimless.toml: known failure `ws/hs/minimal`: target `elsewhere` is not a URL",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--config", including],
            "unreasoned.toml: known failure `ws/ctl/ping-text` has no reason",
        ),
        (
            &["baseline", "write", report, "-o", config],
            "holds more than known failures, which would be lost",
        ),
        (
            &["explain", "ws/hs/minmal"],
            "the nearest is `ws/hs/minimal`",
        ),
        (
            &["check", "wss://127.0.0.1:1/", "--cacert", "absent.pem"],
            "give a PEM file",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--start", "'unbalanced"],
            "unbalanced quote",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--start", "no-such-program"],
            "cannot be started",
        ),
        (
            &["explain", "ws/no/such"],
            "is neither a case nor a requirement",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--no-such-flag"],
            "--no-such-flag",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--include", "resume"],
            "[possible values: long, hardening]",
        ),
        (
            &["serve", "ws", "--fault", "no-such"],
            "\n  pong-none-for-empty: does not answer empty pings\n",
        ),
    ];
    for (args, message) in rows {
        let (code, said) = outcome(&pushspec(args));
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(
            said.contains(message),
            "{args:?}: `{message}` is missing from:\n{said}"
        );
    }
}
