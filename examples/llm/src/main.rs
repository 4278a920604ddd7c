//! Prints the tokens of a language model's answer as they come: `llm URL`.

use futures_util::TryStreamExt;
use pushspec_parser::sse::Events;
use std::io::{Write as _, stdout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("usage: llm URL")?;
    let mut events = Events::new(reqwest::get(url).await?.error_for_status()?.bytes_stream());
    while let Some(event) = events.try_next().await?
        && event.data != "[DONE]"
    {
        let chunk: serde_json::Value = serde_json::from_str(&event.data)?;
        let token = &chunk["choices"][0]["delta"]["content"];
        print!("{}", token.as_str().unwrap_or_default());
        stdout().flush()?;
    }
    Ok(())
}
