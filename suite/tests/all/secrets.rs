//! What the user gave as a secret reaches no output, in whatever form it travelled: the peer sends all of it back, in every
//! place that there is.

use crate::stub::{answer_to_frame, serve};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pushspec_reports::render::Format;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};

/// The secrets as people know them, by where they are planted.
const PLANTED: [(&str, &str); 17] = [
    ("a bearer token", "bearer-7f3a/0b51=="),
    ("a header of the command line", "api-key-5521cc"),
    ("a cookie", "cookie-9e1d77"),
    ("a second cookie", "refresh-1c20ee"),
    ("the environment", "env-token-a81b44"),
    ("the configuration file", "file-token-c0ffee"),
    ("a field with credentials", "basic-pass-3e3e"),
    ("the user of the URL", "url-user-4d2e"),
    ("the password of the URL", "url/pass-88ad"),
    ("the query of the URL", "query+token/31b9"),
    ("the password of the other endpoint", "other-pass-6d5f"),
    ("the query of the other endpoint", "other-query-77aa"),
    ("the user of the other endpoint", "other-user-0d0d"),
    ("a value with marks", "a\"marks/7<f>&8e'"),
    ("a value within a field", "within-77"),
    ("the query of the protected path", "protected-40aa"),
    ("the query of the redirecting path", "redirecting-51bb"),
];

/// What runs: enough to hear the peer in each place, and no family in which it keeps everyone waiting.
const CASES: [&str; 13] = [
    "ws/hs/minimal",
    "ws/hs/accept-once",
    "ws/hs/raw-http-strict",
    "ws/auth/*",
    "ws/hs-neg/no-key",
    "ws/hs-neg/plain-get",
    "ws/ctl/ping-*",
    "ws/close/codes-valid-*",
    "ws/close/reason-13",
    "ws/passive/*",
    "sse/resp/*",
    "sse/enc/simple",
    "sse/passive/*",
];

fn planted(place: &str) -> &'static str {
    let found = PLANTED.iter().find(|(name, _)| *name == place);
    found.expect("a secret").1
}

fn percent_encoded(text: &str) -> String {
    text.replace('/', "%2F")
        .replace('+', "%2B")
        .replace('=', "%3D")
        .replace('"', "%22")
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(text: &str, escapes: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in escapes {
        text = text.replace(from, to);
    }
    text
}

/// What the peer says: each secret plain, percent-encoded, in base64, in hexadecimal, and as JSON and HTML have it; and user
/// information as it is sent.
static SAID: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut said = BTreeSet::new();
    for (_, secret) in PLANTED {
        said.insert(secret.to_owned());
        said.insert(percent_encoded(secret));
        said.insert(STANDARD.encode(secret));
        said.insert(percent_encoded(secret).to_lowercase());
        said.insert(hex(secret).to_uppercase());
        said.insert(escaped(secret, &[("\"", "\\\""), ("/", "\\/")]));
        said.insert(escaped(secret, &[("\"", "\\u0022"), ("<", "\\u003c")]));
        let html = [
            ("&", "&amp;"),
            ("\"", "&quot;"),
            ("<", "&lt;"),
            (">", "&gt;"),
        ];
        said.insert(escaped(secret, &html));
        said.insert(escaped(
            &escaped(secret, &html),
            &[("&quot;", "&#34;"), ("'", "&#39;")],
        ));
    }
    for [user, password] in [
        ["the user of the URL", "the password of the URL"],
        [
            "the user of the other endpoint",
            "the password of the other endpoint",
        ],
    ] {
        let pair = format!("{}:{}", planted(user), planted(password));
        said.insert(STANDARD.encode(&pair));
    }
    let credentials = format!("basic-user:{}", planted("a field with credentials"));
    said.insert(STANDARD.encode(&credentials));
    said.into_iter().collect()
});

/// What must stand in no output: what the peer says, also as a hex dump has it.
fn forbidden() -> Vec<String> {
    let dumped = |text: &String| {
        let pairs: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        [pairs.concat(), pairs.join(" ")]
    };
    let said = SAID.iter();
    said.clone().flat_map(dumped).chain(said.cloned()).collect()
}

