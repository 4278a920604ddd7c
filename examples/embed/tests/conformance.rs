//! One trial for each case of pushspec: `cargo test`, or `cargo nextest run`.

fn main() -> std::process::ExitCode {
    pushspec::harness(pushspec::Protocol::WebSocket, embed::start).run()
}
