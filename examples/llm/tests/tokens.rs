//! The program prints what a peer says in the form of a language model's answer, whatever else the stream holds.

use std::process::Stdio;
use std::sync::Arc;

use pushspec_fixtures::sse::Faithful;
use pushspec_fixtures::wire::listen;
use serde_json::{Value, json};
use tokio::process::Command;

/// Every byte but letters and digits percent-encoded.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn token(text: &str) -> Value {
    let chunk = json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    json!({"data": chunk.to_string()})
}

#[tokio::test]
async fn tokens_are_printed_as_they_come() {
    let peer = listen(Arc::new(Faithful::new()), "127.0.0.1:0")
        .await
        .unwrap();
    let script = json!([
        {"data": r#"{"choices": [{"delta": {"role": "assistant"}}]}"#},
        {"comment": "keep-alive"},
        token("Grüße, "),
        token("Welt 🌍"),
        token("!\n"),
        {"data": "[DONE]"},
        token("never printed"),
    ]);
    let url = format!(
        "http://{}/?script={}",
        peer.address,
        encoded(&script.to_string())
    );
    let program = Command::new(env!("CARGO_BIN_EXE_llm"))
        .arg(url)
        .stderr(Stdio::inherit())
        .output()
        .await;
    let output = program.unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "Grüße, Welt 🌍!\n"
    );
}