/// Sends everything back wherever a server can: reason phrase, fields, body, messages, pings, the reason of a Close, names,
/// ids, data and comments of events.
fn gossip(scheme: &str, mut stream: TcpStream, number: usize, heard: &Mutex<Vec<u8>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    heard.lock().expect("no panic").extend(&head);
    let text = String::from_utf8_lossy(&head).into_owned();
    let all = SAID.join(" ");
    let one = &SAID[number % SAID.len()];
    let fields = format!("X-Told: {all}\r\nSet-Cookie: {one}\r\n");
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    // What is no ordinary request is refused.
    if key.is_none() && (scheme == "ws" || !text.starts_with("GET ")) {
        let body = format!("<p>{all}</p>{text}");
        let length = body.len();
        let refusal = format!(
            "HTTP/1.1 401 {one}\r\nWWW-Authenticate: Basic realm=\"{all}\"\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        );
        let _ = stream.write_all(refusal.as_bytes());
        return;
    }
    let Some(key) = key else {
        let events = format!(
            ": {all}\n\nevent: {one}\nid: {one}\n{all}\ndata: {all}\n\nretry: {one}\ndata: {one}"
        );
        let stream_head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
        let _ = stream.write_all(format!("{stream_head}{fields}\r\n{events}").as_bytes());
        return;
    };
    let accept = pushspec_parser::http::accept_value(key.as_bytes());
    let switched = format!(
        "HTTP/1.1 101 {one}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{fields}\r\n"
    );
    let _ = stream.write_all(switched.as_bytes());
    let frame = |first: u8, text: &str| [&[first, text.len() as u8], text.as_bytes()].concat();
    while let Some(answer) = answer_to_frame(&mut stream) {
        for (index, secret) in SAID.iter().enumerate() {
            let opcode = [0x81, 0x89, 0x8a][index % 3];
            let _ = stream.write_all(&frame(opcode, secret));
        }
        if answer[0] == 0x88 {
            let reason = [&[0x03, 0xe8], one.as_bytes()].concat();
            let _ = stream.write_all(&[&[0x88, reason.len() as u8], reason.as_slice()].concat());
            return;
        }
        let _ = stream.write_all(&answer);
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Runs everything against the peer, and gives all that was written and said, each with its name.
fn outputs(scheme: &str, other: &str) -> Vec<(String, String)> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let port = {
        let heard = Arc::clone(&heard);
        let scheme = scheme.to_owned();
        serve(move |stream, number| gossip(&scheme, stream, number, &heard))
    };
    let folder = folder(&format!("secrets-{scheme}"));
    let credentials = STANDARD.encode(format!(
        "basic-user:{}",
        planted("a field with credentials")
    ));
    let file = format!(
        "[declared]\nprotected-path = \"/members?key={}\"\nredirecting-path = \"/old?key={}\"\nheaders = {{ X-File = \"{}\", X-Credentials = \"Basic {credentials}\" }}\nheaders-from = {{ X-Env = \"PLANTED\" }}\n",
        planted("the query of the protected path"),
        planted("the query of the redirecting path"),
        planted("the configuration file")
    );
    fs::write(folder.join("pushspec.toml"), file).expect("written");
    let url = format!(
        "{scheme}://{}:{}@127.0.0.1:{port}/?room=1&token={}",
        planted("the user of the URL"),
        percent_encoded(planted("the password of the URL")),
        percent_encoded(planted("the query of the URL")),
    );
    let endpoint = format!(
        "{scheme}://{}:{}@127.0.0.1:{port}/other?key={}",
        planted("the user of the other endpoint"),
        planted("the password of the other endpoint"),
        planted("the query of the other endpoint"),
    );
    let bearer = format!("X-Authorization: Bearer {}", planted("a bearer token"));
    let key = format!("X-Api-Key: {}", planted("a header of the command line"));
    let marks = format!("X-Marks: {}", planted("a value with marks"));
    let within = format!(
        "X-Within: {{\"token\":\"{}\"}}",
        planted("a value within a field")
    );
    let cookies = format!(
        "Cookie: session={}; refresh={}",
        planted("a cookie"),
        planted("a second cookie")
    );
    let reports = Format::ALL.map(|format| format!("--report={format}=report.{format}"));
    let output = Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(["check", &url, other, &endpoint, "--verbose"])
        .args(["--header", &bearer, "--header", &key, "--header", &cookies])
        .args(["--header", &marks, "--header", &within])
        .args(["--patience", "0.5", "--observe", "0.5"])
        .args(CASES.iter().flat_map(|case| ["--case", case]))
        .args(&reports)
        .env("PLANTED", planted("the environment"))
        .current_dir(&folder)
        .output()
        .expect("the binary runs");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut outputs = vec![
        ("standard output".into(), said(&output.stdout)),
        ("standard error".into(), said(&output.stderr)),
    ];
    for format in Format::ALL {
        let text = fs::read_to_string(folder.join(format!("report.{format}")));
        outputs.push((format.to_string(), text.expect("it was written")));
    }
    // They were on the wire, or the test would show nothing.
    let heard = said(&heard.lock().expect("no panic"));
    for (place, secret) in PLANTED {
        let sent = [secret.to_owned(), percent_encoded(secret)];
        // Which path is asked for depends on the protocol.
        let elsewhere = place.contains("path");
        let encoded =
            place.contains("user") || place.contains("password") || place.contains("credentials");
        assert!(
            elsewhere || encoded || sent.iter().any(|form| heard.contains(form)),
            "{place} was not sent"
        );
    }
    let basic = "Authorization: Basic ";
    assert!(heard.contains(basic), "user information was not sent");
    outputs
}

fn nothing_leaks(scheme: &str, other: &str) {
    let outputs = outputs(scheme, other);
    let forbidden = forbidden();
    assert!(
        PLANTED
            .iter()
            .all(|(_, secret)| forbidden.contains(&hex(secret)))
    );
    let json = outputs
        .iter()
        .find(|(name, _)| name == "json")
        .expect("JSON");
    assert!(
        json.1.len() > 100_000,
        "a run with much to tell: {}",
        json.1.len()
    );
    for (name, text) in &outputs {
        for secret in &forbidden {
            if let Some(at) = text.find(secret.as_str()) {
                let from = text.floor_char_boundary(at.saturating_sub(200));
                let to = text.ceil_char_boundary((at + 200).min(text.len()));
                panic!("{secret} stands in {name}:\n{}", &text[from..to]);
            }
        }
    }
}

#[test]
fn no_secret_of_a_websocket_run_reaches_an_output() {
    nothing_leaks("ws", "--command");
}

#[test]
fn no_secret_of_an_event_stream_run_reaches_an_output() {
    nothing_leaks("http", "--script");
}

#[test]
fn what_cannot_be_used_is_told_without_its_value() {
    let folder = folder("secrets-usage");
    let broken = [
        (
            "syntax.toml",
            "[declared]\nprotected-path = \"/members?key={}\"\nredirecting-path = \"/old?key={}\"\nheaders = { Authorization = \"hunter2-pass }\n",
        ),
        ("type.toml", "[declared]\nheaders = \"hunter2-pass\"\n"),
        (
            "key.toml",
            "[declared]\nheader = { Authorization = \"hunter2-pass\" }\n",
        ),
    ];
    let mut rows: Vec<Vec<&str>> = vec![
        vec!["tcp://user:hunter2-pass@127.0.0.1/"],
        vec!["ws://user:hunter2-pass@127.0.0.1:x/"],
        vec![
            "ws://127.0.0.1:1/",
            "--header",
            "Authorization hunter2-pass",
        ],
        vec![
            "ws://127.0.0.1:1/",
            "--command",
            "ftp://a:hunter2-pass@127.0.0.1/",
        ],
        vec!["ws://user:hunter2-pass#x@127.0.0.1/"],
        vec!["ws://user:hunter2-pass?x@127.0.0.1/"],
        vec!["ws://127.0.0.1/#access_token=hunter2-pass"],
        vec![
            "ws://127.0.0.1:1/",
            "--origin",
            "https://u:hunter2-pass@a.test",
        ],
    ];
    for (name, text) in broken {
        fs::write(folder.join(name), text).expect("written");
        rows.push(vec!["ws://127.0.0.1:1/", "--config", name]);
    }
    for row in rows {
        let output = Command::new(env!("CARGO_BIN_EXE_pushspec"))
            .arg("check")
            .args(&row)
            .current_dir(&folder)
            .output()
            .expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{row:?}: {said}");
        assert!(!said.contains("hunter2-pass"), "{said}");
        assert!(said.len() > 20, "{row:?}: {said}");
    }
}
